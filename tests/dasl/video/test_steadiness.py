"""Jitter and lag, worked by hand."""

import numpy as np
import pytest

from dasl.geometry.coefficients import Coefficients, Pose
from dasl.video.samples import Sample
from dasl.video.steadiness import jitter_px, lag_frames, shift_frames

NOBODY = Coefficients(
    Pose(
        np.eye(3, dtype=np.float32)[None],
        np.ones(1, dtype=np.float32),
        np.zeros((1, 2), dtype=np.float32),
    ),
    np.zeros((1, 1), dtype=np.float32),
    np.zeros((1, 1), dtype=np.float32),
)


def _samples(places: list[float], frames: list[int] | None = None) -> list[Sample]:
    """All 68 landmarks at (place, 0)."""
    samples = []
    for row, place in enumerate(places):
        landmarks = np.zeros((68, 3), np.float32)
        landmarks[:, 0] = place
        frame = frames[row] if frames else row
        samples.append(Sample(frame, frame / 30, NOBODY, landmarks, 1.0))
    return samples


def test_even_motion_has_no_jitter_and_a_turn_back_has_twice_its_step():
    assert jitter_px(_samples([0.0, 2.0, 4.0, 6.0])) == 0.0
    assert jitter_px(_samples([0.0, 1.0, 0.0])) == 2.0
    assert jitter_px(_samples([0.0, 1.0, 0.0, 1.0])) == 2.0


def test_nothing_is_measured_over_a_gap():
    assert jitter_px(_samples([0.0, 0.0, 0.0, 9.0, 9.0, 9.0], [0, 1, 2, 7, 8, 9])) == 0.0
    assert jitter_px(_samples([0.0, 5.0, 0.0, 5.0], [0, 1, 3, 4])) is None


@pytest.mark.parametrize("late", [0.0, 1.0, 2.5, -1.5])
def test_a_motion_that_comes_later_has_that_lag(late):
    time = np.arange(60)
    wanted, found = (
        np.sin((time - shift) / 6)[:, None, None].repeat(2, axis=2) for shift in (0.0, late)
    )
    assert shift_frames(found, wanted) == pytest.approx(late, abs=0.051)


def test_the_lag_is_that_of_the_longest_run_and_unknown_for_a_short_clip():
    way = np.sin(np.arange(40) / 5)
    frames = [0, 1, 2, *range(10, 47)]
    found = lag_frames(_samples(list(np.roll(way, 1)), frames), _samples(list(way), frames))
    assert found == pytest.approx(1.0)
    assert lag_frames(_samples([0.0, 1.0]), _samples([0.0, 1.0])) is None
