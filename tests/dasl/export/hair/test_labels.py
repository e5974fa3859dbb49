"""Hair is told from the skin of the forehead."""

import cv2
import numpy as np

from dasl.export.options import HeadOptions
from tests.dasl.export.hair.haired_head import HAIR_RGB, SKIN_RGB, face_with_hair


def test_a_high_forehead_under_short_hair_is_skin(monkeypatch) -> None:
    """Of hair this short, little is seen beyond the head: colours are learnt from the scalp."""
    face = face_with_hair(monkeypatch, stands_off_m=0.010, forehead_m=0.055)
    hair = face.head.hair
    labels, photo = hair.on_photo.labels, hair.on_photo.photo
    small = cv2.resize(photo, labels.hair.shape[::-1], interpolation=cv2.INTER_AREA).astype(int)
    is_skin = np.abs(small - SKIN_RGB).max(axis=-1) < 20
    assert (labels.hair & is_skin).sum() < 0.02 * labels.hair.sum()
    texture = face.head.hair_texture(hair, HeadOptions(hair=True)).astype(int)
    assert np.abs(np.median(texture, axis=(0, 1)) - HAIR_RGB).max() < 20
