"""Tests of what a photo shows of a head: neither what lies behind the nose nor the wall."""

from dataclasses import replace

import numpy as np
import pytest

from dasl.geometry.frames import image_from_model
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.head.mesh import vertex_normals
from dasl.texture.photo import PosedHead
from dasl.texture.prior import surface_prior
from dasl.texture.visibility import Visibility, _outside, visibility
from eval.meshes.rays import cast_along_z, pixel_grid
from tests.dasl.painted_head import coefficients, head_model
from tests.dasl.texture.conftest import posed_head


def seen_of(head: PosedHead) -> Visibility:
    triangles = head_model().triangles
    facing = vertex_normals(head.vertices_image, triangles[:, [0, 2, 1]])[:, 2]
    return visibility(head, facing, triangles, surface_prior(head_model()))


def test_the_middle_of_a_frontal_face_is_seen_and_the_back_is_not(frontal: PosedHead) -> None:
    found = seen_of(frontal)
    mean = head_model().reference_vertices
    nose = head_model().region("nose") & (mean[:, 2] > 0.02)
    assert np.median(found.seen[nose]) > 0.99
    assert found.seen[(mean[:, 2] < -0.13) & (mean[:, 1] > 0.0)].max() < 0.1


def test_the_cheek_behind_the_nose_is_hidden() -> None:
    head = posed_head(60.0)  # the nose points to the image's left, over the face's right cheek
    found = seen_of(head)
    mean = head_model().reference_vertices
    beside_nose = (np.abs(mean[:, 0] + 0.0255) < 0.004) & (np.abs(mean[:, 1] - 0.005) < 0.008)
    beside_nose &= head_model().region("face")
    mirrored = head_model().mirror_vertex[beside_nose]
    assert found.seen[beside_nose].max() < 0.3
    assert found.seen[mirrored].min() > 0.9


def test_distances_from_the_outline_are_in_metres(frontal: PosedHead) -> None:
    found = seen_of(frontal)
    nose_tip = head_model().reference_vertices[:, 2].argmax()
    assert 0.06 < found.inset_m[nose_tip] < 0.11


def test_where_the_photo_shows_a_wall_the_head_is_not_seen() -> None:
    head = posed_head()
    wider = head.vertices_image.copy()
    middle = wider[:, 0].mean()
    wider[:, 0] = middle + 1.25 * (wider[:, 0] - middle)  # fitted too wide: cheeks over the wall
    found = seen_of(PosedHead(wider, head.scale, head.photo))
    columns = wider[:, :2].round().astype(int).clip(0, 449)
    is_wall = (head.photo[columns[:, 1], columns[:, 0]] == (0, 255, 0)).all(axis=1)
    face = head_model().region("face")
    assert (is_wall & face).sum() > 30
    assert found.seen[is_wall & face].mean() < 0.3


@pytest.mark.parametrize("pitch_deg", [-40.0, 0.0, 40.0])
@pytest.mark.parametrize("yaw_deg", [0.0, 50.0, -85.0])
def test_rays_hit_the_outside_first_and_the_neck_s_inside_through_its_hole(
    yaw_deg: float, pitch_deg: float
) -> None:
    model, found = head_model(), coefficients(weights={"jawOpen": 0.8, "eyeBlinkLeft": 1.0})
    angles = np.array([[yaw_deg, pitch_deg, 20.0]], dtype=np.float32)
    pose = replace(found.pose, rotation=rotation_from_euler_deg(angles))
    vertices = image_from_model(model.vertices(found.identity, found.expression), pose)[0]
    outside = _outside(vertices, model.triangles, surface_prior(model))
    assert len(outside) < 0.85 * len(model.triangles)
    grid = pixel_grid(150, 150) * 3
    whole, part = (cast_along_z(vertices, some, grid) for some in (model.triangles, outside))
    np.testing.assert_array_equal(part.hit, whole.hit)
    apart = np.abs(part.depth - whole.depth)[whole.hit]
    assert (apart > 0.01).mean() < 1e-3
