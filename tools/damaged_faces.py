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

Floats = NDArray[np.floating]

EYES, MOUTH, JAW = slice(36, 48), slice(48, 68), slice(2, 15)
JITTER_PX, JITTER_SCALE = 4.0, 0.12
"""How far a crop is off where nothing else moves it."""
SHRUNK_PX = (10.0, 64.0)
BLUR_PX = (1.5, 7.0)
DARK, BRIGHT = (0.01, 0.2), (2.2, 7.0)
TURN_DEG = (50.0, 310.0)
CUT_PX = (30.0, 70.0)
COVERED, UNCOVERED = 0.75, 0.2
"""Share of a region's landmarks that lie under a cover from which on it counts as covered, and up
to which as seen; between the two it counts as neither."""


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
        """1 where a cover hides the (N, 2) points of a region, 0 where it does not, else NaN."""
        spots = np.rint(points_crop).astype(int).clip(0, CROP_SIZE - 1)
        share = self.cover[spots[:, 1], spots[:, 0]].mean()
        return 1.0 if share >= COVERED else 0.0 if share <= UNCOVERED else float("nan")


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


def covered_eyes(
    random: np.random.Generator, picture: Floats, points_crop: Floats, patch: Floats
) -> Damage:
    """A bar, dark glasses or fingers over the eyes."""
    mask, across, length = _empty_cover(points_crop)
    kind = random.integers(3)
    if kind == 0:
        for eye in (slice(36, 42), slice(42, 48)):
            half = length * np.array([random.uniform(0.24, 0.32), random.uniform(0.18, 0.26)])
            _blob(mask, points_crop[eye].mean(axis=0), half, across)
        fill = np.full_like(picture, random.uniform(0, 60)) + 0.15 * patch
    else:
        half = length * np.array([random.uniform(0.65, 1.1), random.uniform(0.22, 0.6)])
        _blob(mask, points_crop[EYES].mean(axis=0), half, across, square=kind == 1)
        fill = _skin(random, picture, points_crop) if kind == 2 else _any(random, patch)
    return _covered(random, picture, points_crop, patch, mask, fill)


def covered_mouth(
    random: np.random.Generator, picture: Floats, points_crop: Floats, patch: Floats
) -> Damage:
    """A mask, a hand or a thing before the mouth."""
    mask, across, length = _empty_cover(points_crop)
    kind = random.integers(3)
    if kind == 0:
        outline = np.concatenate([points_crop[JAW], points_crop[[29]]])
        cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(outline).astype(np.int32)), 1.0)
        fill = random.uniform(30, 255, 3).astype(np.float32) + 0.2 * (patch - patch.mean())
    else:
        half = length * np.array([random.uniform(0.42, 0.85), random.uniform(0.28, 0.6)])
        _blob(mask, points_crop[MOUTH].mean(axis=0), half, across, square=kind == 1)
        fill = _skin(random, picture, points_crop) if kind == 2 else _any(random, patch)
    return _covered(random, picture, points_crop, patch, mask, fill)


def covered_somewhere(
    random: np.random.Generator, picture: Floats, points_crop: Floats, patch: Floats
) -> Damage:
    """Something large before any part of the face."""
    mask = np.zeros((CROP_SIZE, CROP_SIZE), np.float32)
    turn = random.uniform(0, np.pi)
    half = random.uniform(12, 38, 2)
    centre = random.uniform(20, 100, 2)
    _blob(mask, centre, half, np.array([np.cos(turn), np.sin(turn)]), random.random() < 0.5)
    fill = _any(random, patch)
    if random.random() < 0.5:
        fill = _skin(random, picture, points_crop)
    return _covered(random, picture, points_crop, patch, mask, fill)


CHANGES: dict[str, Change] = {
    "undamaged": undamaged,
    "eyes covered": covered_eyes,
    "mouth covered": covered_mouth,
    "covered": covered_somewhere,
    "shrunk": shrunk,
    "blurred": blurred,
    "dark": dark,
    "overexposed": overexposed,
    "turned": turned,
    "cut": cut,
}


def _empty_cover(points_crop: Floats) -> tuple[Floats, Floats, float]:
    """An empty mask; the line between the outer eye corners (2,); its length, at least 30 px."""
    across = points_crop[45] - points_crop[36]
    length = max(float(np.hypot(*across)), 30.0)
    return np.zeros((CROP_SIZE, CROP_SIZE), np.float32), across, length


def _covered(
    random: np.random.Generator,
    picture: Floats,
    points_crop: Floats,
    patch: Floats,
    mask: Floats,
    fill: Floats,
) -> Damage:
    soft = cv2.GaussianBlur(mask, (0, 0), random.uniform(0.6, 2.0))[..., None]
    start = undamaged(random, picture + soft * (_film(fill) - picture), points_crop, patch)
    cover = cv2.warpAffine(mask, start.motion, (CROP_SIZE, CROP_SIZE))
    return Damage(start.picture, _float(cover), start.motion)


def _blob(mask: Floats, centre: Floats, half: Floats, across: Floats, square: bool = False) -> None:
    """Marks an ellipse or a rectangle with 1; `half` are its half sides along and across."""
    angle = float(np.degrees(np.arctan2(across[1], across[0])))
    box = (tuple(map(float, centre)), tuple(map(float, 2 * half)), angle)
    if square:
        cv2.fillConvexPoly(mask, np.rint(cv2.boxPoints(box)).astype(np.int32), 1.0)
    else:
        cv2.ellipse(mask, box, 1.0, -1)


def _any(random: np.random.Generator, patch: Floats) -> Floats:
    """One colour, or a piece of another picture."""
    if random.random() < 0.4:
        return np.broadcast_to(random.uniform(0, 255, 3).astype(np.float32), patch.shape)
    fill: Floats = patch * np.float32(random.uniform(0.5, 1.5))
    return fill


def _skin(random: np.random.Generator, picture: Floats, points_crop: Floats) -> Floats:
    """Fingers of about the face's own colour, side by side."""
    x, y = np.rint(points_crop[[29, 30, 31, 35]].mean(axis=0)).astype(int).clip(4, CROP_SIZE - 5)
    colour = picture[y - 4 : y + 5, x - 4 : x + 5].mean(axis=(0, 1))
    rows, columns = np.mgrid[:CROP_SIZE, :CROP_SIZE].astype(np.float32)
    turn, width = random.uniform(0, np.pi), random.uniform(7, 16)
    across = rows * np.cos(turn) + columns * np.sin(turn)
    shade = 0.75 + 0.25 * np.abs(np.sin(np.pi * across / width)) ** 0.5
    slope = 1 + random.uniform(-0.3, 0.3) * (columns / CROP_SIZE - 0.5)
    fill: Floats = colour * (random.uniform(0.8, 1.15) * shade * slope)[..., None]
    return fill + random.normal(0, 3, fill.shape).astype(np.float32)


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
