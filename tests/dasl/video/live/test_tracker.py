"""The live tracker against the truth, and against the tracker of clips."""

from functools import lru_cache

import numpy as np
import pytest

from dasl.video.live.tracker import LiveTracker
from dasl.video.smooth import MAX_GAP_S
from dasl.video.track import track_clip
from eval.scoring.metrics import box_sizes, nme
from tests.dasl.video.moving_head import moving_head, reconstructor

COUNT = 24


def error(landmarks: np.ndarray, truth: np.ndarray) -> float:
    found, wanted = (points[..., :2].astype(np.float64) for points in (landmarks, truth))
    return float(nme(found, wanted, box_sizes(wanted)).mean())


@lru_cache(maxsize=1)
def followed():
    """The faces of the shared clip, and the tracker's unsmoothed landmarks."""
    tracker, faces, landmarks = LiveTracker(reconstructor()), [], []
    for frame in moving_head(COUNT).frames:
        faces.append(tracker.update(frame.pixels, frame.time_s))
        landmarks.append(tracker.last.landmarks)
    return faces, np.stack(landmarks)


def test_two_looks_a_frame_are_as_exact_as_the_clips_three():
    clip = moving_head(COUNT)
    samples = track_clip(clip.frames, reconstructor()).tracks[0].samples
    wanted = error(np.stack([sample.landmarks for sample in samples]), clip.landmarks)
    assert error(followed()[1], clip.landmarks) < 1.05 * wanted


def test_the_head_turns_and_the_mouth_opens_as_on_the_clip():
    faces, _ = followed()
    assert all(faces)
    assert np.ptp([face.angles_deg[0] for face in faces]) > 10
    assert np.ptp([face.weights["jawOpen"] for face in faces]) > 0.1
    assert all(0 <= weight <= 1 for face in faces for weight in face.weights.values())


def test_a_face_that_goes_away_is_lost_and_one_that_returns_is_found_at_once():
    frames = moving_head(COUNT).frames
    wall = np.full_like(frames[0].pixels, 150)
    tracker = LiveTracker(reconstructor())
    assert tracker.update(frames[0].pixels, 0.0) is not None
    seen = [tracker.update(wall, 0.03 * step) is not None for step in range(1, 12)]
    assert not any(seen[8:])  # checked every eighth frame at the latest
    back = [tracker.update(frames[1].pixels, 0.4 + 0.03 * step) for step in range(3)]
    assert any(face is not None for face in back)


@pytest.mark.parametrize("time_s", [MAX_GAP_S + 0.1, -1.0])
def test_after_a_gap_or_a_clip_that_starts_again_nothing_is_smoothed(time_s):
    frames = moving_head(COUNT).frames
    tracker = LiveTracker(reconstructor())
    tracker.update(frames[0].pixels, 0.0)
    jumped = tracker.update(frames[-1].pixels, time_s)
    if jumped is None:  # the detector looks every third frame
        jumped = tracker.update(frames[-1].pixels, time_s + 0.01) or tracker.update(
            frames[-1].pixels, time_s + 0.02
        )
    assert jumped.angles_deg == pytest.approx(tracker.last.angles_deg, abs=1e-3)
