"""The detector, and skimage's public-domain portrait."""

import numpy as np
import pytest
from skimage import data

from dasl.photo.detector import Detection, RetinaFaceDetector


@pytest.fixture(scope="module")
def detector() -> RetinaFaceDetector:
    return RetinaFaceDetector()


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    """(512, 512, 3) uint8 RGB, one face around (224, 113)."""
    return data.astronaut()


@pytest.fixture(scope="module")
def face(detector: RetinaFaceDetector, astronaut: np.ndarray) -> Detection:
    """Found on the full input."""
    return detector.look(astronaut, detector.attempts[0])[0]
