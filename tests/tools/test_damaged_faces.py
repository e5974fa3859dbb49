"""Damage to faces: landmarks move with their pixels, covers lie where they should."""

import cv2
import numpy as np
import pytest

from tools.covers import EYES, MOUTH
from tools.damaged_faces import CHANGES, MEASURED_CHANGES, Floats

POINTS = np.zeros((68, 2), np.float32)
POINTS[:17] = [(20 + 5 * i, 60 + 4 * min(i, 16 - i)) for i in range(17)]
POINTS[17:36] = (60, 62)
POINTS[36:42] = [(38 + 2 * i, 45) for i in range(6)]
POINTS[42:48] = [(72 + 2 * i, 45) for i in range(6)]
POINTS[48:68] = [(50 + i, 84) for i in range(20)]
PATCH = np.full((120, 120, 3), 240, np.float32)


def spotted() -> Floats:
    """A grey crop with a bright spot at (70, 50)."""
    picture = np.full((120, 120, 3), 60, np.float32)
    cv2.circle(picture, (70, 50), 3, (250, 250, 250), -1)
    return picture


@pytest.mark.parametrize("kind", ["undamaged", "turned", "shrunk", "blurred", "cut"])
def test_a_point_moves_with_the_pixels_it_lies_on(kind):
    seen = 0
    for seed in range(4):
        damage = CHANGES[kind](np.random.default_rng(seed), spotted(), POINTS, PATCH)
        expected = damage.moved(np.array([[70.0, 50.0]], np.float32))[0]
        if not (expected > 8).all() or not (expected < 112).all():
            continue
        seen += 1
        soft = cv2.GaussianBlur(damage.picture.mean(axis=2), (0, 0), 2.0)
        y, x = np.unravel_index(soft[3:-3, 3:-3].argmax(), soft[3:-3, 3:-3].shape)
        away = np.hypot(x + 3 - expected[0], y + 3 - expected[1])
        assert away < (8.0 if kind == "shrunk" else 3.0)
    assert seen


@pytest.mark.parametrize(
    ("kind", "covered", "seen"),
    [
        ("eyes covered", EYES, MOUTH),
        ("eyes, other covers", EYES, MOUTH),
        ("mouth covered", MOUTH, EYES),
        ("mouth, other covers", MOUTH, EYES),
        ("undamaged", None, EYES),
    ],
)
def test_covers_lie_on_the_region_that_they_are_called_after(kind, covered, seen):
    told = []
    for seed in range(8):
        damage = (CHANGES | MEASURED_CHANGES)[kind](
            np.random.default_rng(seed), spotted(), POINTS, PATCH
        )
        told.append(
            [damage.covered(damage.moved(POINTS[part])) for part in (covered or MOUTH, seen)]
        )
    of_covered, of_seen = np.array(told).T
    assert np.nanmean(of_covered) == (1.0 if covered else 0.0)
    assert np.nanmean(of_seen) < 0.3


def test_darkness_and_light_leave_little_between():
    random = np.random.default_rng(0)
    for kind, limits in (("dark", (0, 60)), ("overexposed", (100, 255))):
        picture = CHANGES[kind](random, spotted(), POINTS, PATCH).picture
        assert limits[0] <= np.median(picture) <= limits[1]
