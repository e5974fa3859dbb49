"""Tests of the measure of eyes on an example photo."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dasl import Face, FaceReconstructor
from dasl.photo.load import load_photo
from tools.evaluate_eyes import POINTS, eye_figures_mm

EXAMPLE = Path(__file__).parents[2] / "space/examples/astronaut.jpg"


@pytest.fixture(scope="module")
def astronaut() -> Face:
    return FaceReconstructor.from_pretrained()(load_photo(EXAMPLE), strict=True)[0]


def test_both_eyes_open_and_look_as_on_the_photo(astronaut: Face) -> None:
    placed = json.loads(POINTS.read_text(encoding="utf-8"))["astronaut"]
    figures = eye_figures_mm(astronaut, placed)
    assert sorted(figures) == ["left", "right"]
    for photo_gap, head_gap, fitted_gap, iris_x, iris_y in figures.values():
        assert fitted_gap + 0.7 < head_gap < photo_gap + 1.5
        assert abs(iris_x) < 2.0
        assert abs(iris_y) < 2.5


def test_a_point_placed_elsewhere_shows_in_the_figures(astronaut: Face) -> None:
    placed = json.loads(POINTS.read_text(encoding="utf-8"))["astronaut"]
    one = {"left": placed["left"]}
    aside = {"left": {key: [x + 3.0, y] for key, (x, y) in placed["left"].items()}}
    away = eye_figures_mm(astronaut, one)["left"][3] - eye_figures_mm(astronaut, aside)["left"][3]
    assert away == pytest.approx(3000.0 / astronaut.pose.scale, abs=0.01)


def test_a_closed_eye_is_left_out(astronaut: Face) -> None:
    placed = json.loads(POINTS.read_text(encoding="utf-8"))["astronaut"]
    shut = replace(astronaut, expression=astronaut.expression | {"eyeBlinkLeft": 1.0})
    assert sorted(eye_figures_mm(shut, placed)) == ["right"]
