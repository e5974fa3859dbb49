"""Synthetic covers of faces: outlines and fills.

The cover network (`dasl.network.cover_network`) is trained on covers with `FILLS`. It is measured
on covers with `MEASURED_FILLS`, which look different, and on faces whose eyes or mouth annotators
could not see (`tools.cover_faces`).
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from dasl.geometry.crop import CROP_SIZE

Floats = NDArray[np.floating]
Random = np.random.Generator

EYE_LEFT, EYE_RIGHT, EYES, MOUTH, JAW = (
    slice(36, 42),
    slice(42, 48),
    slice(36, 48),
    slice(48, 68),
    slice(2, 15),
)
LEAST_EYE_LINE_PX = 30.0
"""Least length of the line between the outer eye corners, which scales the covers. In profile the
corners are close together."""

COVERED, UNCOVERED = 0.75, 0.2
"""Thresholds of the share of a region's landmarks under a cover: from the first, the region counts
as covered; up to the second, as visible; in between, as neither."""

_PIXELS = np.mgrid[:CROP_SIZE, :CROP_SIZE].astype(np.float32)

Outline = Callable[[Random, Floats], Floats]
"""Draws a (120, 120) mask from a face's landmarks."""
Fill = Callable[[Random, Floats, Floats, Floats], Floats]
"""Draws (120, 120, 3) from a picture of a face, its landmarks and another picture."""


def over_eyes(random: Random, points_crop: Floats) -> Floats:
    """(120, 120) mask, 1 over both eyes: a bar, a band, fingers, an arm from the side or glasses.

    Args:
        random: draws the outline.
        points_crop: (68, 2) landmarks.
    """
    mask, across, length = _empty(points_crop)
    middle, kind = points_crop[EYES].mean(axis=0), random.integers(4)
    if kind == 0:
        for eye in (EYE_LEFT, EYE_RIGHT):
            half = length * np.array([random.uniform(0.24, 0.34), random.uniform(0.18, 0.28)])
            _blob(mask, points_crop[eye].mean(axis=0), half, across, square=random.random() < 0.3)
        return _bridge(mask, points_crop, random)
    half = length * np.array([random.uniform(0.65, 1.1), random.uniform(0.22, 0.6)])
    if kind == 3:
        side = random.choice([-1.0, 1.0]) * across
        middle = middle + side * random.uniform(0.2, 0.6)
        half = half + length * np.array([0.5, 0.1])
        across = across + random.normal(0.0, 0.25, 2) * length
    _blob(mask, middle, half, across, square=kind == 1)
    return mask


def over_mouth(random: Random, points_crop: Floats) -> Floats:
    """(120, 120) mask, 1 over the mouth: a face mask, a hand or an object; see `over_eyes`."""
    mask, across, length = _empty(points_crop)
    kind = random.integers(3)
    if kind == 0:
        outline = np.concatenate([points_crop[JAW], points_crop[[random.integers(28, 31)]]])
        cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(outline).astype(np.int32)), 1.0)
        return mask
    half = length * np.array([random.uniform(0.42, 0.85), random.uniform(0.28, 0.6)])
    _blob(mask, points_crop[MOUTH].mean(axis=0), half, across, square=kind == 1)
    return mask


def over_something(random: Random, points_crop: Floats) -> Floats:
    """(120, 120) mask, 1 over any part of the crop; see `over_eyes`."""
    mask = np.zeros((CROP_SIZE, CROP_SIZE), np.float32)
    turn = random.uniform(0, np.pi)
    towards = np.array([np.cos(turn), np.sin(turn)])
    _blob(
        mask,
        random.uniform(20, 100, 2),
        random.uniform(12, 38, 2),
        towards,
        random.random() < 0.5,
    )
    return mask


def is_covered(mask: Floats, points_crop: Floats) -> float:
    """1 if a mask covers a region's points (N, 2), 0 if they are visible, NaN in between."""
    spots = np.rint(points_crop).astype(int).clip(0, CROP_SIZE - 1)
    share = mask[spots[:, 1], spots[:, 0]].mean()
    return 1.0 if share >= COVERED else 0.0 if share <= UNCOVERED else float("nan")


def one_colour(random: Random, picture: Floats, points_crop: Floats, patch: Floats) -> Floats:
    """One colour, with faint shading from another picture."""
    colour = random.uniform(0, 255, 3)
    if random.random() < 0.4:
        colour = np.full(3, random.uniform(0, 255))
    fill: Floats = colour + random.uniform(0, 0.25) * (patch - patch.mean())
    return fill


def other_picture(random: Random, picture: Floats, points_crop: Floats, patch: Floats) -> Floats:
    """A piece of another picture."""
    fill: Floats = patch * random.uniform(0.5, 1.5)
    return fill


def fingers(random: Random, picture: Floats, points_crop: Floats, patch: Floats) -> Floats:
    """Fingers of about the face's own colour, side by side."""
    rows, columns = _PIXELS
    turn, width = random.uniform(0, np.pi), random.uniform(7, 16)
    across = rows * np.cos(turn) + columns * np.sin(turn)
    shade = 0.75 + 0.25 * np.abs(np.sin(np.pi * across / width)) ** random.uniform(0.3, 1.0)
    slope = 1 + random.uniform(-0.3, 0.3) * (columns / CROP_SIZE - 0.5)
    light = random.uniform(0.7, 1.2) * shade * slope
    fill: Floats = _skin(picture, points_crop) * light[..., None]
    return fill


def palm(random: Random, picture: Floats, points_crop: Floats, patch: Floats) -> Floats:
    """Smooth skin of about the face's own colour, with soft shadows."""
    spots = cv2.resize(
        random.normal(1.0, 0.15, (5, 5)), (CROP_SIZE, CROP_SIZE), interpolation=cv2.INTER_CUBIC
    )
    fill: Floats = _skin(picture, points_crop) * (random.uniform(0.7, 1.2) * spots)[..., None]
    return fill


