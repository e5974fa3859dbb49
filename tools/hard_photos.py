"""Photos of 450 x 450 pixels with one face of interest, composed to be hard for a detector.

`tools.evaluate_detector` uses them to compare detected with given boxes. Each photo is a face with
known landmarks, pasted into another picture: plain, turned, cut by the border, damaged
(`tools.damaged_faces`), with a second, smaller face beside it, or both covered and beside one.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dasl.arrays import RgbImage
from dasl.geometry.crop import CROP_SIZE
from tools.damaged_faces import CHANGES, UNDAMAGED

Floats = NDArray[np.floating]

PHOTO_SIDE = 450
CROP_SIDES_PX = (150.0, 420.0)
"""Side of the pasted crop; the face's landmarks fill 0.7 of it."""
OFF_CENTRE_PX = 30.0
SOFT_BORDER_PX = 10
SECOND_SIDE = (0.35, 0.8)
"""Crop side of a second face, relative to the first one's."""
SECOND_FROM_CENTRE_PX = (150.0, 230.0)
BORDER_SHARE = (0.05, 0.3)
"""Share of the crop's side outside the photo, for a face cut by the border."""


@dataclass(frozen=True, eq=False)
class HardPhoto:
    """A photo and the position of its face.

    Attributes:
        pixels: (450, 450, 3) uint8 RGB.
        motion: (2, 3) affine map from pixels of the face's crop to photo pixels.
    """

    pixels: RgbImage
    motion: Floats

    def in_photo(self, points_crop: Floats) -> Floats:
        """Map points (N, 2) from crop to photo pixels."""
        moved: Floats = points_crop @ self.motion[:, :2].T + self.motion[:, 2]
        return moved

    def in_crop(self, points_image: Floats) -> Floats:
        """Map points (N, 2) from photo to crop pixels."""
        moved: Floats = (points_image - self.motion[:, 2]) @ np.linalg.inv(self.motion[:, :2]).T
        return moved


SECOND, COVERED_BESIDE = "second face", "covered beside a second face"
KINDS = ("plain", "turned", "border", SECOND, COVERED_BESIDE, *tuple(CHANGES)[1:8])
"""Kinds of photos; all but the first four damage the face."""


def hard_photo(
    kind: str,
    random: np.random.Generator,
    face: RgbImage,
    points_crop: Floats,
    patch: RgbImage,
    other: RgbImage,
) -> HardPhoto:
    """Compose one photo.

    Args:
        kind: one of `KINDS`.
        random: draws place, size and damage.
        face: (120, 120, 3) crop.
        points_crop: (68, 2) landmarks of the crop; approximate ones suffice.
        patch: (120, 120, 3) picture for background and covers.
        other: (120, 120, 3) crop of the second face.
    """
    damaged = "covered" if kind == COVERED_BESIDE else kind
    change = CHANGES[damaged if damaged in CHANGES else UNDAMAGED]
    damage = change(random, face.astype(np.float32), points_crop, patch.astype(np.float32))
    photo = cv2.resize(patch, (PHOTO_SIDE, PHOTO_SIDE), interpolation=cv2.INTER_CUBIC)
    photo = photo.astype(np.float32)
    side = float(np.exp(random.uniform(*np.log(CROP_SIDES_PX))))
    centre = PHOTO_SIDE / 2 + random.uniform(-OFF_CENTRE_PX, OFF_CENTRE_PX, 2)
    if kind == "border":
        centre[random.integers(2)] = side * (0.5 - random.uniform(*BORDER_SHARE))
        if random.random() < 0.5:
            centre = PHOTO_SIDE - centre
    if kind in (SECOND, COVERED_BESIDE):
        angle, far = random.uniform(0, 2 * np.pi), random.uniform(*SECOND_FROM_CENTRE_PX)
        place = PHOTO_SIDE / 2 + far * np.array([np.cos(angle), np.sin(angle)])
        second_side = side * random.uniform(*SECOND_SIDE)
        _paste(photo, other.astype(np.float32), _motion(place, second_side, 0.0))
    turn_deg = random.uniform(60.0, 300.0) if kind == "turned" else 0.0
    motion = _motion(centre, side, turn_deg)
    _paste(photo, damage.picture, motion)
    both = np.vstack([motion, [0, 0, 1]]) @ np.vstack([damage.motion, [0, 0, 1]])
    return HardPhoto(photo.round().clip(0, 255).astype(np.uint8), both[:2])


def _motion(centre: Floats, side_px: float, turn_deg: float) -> Floats:
    """Affine map (2, 3) from crop to photo pixels."""
    middle = (CROP_SIZE - 1) / 2
    motion = np.asarray(
        cv2.getRotationMatrix2D((middle, middle), turn_deg, side_px / CROP_SIZE), np.float64
    )
    motion[:, 2] += centre - middle
    return motion


def _paste(photo: Floats, picture: Floats, motion: Floats) -> None:
    mask = np.zeros((CROP_SIZE, CROP_SIZE), np.float32)
    inner = slice(SOFT_BORDER_PX, -SOFT_BORDER_PX)
    mask[inner, inner] = 1.0
    mask = cv2.GaussianBlur(mask, (0, 0), SOFT_BORDER_PX / 2.5)
    size = (photo.shape[1], photo.shape[0])
    over = cv2.warpAffine(picture, motion, size, flags=cv2.INTER_CUBIC)
    soft = cv2.warpAffine(mask, motion, size)[..., None]
    photo += soft * (over - photo)
