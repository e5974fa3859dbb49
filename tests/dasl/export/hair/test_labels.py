"""Hair is told from the skin of the forehead, and from clothes."""

import cv2
import numpy as np
import pytest

from dasl.export.hair import labels
from dasl.export.options import HeadOptions
from tests.dasl.export.hair.haired_head import HAIR_RGB, SKIN_RGB, face_with_hair


def test_a_high_forehead_under_short_hair_is_skin(monkeypatch) -> None:
    """Of hair this short, little is seen beyond the head: colours are learnt from the scalp."""
    face = face_with_hair(monkeypatch, stands_off_m=0.010, forehead_m=0.055)
    hair = face.head.hair
    found, photo = hair.on_photo.labels.hair, hair.on_photo.photo
    small = cv2.resize(photo, found.shape[::-1], interpolation=cv2.INTER_AREA).astype(int)
    is_skin = np.abs(small - SKIN_RGB).max(axis=-1) < 20
    assert (found & is_skin).sum() < 0.02 * found.sum()
    texture = face.head.hair_texture(hair, HeadOptions(hair=True)).astype(int)
    assert np.abs(np.median(texture, axis=(0, 1)) - HAIR_RGB).max() < 20


def picture_of_hair_and_clothes(clothes: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Brown hair over clothes, (60, 80, 3), and heights that fall from 1.5 to -0.1."""
    photo = np.full((60, 80, 3), (120, 60, 20), np.uint8)
    photo[51:] = clothes
    noise = np.random.default_rng(0).integers(-8, 9, photo.shape)
    beside = np.broadcast_to(np.linspace(1.5, -0.1, 60)[:, None], photo.shape[:2])
    return (photo + noise).clip(0, 255).astype(np.uint8), beside


def test_low_places_in_other_colours_than_the_hair_s_are_clothes() -> None:
    everywhere = np.ones((60, 80), dtype=bool)
    for clothes, stays in (((70, 90, 170), False), ((120, 60, 20), True)):
        photo, beside = picture_of_hair_and_clothes(clothes)
        hair = labels._without_clothes(everywhere, photo, beside)
        assert hair[:50].all()
        assert hair[53:].mean() == pytest.approx(float(stays), abs=0.05)


def test_without_enough_hair_further_up_all_stays() -> None:
    photo, beside = picture_of_hair_and_clothes((70, 90, 170))
    few = np.zeros((60, 80), dtype=bool)
    few[5:, :9] = True
    np.testing.assert_array_equal(labels._without_clothes(few, photo, beside), few)


def test_hair_ends_at_shoulders_of_its_colours() -> None:
    """A lock hangs to row 60 on the left; on the right, one ends at a wide shoulder at row 40."""
    hair = np.zeros((80, 100), dtype=bool)
    hair[:60, 10:22] = True
    hair[:40, 60:72] = True
    hair[40:, 50:98] = True
    is_low = np.broadcast_to(np.arange(80)[:, None] > 20, hair.shape)
    kept = labels.hanging(hair, np.array([0.0, -1.0]), is_low)
    assert kept[:59, 10:22].all() and kept[:39, 60:72].all()
    assert not kept[43:, 40:].any()
