"""Hard photos: the face is where it is said to be; the table of the detector's costs."""

import cv2
import numpy as np
import pytest

from tests.tools.test_damaged_faces import PATCH, POINTS, spotted
from tools.evaluate_detector import report
from tools.hard_photos import COVERED_BESIDE, KINDS, PHOTO_SIDE, SECOND, hard_photo


@pytest.mark.parametrize("kind", ["plain", "turned", "border", "second face", "eyes covered"])
def test_points_are_where_their_pixels_are(kind):
    seen = 0
    for seed in range(6):
        random = np.random.default_rng(seed)
        other = np.full((120, 120, 3), 40, np.uint8)
        dark = (PATCH * 0.2).astype(np.uint8)
        photo = hard_photo(kind, random, spotted().astype(np.uint8), POINTS, dark, other)
        assert photo.pixels.shape == (PHOTO_SIDE, PHOTO_SIDE, 3)
        spot = np.array([[70.0, 50.0]])
        expected = photo.in_photo(spot)[0]
        assert photo.in_crop(photo.in_photo(spot))[0] == pytest.approx(spot[0])
        inside = ((expected > 12) & (expected < PHOTO_SIDE - 12)).all()
        if not inside or kind == "eyes covered":
            continue
        seen += 1
        soft = cv2.GaussianBlur(photo.pixels.mean(axis=2), (0, 0), 4.0)
        y, x = np.unravel_index(soft.argmax(), soft.shape)
        assert np.hypot(x - expected[0], y - expected[1]) < 12.0
    assert seen or kind == "eyes covered"


@pytest.mark.parametrize(("kind", "covered"), [(SECOND, False), (COVERED_BESIDE, True)])
def test_a_second_face_stands_beside_the_first_one(kind, covered):
    """The second face is the only thing of its grey level; some covers look like skin."""
    face, other = (np.full((120, 120, 3), grey, np.uint8) for grey in (90, 200))
    inner, seen = np.argwhere(np.ones((80, 80))) + 20.0, []
    for seed in range(4):
        photo = hard_photo(kind, np.random.default_rng(seed), face, POINTS, 0 * face, other)
        grey = photo.pixels.mean(axis=2)
        assert (abs(grey - 200) < 3).sum() > 500
        x, y = photo.in_photo(inner).round().astype(int).T
        seen.append(bool((abs(grey[y, x] - 90) > 30).any()))
    assert any(seen) is covered


def test_the_table_counts_what_is_not_found_and_what_is_lost():
    kinds = np.array(["plain", "plain", "turned", "turned"])
    errors = np.array([[0.03, 0.03], [np.inf, 0.05], [0.2, 0.04], [0.5, np.nan]])
    lines = {line.split("|")[1].strip(): line for line in report(kinds, errors).splitlines()[2:]}
    assert lines["plain"] == "| plain | 2 | 51.50% | 4.00% | 50.0% | 50.0% |"
    assert lines["turned"] == "| turned | 1 | 20.00% | 4.00% | 0.0% | 100.0% |"
    assert lines["all"].startswith("| all | 3 |")
    assert set(lines) - {"all"} <= set(KINDS)
