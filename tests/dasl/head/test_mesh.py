"""Tests of normals and of the split along seams."""

import numpy as np

from dasl.head.mesh import split_expression_basis, split_mesh, vertex_normals
from dasl.head.surface import head_surface
from tests.dasl.painted_head import head_model


def test_the_normals_of_an_octahedron_point_along_its_vertices() -> None:
    corners = np.array(
        [[1, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=np.float32
    )
    upper = [[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4]]
    lower = [[1, 0, 5], [2, 1, 5], [3, 2, 5], [0, 3, 5]]
    normals = vertex_normals(corners, np.array(upper + lower))
    np.testing.assert_allclose(normals, corners, atol=1e-6)


def test_a_vertex_without_area_gets_a_unit_normal_and_not_nan() -> None:
    normals = vertex_normals(np.zeros((4, 3), np.float32), np.array([[0, 1, 2]]))
    np.testing.assert_array_equal(normals, [[0, 0, 1]] * 4)


def test_splitting_keeps_every_triangle_where_it_is() -> None:
    model = head_model()
    mesh = split_mesh(model, model.mean_vertices)
    of_model = mesh.triangles[: len(model.triangles)]
    np.testing.assert_array_equal(
        mesh.vertices[of_model], model.mean_vertices.numpy()[model.triangles.numpy()]
    )
    assert len(mesh.vertices) == len(mesh.normals) == len(mesh.uv)
    np.testing.assert_array_equal(mesh.uv[: len(model.uv)], model.uv)


def test_the_lid_under_the_neck_is_flat_shaded_and_of_one_colour() -> None:
    model = head_model()
    mesh, rim = split_mesh(model, model.mean_vertices), head_surface(model).rim
    lid = slice(len(model.uv), None)
    assert len(mesh.vertices[lid]) == len(rim) + 1
    np.testing.assert_array_equal(mesh.vertices[lid][:-1], model.mean_vertices.numpy()[rim])
    assert (mesh.normals[lid, 1] < -0.9).all()
    assert len(np.unique(mesh.uv[lid], axis=0)) == 1
    assert len(mesh.triangles) == len(model.triangles) + len(rim)


def test_the_face_alone_has_no_lid() -> None:
    model = head_model()
    mesh, surface = split_mesh(model, model.mean_vertices, "face"), head_surface(model, "face")
    assert len(mesh.vertices) == len(surface.uv)
    assert len(mesh.triangles) == len(surface.triangles)


def test_the_normals_of_the_head_point_outwards_and_agree_across_seams() -> None:
    model = head_model()
    mesh = split_mesh(model, model.mean_vertices)
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-5)
    nose_tip = mesh.vertices[:, 2].argmax()
    back = mesh.vertices[:, 2].argmin()
    assert mesh.normals[nose_tip, 2] > 0.5
    assert mesh.normals[back, 2] < -0.5
    source = model.uv_vertex.numpy()
    normals = mesh.normals[: len(source)]
    first = np.unique(source, return_index=True)[1][source]
    np.testing.assert_array_equal(normals, normals[first])


def test_the_split_basis_moves_split_vertices_as_the_model_moves_its_own() -> None:
    model = head_model()
    basis = split_expression_basis(model)
    rim = head_surface(model).rim
    assert basis.shape == (model.expression_count, len(model.uv) + len(rim) + 1, 3)
    np.testing.assert_array_equal(basis[:, len(model.uv) : -1], model.expression_basis[:, rim])
    np.testing.assert_array_equal(
        basis[:, 7], model.expression_basis[:, model.uv_vertex[7]].numpy()
    )
