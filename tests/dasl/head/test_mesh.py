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
    mesh, surface = split_mesh(model, model.mean_vertices), head_surface(model)
    of_skin = mesh.triangles[: len(surface.triangles)]
    points = surface.points(model.mean_vertices)
    np.testing.assert_array_equal(mesh.vertices[of_skin], points[surface.triangles])
    assert len(mesh.vertices) == len(mesh.normals) == len(mesh.uv)
    np.testing.assert_array_equal(mesh.uv[: len(model.uv)], model.uv)


def test_the_lid_under_the_neck_is_flat_shaded_and_of_one_colour() -> None:
    model = head_model()
    mesh, surface = split_mesh(model, model.mean_vertices), head_surface(model)
    rim, lid = surface.rim, slice(len(surface.uv), None)
    assert len(mesh.vertices[lid]) == len(rim) + 1
    points = surface.points(model.mean_vertices)
    np.testing.assert_array_equal(mesh.vertices[lid][:-1], points[rim])
    assert (mesh.normals[lid, 1] < -0.9).all()
    assert len(np.unique(mesh.uv[lid], axis=0)) == 1
    assert len(mesh.triangles) == len(surface.triangles) + len(rim)


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
    source = model.uv_vertex
    normals = mesh.normals[: len(source)]
    first = np.unique(source, return_index=True)[1][source]
    np.testing.assert_array_equal(normals, normals[first])


def test_new_vertices_of_the_outline_have_normals_from_between_their_neighbours() -> None:
    model = head_model()
    mesh, surface = split_mesh(model, model.mean_vertices), head_surface(model)
    of_model = vertex_normals(model.mean_vertices, model.triangles)
    count = len(model.uv)
    np.testing.assert_array_equal(mesh.normals[:count], of_model[model.uv_vertex])
    new = slice(count, len(surface.uv))
    np.testing.assert_allclose(np.linalg.norm(mesh.normals[new], axis=1), 1.0, atol=1e-5)
    points = surface.points(model.mean_vertices)
    own = vertex_normals(points, surface.triangles)[surface.uv_vertex][new]
    apart_deg = np.degrees(np.arccos((own * mesh.normals[new]).sum(axis=1).clip(-1, 1)))
    assert np.percentile(apart_deg, 99) < 15
    assert apart_deg.max() < 45


def test_the_split_basis_moves_split_vertices_as_the_model_moves_its_own() -> None:
    model = head_model()
    basis = split_expression_basis(model)
    surface = head_surface(model)
    rim, count = surface.rim, len(surface.uv)
    assert basis.shape == (model.expression_count, count + len(rim) + 1, 3)
    of_points = surface.points(model.expression_basis)
    np.testing.assert_array_equal(basis[:, count:-1], of_points[:, rim])
    np.testing.assert_array_equal(basis[:, 7], model.expression_basis[:, model.uv_vertex[7]])