def stripes(random: Random, picture: Floats, points_crop: Floats, patch: Floats) -> Floats:
    """Two colours in stripes."""
    rows, columns = _PIXELS
    turn, width = random.uniform(0, np.pi), random.uniform(3, 14)
    share = 0.5 + 0.5 * np.sin((rows * np.cos(turn) + columns * np.sin(turn)) * np.pi / width)
    first, second = random.uniform(0, 255, (2, 3))
    fill: Floats = first + (second - first) * share[..., None]
    return fill


def dark_glass(random: Random, picture: Floats, points_crop: Floats, patch: Floats) -> Floats:
    """Dark or tinted glass: shows some of the face, and a reflection of another picture."""
    tint = random.uniform(0, 70) + random.uniform(-20, 30, 3)
    through, mirrored = random.uniform(0, 0.2), random.uniform(0, 0.4)
    lighter_below = np.linspace(0, random.uniform(0, 40), CROP_SIZE)[:, None, None]
    fill: Floats = tint + through * picture + mirrored * patch[::-1] + lighter_below
    return fill


def cloth(random: Random, picture: Floats, points_crop: Floats, patch: Floats) -> Floats:
    """Woven cloth in folds."""
    rows, columns = _PIXELS
    turn, wide = random.uniform(0, np.pi), random.uniform(12, 40)
    fold = rows * np.cos(turn) + columns * np.sin(turn) + 4 * np.sin(rows / wide)
    weave = np.sin(rows * random.uniform(1, 2.5)) * np.sin(columns * random.uniform(1, 2.5))
    light = 0.75 + 0.2 * np.sin(2 * np.pi * fold / wide) + 0.06 * weave
    fill: Floats = random.uniform(30, 255, 3) * light[..., None]
    return fill


def hair(random: Random, picture: Floats, points_crop: Floats, patch: Floats) -> Floats:
    """Strands of hair, drawn along one direction."""
    turn = random.uniform(-0.5, 0.5)
    strands = random.normal(0, 1, (CROP_SIZE, CROP_SIZE)).astype(np.float32)
    strands = cv2.GaussianBlur(strands, (0, 0), sigmaX=0.7, sigmaY=25)
    strands = strands / strands.std() * 0.35
    motion = cv2.getRotationMatrix2D((CROP_SIZE / 2, CROP_SIZE / 2), np.degrees(turn), 1.5)
    strands = cv2.warpAffine(
        strands, motion, (CROP_SIZE, CROP_SIZE), borderMode=cv2.BORDER_REFLECT_101
    )
    colour = np.array([1.0, 0.75, 0.55]) * random.uniform(20, 190)
    fill: Floats = colour * (1 + strands)[..., None]
    return fill


def mosaic(random: Random, picture: Floats, points_crop: Floats, patch: Floats) -> Floats:
    """The face itself, pixelated as for anonymity."""
    side = int(random.integers(5, 9))
    small = cv2.resize(picture.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(
        cv2.resize(small, (CROP_SIZE, CROP_SIZE), interpolation=cv2.INTER_NEAREST), np.float64
    )


FILLS: tuple[Fill, ...] = (one_colour, other_picture, fingers, palm, stripes, dark_glass)
MEASURED_FILLS: tuple[Fill, ...] = (cloth, hair, mosaic)
"""Fills that are not used for training."""


def under_cover(
    random: Random,
    picture: Floats,
    points_crop: Floats,
    patch: Floats,
    mask: Floats,
    fills: tuple[Fill, ...] = FILLS,
) -> Floats:
    """Blend one of the fills into the picture (120, 120, 3) under the mask, with a soft border."""
    fill = fills[random.integers(len(fills))](random, picture, points_crop, patch)
    soft = cv2.GaussianBlur(mask, (0, 0), random.uniform(0.6, 2.0))[..., None]
    covered: Floats = picture + soft * (fill.clip(0, 255).astype(np.float32) - picture)
    return covered


def _empty(points_crop: Floats) -> tuple[Floats, Floats, float]:
    """An empty mask; the line between the outer eye corners (2,); its length."""
    across = points_crop[45] - points_crop[36]
    length = max(float(np.hypot(*across)), LEAST_EYE_LINE_PX)
    return np.zeros((CROP_SIZE, CROP_SIZE), np.float32), across, length


def _bridge(mask: Floats, points_crop: Floats, random: Random) -> Floats:
    """Add the thin bar between and beside the lenses of glasses to the mask."""
    ends = np.rint(points_crop[[36, 45]] + random.normal(0, 1.5, 2)).astype(int).tolist()
    cv2.line(mask, ends[0], ends[1], 1.0, int(random.integers(1, 4)))
    return mask


def _blob(mask: Floats, centre: Floats, half: Floats, across: Floats, square: bool = False) -> None:
    """Draw an ellipse or a rectangle of ones; `half` holds its half sides along and across."""
    angle = float(np.degrees(np.arctan2(across[1], across[0])))
    box = (tuple(map(float, centre)), tuple(map(float, 2 * half)), angle)
    if square:
        cv2.fillConvexPoly(mask, np.rint(cv2.boxPoints(box)).astype(np.int32), 1.0)
    else:
        cv2.ellipse(mask, box, 1.0, -1)


def _skin(picture: Floats, points_crop: Floats) -> Floats:
    """Mean colour (3,) at the nose."""
    x, y = np.rint(points_crop[[29, 30, 31, 35]].mean(axis=0)).astype(int).clip(4, CROP_SIZE - 5)
    colour: Floats = picture[y - 4 : y + 5, x - 4 : x + 5].mean(axis=(0, 1))
    return colour
