"""Tests of `Face`: what it holds, its textured mesh."""

import dataclasses

import numpy as np
import pytest

from dasl.errors import ShapeError
from dasl.export.options import HeadOptions
from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.frames import image_from_model
from dasl.head.surface import head_surface
from dasl.reconstruction.face import Face, faces_from_coefficients
from eval.meshes.rays import cast_along_z, pixel_grid
from tests.dasl.painted_head import coefficients, head_model, painted_face, photograph


@pytest.fixture(scope="module")
def face() -> Face:
    return painted_face(20.0, {"jawOpen": 0.3})


def test_shapes_and_types_are_those_of_the_contract(face: Face) -> None:
    model = head_model()
    assert (face.landmarks.shape, face.landmarks.dtype) == ((68, 3), np.float32)
    assert face.vertices.dtype == np.float32
    assert len(face.vertices) >= 18_000
    assert face.triangles.dtype == np.int32
    assert face.triangles.max() == len(face.vertices) - 1
    assert face.identity.shape == (model.identity_count,)
    assert tuple(face.expression) == model.expression_names
    assert face.expression["jawOpen"] == pytest.approx(0.3)
    assert face.box.tolist() == [120.0, 110.0, 330.0, 380.0]
    assert face.confidence == 0.8


def test_the_pose_is_that_of_the_coefficients(face: Face) -> None:
    pose = face.pose
    assert (pose.yaw_deg, pose.pitch_deg, pose.roll_deg) == pytest.approx((20, 5, 3), abs=1e-3)
    assert np.linalg.det(pose.rotation) == pytest.approx(1.0, abs=1e-5)
    assert pose.scale == 1000.0
    assert pose.translation.tolist() == [225.0, 225.0]


def test_vertices_lie_on_the_photo_where_the_pose_puts_the_model(face: Face) -> None:
    found = face.head.coefficients
    vertices = head_model().vertices(found.identity, found.expression)[0]
    dense = head_model().subdivide(vertices)
    view = face.pose.scale * dense @ face.pose.rotation.T
    np.testing.assert_allclose(face.vertices[:, 0], 225.0 + view[:, 0], atol=1e-2)
    np.testing.assert_allclose(face.vertices[:, 1], 225.0 - view[:, 1], atol=1e-2)


def test_triangles_are_outward_in_the_model_frame(face: Face) -> None:
    dense = head_model().subdivide(face.head.vertices_model()).astype(np.float64)
    corners = dense[face.triangles]
    volume = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum()
    assert volume > 0


def test_each_face_of_a_batch_is_the_one_made_alone() -> None:
    photo = photograph(coefficients(20.0))
    left, right = coefficients(20.0), coefficients(-30.0, {"jawOpen": 0.5})
    both = Coefficients(
        Pose(
            np.concatenate([left.pose.rotation, right.pose.rotation]),
            np.concatenate([left.pose.scale, right.pose.scale]),
            np.concatenate([left.pose.translation, right.pose.translation]),
        ),
        np.concatenate([left.identity, right.identity]),
        np.concatenate([left.expression, right.expression]),
    )
    together = faces_from_coefficients(head_model(), photo, both, np.zeros((2, 4)), [0.1, 0.9])
    alone = faces_from_coefficients(head_model(), photo, right, np.zeros((1, 4)), [0.9])[0]
    np.testing.assert_allclose(together[1].vertices, alone.vertices, atol=1e-3)
    assert together[1].expression == alone.expression
    assert together[0].confidence == 0.1


def test_the_mesh_is_the_textured_head_with_its_expression(face: Face) -> None:
    mesh = face.mesh(texture_size=256)
    split = face.head.shaped_mesh(HeadOptions())
    np.testing.assert_allclose(mesh.vertices, split.vertices, atol=1e-7)
    np.testing.assert_array_equal(mesh.faces, split.triangles)
    np.testing.assert_allclose(mesh.vertex_normals, split.normals, atol=1e-5)
    assert mesh.visual.material.baseColorTexture.size == (256, 256)
    assert mesh.visual.material.metallicFactor == 0
    rest = face.head.shaped_mesh(HeadOptions(neutral=True))
    assert np.abs(split.vertices - rest.vertices).max() > 0.005


def test_a_mesh_turned_as_on_the_photo_lies_over_it(face: Face) -> None:
    turned = face.mesh(64, subdivisions=1, align="camera")
    surface = head_surface(head_model(), "head", 1)
    x, y = face.pose.translation
    wanted = face.vertices[surface.kept[surface.uv_vertex]]
    skin = turned.vertices[: len(wanted)]  # without the lid under the neck
    teeth = np.repeat(head_model().region("teeth")[:, None], 3, axis=1).astype(np.float32)
    dense_teeth = head_model().subdivide(teeth)[:, 0]
    still = dense_teeth[surface.kept[surface.uv_vertex]] == 0  # teeth hang as low as on the photo
    assert still.mean() > 0.8
    np.testing.assert_allclose(x + 1000.0 * skin[still, 0], wanted[still, 0], atol=1e-2)
    np.testing.assert_allclose(y - 1000.0 * skin[still, 1], wanted[still, 1], atol=1e-2)


def test_a_neutral_mesh_of_the_face_has_its_mouth_closed(face: Face) -> None:
    neutral, fitted = (face.mesh(64, part="face", neutral=at_rest) for at_rest in (True, False))
    assert np.abs(neutral.vertices - fitted.vertices).max() > 0.005
    rest = painted_face(20.0).mesh(64, part="face")
    moved = np.abs(neutral.vertices - rest.vertices).max(axis=1)
    assert (moved < 1e-6).mean() > 0.8, "all but the teeth, which hang as low as on the photo"
    assert moved.max() < 0.01


def test_an_open_jaw_parts_the_inner_lips_and_shows_teeth() -> None:
    found = coefficients(weights={"jawOpen": 1.0})
    model = head_model()
    landmarks = model.landmarks68(found.identity, found.expression)[0]
    assert float(landmarks[62, 1] - landmarks[66, 1]) >= 0.015
    vertices = image_from_model(model.vertices(found.identity, found.expression), found.pose)
    triangles = model.triangles
    hits = cast_along_z(vertices[0], triangles, pixel_grid(450, 450))
    is_tooth = model.region("teeth")[triangles].all(axis=1)
    assert is_tooth[hits.triangle[hits.hit]].sum() > 50  # square millimetres, at 1 px a mm


def test_inputs_that_disagree_are_refused() -> None:
    found = coefficients()
    with pytest.raises(ShapeError, match=r"boxes must be \(1, 4\), got \(2, 4\)"):
        faces_from_coefficients(
            head_model(), np.zeros((9, 9, 3), np.uint8), found, np.zeros((2, 4)), [1.0]
        )


def test_a_face_cannot_be_edited_by_accident(face: Face) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        face.confidence = 1.0  # type: ignore[misc]
