"""Faces that are covered, shrunk, blurred, dark, overexposed, turned or cut, and no faces at all.

The confidence is learned and measured on them (`tools.calibrate_confidence`): what is done to a
face whose landmarks are known does not change where these are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dasl.geometry.crop import CROP_SIZE
from tools.covers import (
    FILLS,
    MEASURED_FILLS,
    Fill,
    Outline,
    is_covered,
    over_eyes,
    over_mouth,
    over_something,
    under_cover,
)

Floats = NDArray[np.floating]

JITTER_PX, JITTER_SCALE = 4.0, 0.12
"""How far a crop is off where nothing else moves it."""
SHRUNK_PX = (10.0, 64.0)
BLUR_PX = (1.5, 7.0)
DARK, BRIGHT = (0.01, 0.2), (2.2, 7.0)
TURN_DEG = (50.0, 310.0)
CUT_PX = (30.0, 70.0)


@dataclass(frozen=True, eq=False)
class Damage:
    """One face after something was done to it.

    Attributes:
        picture: (120, 120, 3) 0..255.
        cover: (120, 120) 1 where something lies over the face.
        motion: (2, 3) from crop pixels before to crop pixels after.
        crop_px: side of the crop in pixels of its photo.
    """

    picture: Floats
    cover: Floats
    motion: Floats
    crop_px: float = CROP_SIZE

    def moved(self, points_crop: Floats) -> Floats:
        """Points (N, 2) with the face."""
        moved: Floats = points_crop @ self.motion[:, :2].T + self.motion[:, 2]
        return moved

    def covered(self, points_crop: Floats) -> float:
        """See `tools.covers.is_covered`."""
        return is_covered(self.cover, points_crop)


Change = Callable[[np.random.Generator, Floats, Floats, Floats], Damage]


def undamaged(
    random: np.random.Generator, picture: Floats, points_crop: Floats, patch: Floats
) -> Damage:
    """The face in a crop that is a little off, as all changes below.

    Args:
        random: draws what is done.
        picture: (120, 120, 3) 0..255.
        points_crop: (68, 2) landmarks, at least roughly.
        patch: (120, 120, 3) of another picture, for covers.
    """
    scale = 1 + JITTER_SCALE * random.uniform(-1, 1)
    return _placed(picture, _motion(0.0, scale, random.uniform(-JITTER_PX, JITTER_PX, 2)))


def turned(
    random: np.random.Generator, picture: Floats, points_crop: Floats, patch: Floats
) -> Damage:
    """Lying on its side, or upside down."""
    shift = random.uniform(-JITTER_PX, JITTER_PX, 2)
    return _placed(picture, _motion(random.uniform(*TURN_DEG), 1.0, shift))


def cut(random: np.random.Generator, picture: Floats, points_crop: Floats, patch: Floats) -> Damage:
    """Partly outside of the crop, or of the photo: what is outside is black or the border's."""
    angle, far = random.uniform(0, 2 * np.pi), random.uniform(*CUT_PX)
    motion = _motion(0.0, 1.0, far * np.array([np.cos(angle), np.sin(angle)]))
    border = cv2.BORDER_CONSTANT if random.random() < 0.5 else cv2.BORDER_REPLICATE
    return _placed(picture, motion, border)


def shrunk(
    random: np.random.Generator, picture: Floats, points_crop: Floats, patch: Floats
) -> Damage:
    """From a crop of a few pixels."""
    start = undamaged(random, picture, points_crop, patch)
    side = round(float(np.exp(random.uniform(*np.log(SHRUNK_PX)))))
    small = cv2.resize(start.picture, (side, side), interpolation=cv2.INTER_AREA)
    large = cv2.resize(small, (CROP_SIZE, CROP_SIZE), interpolation=cv2.INTER_LINEAR)
    return Damage(_float(large), start.cover, start.motion, float(side))


def blurred(
    random: np.random.Generator, picture: Floats, points_crop: Floats, patch: Floats
) -> Damage:
    """Out of focus."""
    start = undamaged(random, picture, points_crop, patch)
    soft = cv2.GaussianBlur(start.picture, (0, 0), random.uniform(*BLUR_PX))
    return Damage(_float(soft), start.cover, start.motion)


def dark(
    random: np.random.Generator, picture: Floats, points_crop: Floats, patch: Floats
) -> Damage:
    """Nearly black, with the noise of a sensor."""
    start = undamaged(random, picture, points_crop, patch)
    gain = np.exp(random.uniform(*np.log(DARK)))
    noise = random.normal(0.0, random.uniform(0.5, 4.0), picture.shape)
    return Damage(_film(start.picture * gain + noise), start.cover, start.motion)


def overexposed(
    random: np.random.Generator, picture: Floats, points_crop: Floats, patch: Floats
) -> Damage:
    """Much of it white."""
    start = undamaged(random, picture, points_crop, patch)
    lift = random.uniform(0.0, 120.0)
    return Damage(_film(start.picture * random.uniform(*BRIGHT) + lift), start.cover, start.motion)


def covered_by(outline: Outline, fills: tuple[Fill, ...]) -> Change:
    """A change that lays one of the fills over the face, within an outline."""

    def change(
        random: np.random.Generator, picture: Floats, points_crop: Floats, patch: Floats
    ) -> Damage:
        mask = outline(random, points_crop)
        shown = under_cover(random, picture, points_crop, patch, mask, fills)
        start = undamaged(random, shown, points_crop, patch)
        cover = cv2.warpAffine(mask, start.motion, (CROP_SIZE, CROP_SIZE))
        return Damage(start.picture, _float(cover), start.motion)

    return change


CHANGES: dict[str, Change] = {
    "undamaged": undamaged,
    "eyes covered": covered_by(over_eyes, FILLS),
    "mouth covered": covered_by(over_mouth, FILLS),
    "covered": covered_by(over_something, FILLS),
    "shrunk": shrunk,
    "blurred": blurred,
    "dark": dark,
    "overexposed": overexposed,
    "turned": turned,
    "cut": cut,
}

UNDAMAGED, DAMAGES = next(iter(CHANGES)), tuple(CHANGES)[1:]


MEASURED_CHANGES: dict[str, Change] = {
    "eyes, other covers": covered_by(over_eyes, MEASURED_FILLS),
    "mouth, other covers": covered_by(over_mouth, MEASURED_FILLS),
}
"""Changes that nothing is learned from."""


def _placed(picture: Floats, motion: Floats, border: int = cv2.BORDER_REPLICATE) -> Damage:
    moved = cv2.warpAffine(picture, motion, (CROP_SIZE, CROP_SIZE), borderMode=border)
    return Damage(_float(moved), np.zeros((CROP_SIZE, CROP_SIZE), np.float32), motion)


def _motion(turn_deg: float, scale: float, shift: NDArray[np.floating]) -> Floats:
    middle = (CROP_SIZE - 1) / 2
    motion = _float(cv2.getRotationMatrix2D((middle, middle), turn_deg, scale))
    motion[:, 2] += shift
    return motion


def _film(picture: NDArray[np.floating]) -> Floats:
    return _float(np.rint(picture).clip(0, 255))


def _float(picture: NDArray[Any]) -> Floats:
    return np.asarray(picture, np.float32)
