"""Tests of the sheets: a face keeps its place on a close-up, and cells their order."""

import numpy as np

from tests.dasl.painted_head import coefficients, painted_face, photograph
from tools.draw_examples import HEADER_PX, cells, close_up, sheet


def test_a_close_up_keeps_landmarks_on_the_same_colours() -> None:
    photo, face = photograph(coefficients(10.0)), painted_face(10.0)
    near, near_face = close_up(photo, face, 400)
    for point, near_point in zip(face.landmarks[27:36], near_face.landmarks[27:36], strict=True):
        x, y = point[:2].round().astype(int)
        near_x, near_y = near_point[:2].round().astype(int)
        assert np.abs(near[near_y, near_x].astype(int) - photo[y, x]).max() < 12


def test_a_close_up_of_a_face_at_the_border_lies_within_the_photo() -> None:
    photo, face = photograph(coefficients(0.0))[110:], painted_face(0.0)
    near, _ = close_up(photo, face, 200)
    assert near.shape == (200, 200, 3)


def test_a_sheet_has_a_row_for_each_face_and_a_column_for_each_picture() -> None:
    photo, face = photograph(coefficients(0.0)), painted_face(0.0)
    columns = ("photo", "mesh", "textured head", "depth", "uv")
    row = cells(photo, face, columns, 120)
    assert [picture.shape[1] for picture in row] == [120] * 5
    paper = sheet(columns, [row, row])
    tallest = max(picture.shape[0] for picture in row)
    assert paper.size == (5 * 120, HEADER_PX + 2 * tallest)
