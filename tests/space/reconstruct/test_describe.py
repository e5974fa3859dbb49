import numpy as np
import pytest

from dasl.reconstruction.face_pose import FacePose
from space.reconstruct.describe import (
    angles,
    count_words,
    seconds_words,
    strongest_units,
    trust,
    unit_words,
)


def pose(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> FacePose:
    rotation, translation = np.eye(3, dtype=np.float32), np.zeros(2, dtype=np.float32)
    return FacePose(yaw, pitch, roll, rotation, 1.0, translation)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (pose(), ("facing the camera", "level", "upright")),
        (
            pose(20, 10, 5),
            ("turned to the photo’s left", "looking up", "leaning to the photo’s left"),
        ),
        (
            pose(-75, -10, -5),
            ("in profile to the photo’s right", "looking down", "leaning to the photo’s right"),
        ),
    ],
)
def test_angles_are_told_as_seen_on_the_photo(given, words):
    assert tuple(angle.words for angle in angles(given)) == words


@pytest.mark.parametrize(
    ("degrees", "words"),
    [(-3.6, "looking down"), (-3.4, "level"), (3.4, "level"), (3.6, "looking up")],
)
def test_words_fit_the_whole_degrees_beside_them(degrees, words):
    assert angles(pose(pitch=degrees))[1].words == words


@pytest.mark.parametrize(
    ("confidence", "level"),
    [(1.0, "high"), (0.75, "high"), (0.74, "fair"), (0.5, "fair"), (0.49, "low"), (0.0, "low")],
)
def test_confidence_has_three_levels(confidence, level):
    assert trust(confidence).level == level


def test_a_covered_region_is_named_and_never_trusted_fully():
    told = trust(0.9, ("eyes", "mouth"))
    assert told.level == "fair"
    assert "The eyes seem covered" in told.words and "The mouth seems covered" in told.words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("jawOpen", "jaw open"),
        ("browInnerUp", "brow inner up"),
        ("eyeBlinkRight", "eye blink right"),
    ],
)
def test_arkit_names_are_words(name, words):
    assert unit_words(name) == words


def test_strongest_units_come_first_and_ties_are_in_order_of_names():
    units = {"b": 0.2, "a": 0.2, "c": 0.9, "d": 0.1}
    assert strongest_units(units, 3) == [("c", 0.9), ("a", 0.2), ("b", 0.2)]


def test_faces_left_out_are_mentioned():
    assert count_words(1, 1) == "1 face found."
    assert count_words(40, 12).startswith("40 faces found; showing the 12 largest.")


def test_steps_and_their_sum_are_told():
    assert seconds_words({"one": 0.1, "two": 0.25}) == "one 0.10 s · two 0.25 s · total 0.35 s"
