"""The opening between the lips on a grid of the photo: its borders and its content.

Grids are aligned with the head's x and y axes, with cells of `STEP_MM` and row 0 at the top.
Borders are rows, NaN in columns without an opening.
"""

import cv2
import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray, IntArray
from dasl.geometry.smoothstep import smoothstep
from dasl.texture.tone import LUMA

STEP_MM = 0.7
DRAWN_BACK_MM = 4.0
"""Amount by which the upper teeth are raised if none are visible."""
_TOOTH_PALER, _TOOTH_GREENER = (0.02, 0.06), (-0.02, 0.005)
"""Relative amounts by which a tooth is less red than the skin, or twice its excess of green; and
the excess of green alone, since lips can be paler too but are less green than skin."""
_TOOTH_BRIGHT, _GREY_TOOTH_BRIGHT, _GREY = (0.40, 0.65), (0.9, 1.15), 0.05
"""Brightness of a tooth relative to the skin; the same for grey photos; and the skin's saturation
below which a photo counts as grey."""
_DARK = (0.50, 0.32)
"""Brightness relative to the skin over which the dark cavity fades in: no tooth and no lip."""
_SHIFTS_MM = np.arange(-5.0, 5.01, 0.5)
_BESIDE_MM = (0.6, 1.3, 2.0)
_FAR_PENALTY, _LEAST_EDGE = 0.008, 0.22
_CENTRAL = 0.7
_SAMPLES = 16
_SHOWS = 0.4
_LIPS_MM, _BRIGHTER = (0.8, 1.6, 2.4), 1.1
"""Distances from the opening at which the lips are sampled, and least brightness of teeth relative
to the lips."""
_FILLS, _OVERLAP_MM = 0.8, 2.5
"""Share of the opening above which teeth extend behind the lower lip, and by how much."""


