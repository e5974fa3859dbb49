"""Tests of the textured head: a hand-made square, and a symmetric head."""

import numpy as np

from dasl.export.options import HeadOptions
from dasl.head.mesh import SplitMesh
from dasl.pictures.head import TexturedMesh, TurntableHead, draw_head, texture_at, turntable_head
from tests.dasl.export.hair.haired_head import HAIR_RGB, face_with_hair
from tests.dasl.painted_head import painted_face

SIZE = (80, 100)


def square() -> TurntableHead:
    """A plate 40 by 80 mm, 100 mm before the axis: red on the left, blue on the right."""
    corners = [[-0.02, -0.04, 0.1], [0.02, -0.04, 0.1], [0.02, 0.04, 0.1], [-0.02, 0.04, 0.1]]
    texture = np.zeros((4, 4, 3), np.uint8)
    texture[:, :2, 0], texture[:, 2:, 2] = 255, 255
    mesh = SplitMesh(
        vertices=np.array(corners, np.float32),
        normals=np.tile(np.array([0, 0, 1], np.float32), (4, 1)),
        uv=np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32),
        triangles=np.array([[0, 1, 2], [0, 2, 3]]),
    )
    parts = (TexturedMesh(mesh, texture),)
    return TurntableHead(parts, np.zeros(3, np.float32), radius_m=0.102, half_height_m=0.04)


def columns_of(picture: np.ndarray, channel: int) -> np.ndarray:
    """Where the middle row is red (0) or blue (2); the background is neither."""
    row = picture[50].astype(int)
    return np.flatnonzero(row[:, channel] - row[:, 2 - channel] > 60)


def test_a_frontal_plate_shows_its_texture_the_right_way_round() -> None:
    picture = draw_head(square(), 0.0, SIZE)
    assert columns_of(picture, 0).max() < 40 <= columns_of(picture, 2).min()


def test_positive_yaw_turns_the_front_to_the_images_left() -> None:
    picture = draw_head(square(), 60.0, SIZE)
    # 0.1 m * sin 60 = 87 mm left of the middle, of 102 mm that take 0.94 * 40 pixels
    centre = np.concatenate([columns_of(picture, 0), columns_of(picture, 2)]).mean()
    np.testing.assert_allclose(centre, 39.5 - 0.0866 / 0.102 * 0.94 * 40, atol=1.5)


def test_a_symmetric_head_is_its_mirror_image_from_the_other_side() -> None:
    head = turntable_head(painted_face(0.0).head)
    left, right = draw_head(head, 50.0, SIZE), draw_head(head, -50.0, SIZE)
    difference = np.abs(left[:, ::-1].astype(int) - right.astype(int))
    assert difference.mean() < 4.0
    assert np.abs(left.astype(int) - right.astype(int)).mean() > 10.0


def test_a_texture_may_be_wider_than_high() -> None:
    texture = np.arange(4 * 8, dtype=np.uint8).reshape(4, 8, 1).repeat(3, axis=2)
    columns, rows = (np.arange(8) + 0.5) / 8, 1.0 - (np.arange(4) + 0.5) / 4
    found = texture_at(texture, *np.meshgrid(columns, rows))
    np.testing.assert_allclose(found, texture, atol=1e-3)


def test_hair_covers_the_top_of_the_head_from_every_side(monkeypatch) -> None:
    head = face_with_hair(monkeypatch).head
    bald, haired = (
        turntable_head(head, HeadOptions(hair=hair, texture_size=64)) for hair in (False, True)
    )
    assert haired.half_height_m > bald.half_height_m
    for yaw_deg in (0.0, 90.0, 180.0):
        picture = draw_head(haired, yaw_deg, SIZE)
        is_head = (picture != picture[0, 0]).any(axis=2)
        top = np.flatnonzero(is_head.any(axis=1))[0] + 6
        shown = picture[top][is_head[top]].astype(float)
        assert np.abs(np.median(shown, axis=0) - HAIR_RGB).max() < 40


def test_the_head_fills_the_picture_from_every_side_and_is_never_cut() -> None:
    head = turntable_head(painted_face(0.0).head)
    for yaw_deg in (0.0, 90.0, 135.0, 180.0):
        picture = draw_head(head, yaw_deg, SIZE)
        is_head = (picture != picture[0, 0]).any(axis=2)
        assert not is_head[[0, -1]].any() and not is_head[:, [0, -1]].any()
        assert is_head.mean() > 0.25
