"""Faces of dark photos are found on copies in even light."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from skimage import data

from dasl.photo.detector import Detection, RetinaFaceDetector
from tests.dasl.photo.found_boxes import overlap, resized


def dimmed(photo: np.ndarray, gain: float) -> np.ndarray:
    """A dark copy with the noise of a sensor."""
    noise = np.random.default_rng(0).normal(0.0, 1.0, photo.shape)
    return np.rint(photo * gain + noise).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param(lambda photo: dimmed(photo, 0.015), id="nearly black"),
        pytest.param(
            lambda photo: dimmed(cv2.GaussianBlur(photo, (0, 0), 4.0), 0.03), id="dark and blurred"
        ),
        pytest.param(
            lambda photo: np.hstack([np.full_like(photo, 250), dimmed(photo, 0.02)]),
            id="dark beside a bright window",
        ),
    ],
)
def test_a_face_is_found_in_even_light_that_no_other_attempt_finds(
    spoilt: Callable[[np.ndarray], np.ndarray],
    face: Detection,
    detector: RetinaFaceDetector,
    astronaut: np.ndarray,
) -> None:
    photo = spoilt(astronaut)
    others = [attempt for attempt in detector.attempts if not attempt.lifted]
    assert not any(detector.look(photo, attempt) for attempt in others)
    (found,) = detector(photo)
    moved = np.array(face.box) + np.tile([photo.shape[1] - astronaut.shape[1], 0], 2)
    assert overlap(found, moved) > 0.5


def test_a_clear_face_is_found_without_a_copy_in_even_light(
    monkeypatch: pytest.MonkeyPatch, detector: RetinaFaceDetector, astronaut: np.ndarray
) -> None:
    monkeypatch.setattr("dasl.photo.attempt.in_even_light", lambda image: pytest.fail("not needed"))
    assert detector(astronaut) and detector(resized(astronaut, 250, 250))


@pytest.mark.parametrize("gain", [1.0, 0.1, 0.03])
def test_in_even_light_nothing_becomes_a_face(gain: float, detector: RetinaFaceDetector) -> None:
    black = np.zeros((200, 300, 3), np.uint8)
    for photo in (data.chelsea(), data.coffee()[::2, ::2], data.rocket()[::2, ::2], black):
        assert detector(dimmed(photo, gain)) == []
