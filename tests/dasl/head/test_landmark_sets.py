"""Tests of the landmark schemes with 106 and 478 points."""

import numpy as np
import pytest

from dasl.errors import ConfigError
from dasl.head.landmark_sets import IRIS_478, LANDMARK_SCHEMES, landmarks_in
from dasl.head.measures import eyeball_centres
from dasl.head.morphable_model import MorphableModel

# MediaPipe's own names of some points, and the iBUG point at the same place
IBUG_OF_478 = {1: 30, 33: 36, 133: 39, 362: 42, 263: 45, 61: 48, 291: 54, 152: 8, 13: 62, 14: 66}


@pytest.fixture(scope="module")
def model() -> MorphableModel:
    return MorphableModel.load()


def _at_rest(model: MorphableModel, scheme: str) -> np.ndarray:
    return landmarks_in(scheme, model, model.mean_vertices)


@pytest.mark.parametrize("scheme", LANDMARK_SCHEMES)
def test_there_are_as_many_points_as_the_name_says(model: MorphableModel, scheme: str) -> None:
    assert _at_rest(model, scheme).shape == (int(scheme), 3)


def test_mediapipes_corners_and_tips_are_near_those_of_ibug(model: MorphableModel) -> None:
    points, ibug = _at_rest(model, "478"), model.landmarks68_of(model.mean_vertices)
    away = {p: 1000 * np.linalg.norm(points[p] - ibug[i]) for p, i in IBUG_OF_478.items()}
    assert max(away.values()) < 9.0, away  # other definitions; a wrong number is off by more


def test_the_irises_surround_their_centres_on_the_eyeballs(model: MorphableModel) -> None:
    points = _at_rest(model, "478")
    for first, centre in zip((468, 473), eyeball_centres(model, model.mean_vertices), strict=True):
        rim, middle = points[first + 1 : first + 5], points[first]
        assert abs(middle[0] - centre[0]) < 0.004 and middle[2] > centre[2] + 0.01
        assert np.linalg.norm(rim.mean(axis=0) - middle) < 0.003
        radius = np.linalg.norm(rim - middle, axis=1)
        assert (radius > 0.002).all() and (radius < 0.01).all()


def test_the_irises_follow_the_gaze_and_nothing_else_does(model: MorphableModel) -> None:
    gaze = np.zeros((1, model.expression_count), np.float32)
    for name in ("eyeLookOutLeft", "eyeLookInRight"):
        gaze[0, model.expression_names.index(name)] = 1.0
    vertices = model.vertices(np.zeros((1, model.identity_count), np.float32), gaze)[0]
    moved = landmarks_in("478", model, vertices) - _at_rest(model, "478")
    assert (moved[list(IRIS_478), 0] > 0.002).all()
    assert np.abs(moved[[1, 152, 10, 61]]).max() < 1e-4


def test_the_106_hold_the_68_that_both_schemes_have(model: MorphableModel) -> None:
    points, ibug = _at_rest(model, "106"), model.landmarks68_of(model.mean_vertices)
    np.testing.assert_allclose(points[:33:2], ibug[:17], atol=1e-6)
    np.testing.assert_allclose(points[33:64], ibug[17:48], atol=1e-6)
    np.testing.assert_allclose(points[84:104], ibug[48:], atol=1e-6)


def test_both_are_the_same_left_and_right(model: MorphableModel) -> None:
    for scheme in LANDMARK_SCHEMES:
        points = _at_rest(model, scheme)
        mirrored = points * (-1, 1, 1)
        nearest = np.linalg.norm(points[:, None] - mirrored[None], axis=2).min(axis=1)
        assert np.percentile(nearest, 95) < 0.003, scheme


def test_the_brows_of_the_106_have_an_upper_and_a_lower_edge(model: MorphableModel) -> None:
    points = _at_rest(model, "106")
    for upper, lower in ((slice(33, 38), slice(64, 68)), (slice(38, 43), slice(68, 72))):
        assert points[upper, 1].mean() > points[lower, 1].mean()
    assert points[64, 0] < points[67, 0] < 0 < points[68, 0] < points[71, 0]


def test_an_unknown_scheme_is_refused(model: MorphableModel) -> None:
    with pytest.raises(ConfigError, match="one of 106, 478"):
        landmarks_in("98", model, model.mean_vertices)  # type: ignore[arg-type]


def test_another_head_is_refused(model: MorphableModel) -> None:
    other = model.with_landmarks(
        model.landmarks68_vertices[::-1],
        model.landmarks68_weights,
        model.landmarks21_vertices,
        model.landmarks21_weights,
    )
    with pytest.raises(ConfigError, match="placed on head"):
        landmarks_in("478", other, model.mean_vertices)
