"""Tests of PNCC: the same surface point has the same code on every photo."""

import numpy as np
import pytest

from dasl.pictures.pncc import draw_pncc, normalized_coordinates, pncc_map
from dasl.reconstruction.face import Face
from tests.dasl.painted_head import head_model, painted_face

SEEN_FROM_BOTH_SIDES = [8, 28, 30, 33, 51, 57]


@pytest.mark.parametrize("yaw_deg", [-25.0, 0.0, 25.0])
def test_a_landmark_has_the_code_of_the_mean_face(yaw_deg: float) -> None:
    model = head_model()
    face = painted_face(yaw_deg, {"browInnerUp": 0.5})
    on_face = model.mean_vertices[model.region("face")]
    low, high = on_face.min(axis=0), on_face.max(axis=0)
    expected = (model.landmarks68_of(model.mean_vertices) - low) / (high - low)
    column, row = np.round(face.landmarks[SEEN_FROM_BOTH_SIDES, :2]).astype(int).T
    found = pncc_map(face, (450, 450))[row, column]
    np.testing.assert_allclose(found, expected[SEEN_FROM_BOTH_SIDES].clip(0, 1), atol=0.04)


def test_codes_span_nought_to_one_over_the_face() -> None:
    codes = normalized_coordinates(head_model())
    assert codes.min() == 0.0 and codes.max() == 1.0


def test_colours_are_255_times_the_code(face: Face, photo: np.ndarray) -> None:
    picture, code = draw_pncc(photo, [face]), pncc_map(face, photo.shape)
    column, row = np.round(face.landmarks[30, :2]).astype(int)
    np.testing.assert_allclose(picture[row, column], code[row, column] * 255.0, atol=4)


def test_there_is_no_code_where_there_is_no_face(face: Face, photo: np.ndarray) -> None:
    is_wall = (photo == [0, 255, 0]).all(axis=2)
    assert np.isnan(pncc_map(face, photo.shape)[is_wall]).mean() > 0.998