def opening_borders(is_gap: npt.NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Upper and lower border rows of the opening in each column, NaN if there is none."""
    top = np.where(is_gap.any(axis=0), is_gap.argmax(axis=0), np.nan)
    last = len(is_gap) - 1 - is_gap[::-1].argmax(axis=0)
    bottom = np.where(np.isnan(top), np.nan, last + 0.5)
    return (top - 0.5).astype(np.float32), bottom.astype(np.float32)


def mouth_inside(colours: FloatArray, skin: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Degrees (...) in [0, 1] to which colours (..., 3) are teeth or dark, and teeth alone.

    Args:
        colours: 0..255.
        skin: (3,) of the face's skin, 0..255; a black or purely coloured one is no division by 0.
    """
    skin = np.maximum(skin, 1.0)
    brightness = colours @ LUMA / (skin @ LUMA)
    if np.ptp(skin) < _GREY * skin.max():
        tooth = smoothstep(brightness, *_GREY_TOOTH_BRIGHT)
    else:
        shares = colours / np.maximum(colours.sum(axis=-1, keepdims=True), 1.0)
        redder, greener = np.moveaxis(shares / (skin / skin.sum()) - 1.0, -1, 0)[:2]
        hue = smoothstep(np.maximum(-redder, 2.0 * greener), *_TOOTH_PALER)
        tooth = hue * smoothstep(greener, *_TOOTH_GREENER) * smoothstep(brightness, *_TOOTH_BRIGHT)
    return np.maximum(tooth, smoothstep(brightness, *_DARK)), tooth


def border_shifts(
    inside: FloatArray, top: FloatArray, bottom: FloatArray
) -> tuple[FloatArray, ...]:
    """Rows from the fitted borders down to the photo's, (columns,) each."""
    columns, central = np.flatnonzero(~np.isnan(top)), central_columns(top, _CENTRAL)
    middle, half = columns.mean(), max(np.ptp(columns) / 2.0, 1.0)
    bulge = 1.0 - 0.5 * ((np.arange(len(top)) - middle) / half).clip(-1.0, 1.0) ** 2
    best = []
    for border, towards_inside in ((top, 1.0), (bottom, -1.0)):
        rows = border[central] + (_SHIFTS_MM[:, None] * bulge[central]) / STEP_MM
        beside = np.array(_BESIDE_MM)[:, None, None] * towards_inside / STEP_MM
        within, without = (
            _at(inside, (rows + step).reshape(-1, len(central)), central)
            for step in (beside, -beside)
        )
        edge = (within - without).reshape(len(_BESIDE_MM), len(_SHIFTS_MM), -1).mean(axis=(0, 2))
        score = edge - _FAR_PENALTY * _SHIFTS_MM**2
        found = int(score.argmax())
        best.append(_SHIFTS_MM[found] / STEP_MM if edge[found] > _LEAST_EDGE else 0.0)
    height = np.nanmedian(bottom[central] - top[central])
    if height + best[1] - best[0] < 1.0:  # borders that cross
        best = [0.0, 0.0]
    return tuple((shift * bulge).astype(np.float32) for shift in best)


def _at(values: FloatArray, rows: npt.NDArray[np.floating], columns: IntArray) -> FloatArray:
    """Values (R, C) at fractional rows (N, M) of columns (M,): (N, M)."""
    x = np.broadcast_to(columns, rows.shape).astype(np.float32)
    sampled = cv2.remap(
        values.astype(np.float32),
        x,
        rows.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(sampled, dtype=np.float32)


def moved_photo(
    photo: FloatArray,
    top: FloatArray,
    bottom: FloatArray,
    top_shift: FloatArray,
    bottom_shift: FloatArray,
) -> FloatArray:
    """Warp the photo on the grid so that its opening matches the fitted one."""
    known = np.flatnonzero(~np.isnan(top))
    columns = np.arange(len(top))
    first, last, up, down = (
        np.interp(columns, known, values[known])
        for values in (top, bottom, top_shift, bottom_shift)
    )
    rows = np.arange(len(photo))[:, None]
    along = ((rows - first) / np.maximum(last - first, 1.0)).clip(0.0, 1.0)
    source = (rows + up + along * (down - up)).astype(np.float32)
    x = np.broadcast_to(columns, source.shape).astype(np.float32)
    moved = cv2.remap(photo, x, source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.float32)


def teeth_share(
    picture: FloatArray, inside: FloatArray, tooth: FloatArray, top: FloatArray, bottom: FloatArray
) -> tuple[float, bool]:
    """Share of the opening that teeth fill from above, and whether it is open on the photo."""
    central = central_columns(top, _CENTRAL)
    along = (np.arange(_SAMPLES)[:, None] + 0.5) / _SAMPLES
    rows = top[central] + along * (bottom[central] - top[central])
    is_open = float(_at(inside, rows, central).mean()) > _SHOWS
    luma = (picture @ LUMA).astype(np.float32)
    lips = [
        _at(luma, border[central] + np.array(_LIPS_MM)[:, None] * down / STEP_MM, central)
        for border, down in ((top, -1.0), (bottom, 1.0))
    ]
    shows = _at(tooth, rows, central)
    shows = shows.mean(axis=1) > _SHOWS
    if not is_open or not shows[: _SAMPLES // 2].any():
        return 0.0, is_open
    if np.median(_at(luma, rows, central)[shows]) < _BRIGHTER * np.median(lips):
        return 0.0, is_open
    first = int(shows.argmax())
    ends = np.flatnonzero(~shows[first:])
    return (first + int(ends[0]) if len(ends) else _SAMPLES) / _SAMPLES, is_open


def central_columns(top: FloatArray, share: float) -> IntArray:
    """Columns of the opening's middle part; all columns if only its corners are open."""
    columns = np.flatnonzero(~np.isnan(top))
    middle, half = columns.mean(), max(np.ptp(columns) / 2.0, 1.0)
    chosen = columns[np.abs(columns - middle) <= share * half]
    return np.asarray(chosen if len(chosen) else columns)


def lowered_mm(part: IntArray, top: FloatArray, bottom: FloatArray, shown: float) -> float:
    """Amount to lower the teeth by so that they fill a share of the fitted opening."""
    central = central_columns(top, _CENTRAL / 2)
    height = float(np.median(bottom[central] - top[central])) * STEP_MM
    now = float(np.median((part[:, central] == 1).sum(axis=0))) * STEP_MM
    if shown == 0.0:
        return -DRAWN_BACK_MM
    overlap = _OVERLAP_MM if shown > _FILLS else 0.0
    return shown * height - now + overlap
