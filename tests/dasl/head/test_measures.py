"""Tests of the lengths on a head."""

import math

import numpy as np
import pytest

from dasl.errors import ShapeError
from dasl.head.measures import measure_head
from dasl.head.morphable_model import MorphableModel
from tests.dasl.painted_head import head_model, painted_face


class _FlatHead:
    """Landmark n at (n, n * n); eyeballs 2 apart: what a measure is, by hand."""

    vertex_count = 4
    mean_vertices = np.array([[-1.0, 0, 0], [-1, 2, 0], [1, 0, 0], [1, 2, 0]])

    def region(self, name: str) -> np.ndarray:
        assert name == "eyeballs"
        return np.ones(4, dtype=bool)

    def landmarks68_of(self, vertices: np.ndarray) -> np.ndarray:
        number = np.arange(68.0)
        return np.stack([number, number**2, 0 * number], axis=1)


def test_lengths_are_those_between_the_named_points_at_63_mm_between_the_pupils() -> None:
    head = _FlatHead()
    measures = measure_head(head, head.mean_vertices)  # type: ignore[arg-type]
    unit = 63.0 / 2.0
    assert measures.interpupillary_mm == 63.0
    assert measures.face_width_mm == pytest.approx(unit * math.hypot(16, 256))
    assert measures.face_height_mm == pytest.approx(unit * math.hypot(19, 27**2 - 8**2))
    assert measures.nose_length_mm == pytest.approx(unit * math.hypot(6, 33**2 - 27**2))
    assert measures.mouth_width_mm == pytest.approx(unit * math.hypot(6, 54**2 - 48**2))
    assert measures.jaw_width_mm == pytest.approx(unit * math.hypot(8, 12**2 - 4**2))
    assert measures.outer_eye_distance_mm == pytest.approx(unit * math.hypot(9, 45**2 - 36**2))


def test_a_head_twice_as_large_measures_the_same() -> None:
    model = head_model()
    once = measure_head(model, model.mean_vertices)
    twice = measure_head(model, 2 * model.mean_vertices)
    assert twice.face_width_mm == pytest.approx(once.face_width_mm, rel=1e-6)
    assert twice.nose_length_mm == pytest.approx(once.nose_length_mm, rel=1e-6)


def test_the_mean_head_has_an_adults_lengths() -> None:
    model = head_model()
    measures = measure_head(model, model.mean_vertices)
    assert 125 < measures.face_width_mm < 165
    assert 95 < measures.face_height_mm < 130
    assert 38 < measures.nose_length_mm < 58
    assert 40 < measures.mouth_width_mm < 58
    assert 95 < measures.jaw_width_mm < measures.face_width_mm
    assert 80 < measures.outer_eye_distance_mm < 105


def test_lengths_follow_the_distance_between_the_pupils_that_is_said() -> None:
    head = _FlatHead()
    measures = measure_head(head, head.mean_vertices, ipd_mm=60.0)  # type: ignore[arg-type]
    assert measures.interpupillary_mm == 60.0
    assert measures.face_width_mm == pytest.approx(60.0 / 2.0 * math.hypot(16, 256))
    assert "distance of 60 mm" in measures.note and "true / 60" in measures.note


def test_the_table_says_what_the_lengths_are_relative_to() -> None:
    model = head_model()
    first, *lines = str(measure_head(model, model.mean_vertices)).splitlines()
    assert "assumed" in first and "63 mm" in first
    assert lines[0].split() == ["interpupillary", "63.0"]
    assert {line[2:22].strip() for line in lines} >= {"face width", "outer eye distance"}


def test_an_expression_does_not_change_a_faces_measures() -> None:
    calm, wide = painted_face(), painted_face(weights={"jawOpen": 1.0, "mouthSmileLeft": 1.0})
    assert wide.measures == calm.measures


def test_vertices_of_another_shape_are_refused() -> None:
    model: MorphableModel = head_model()
    with pytest.raises(ShapeError, match=r"vertices_model must be .*got \(5, 3\)"):
        measure_head(model, np.zeros((5, 3)))
