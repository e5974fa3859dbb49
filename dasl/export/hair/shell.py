"""Hair thickness along each ray, measured on the photo's outline where that is visible."""

from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter, grey_closing, grey_dilation, median_filter

from dasl.arrays import FloatArray
from dasl.export.hair.camera import Camera, Floats
from dasl.export.hair.labels import HairLabels
from dasl.export.hair.march import Marched, facing, looked_up
from dasl.export.hair.placed import Mask
from dasl.export.hair.rays import AZIMUTH_DEG, COLUMNS, DOME_ROWS, ROWS, mirrored, ray_field
from dasl.export.hair.smooth import smoothed
from dasl.geometry.smoothstep import smoothstep

_CONTOUR = (0.50, 0.15)
"""Range of cosines (ray to view direction) over which the outline begins to set the thickness."""
_VISIBLE = (0.05, 0.30)
"""Range of cosines (normal to view direction) over which the photo begins to set the presence."""
_SURE, _MIRRORED, _FAINT = 8.0, 0.35, 0.02
"""Weight of observed values, factor for values mirrored from the other side, and weight of the
default thickness. Smoothness has weight 1 per edge of the ray field."""
_SCALP_PULL, _NECK_PULL, _FRINGE_PULL = 0.5, 0.15, 0.25
_FRINGE_M = 0.008
"""Thickness of hair on forehead or cheeks."""
_THINNEST_M, _SINK_M, _OVER_EAR_M = 0.003, 0.006, 0.002
_BESIDE_M = (0.006, 0.018)
"""Range of lengths along hair beside the head over which a ray becomes evidence of hair."""
_SIDE_DEG, _SIDE_HALF_DEG, _BACK_DEG = 105.0, 30.0, (80.0, 100.0)
_LONG_M, _LEAST_LONG_RAYS, _STUBBLE_M = 0.02, 30, 0.007
"""Hair has no volume if its outline is closer to the scalp than `_STUBBLE_M`, unless at least
`_LEAST_LONG_RAYS` rays run more than `_LONG_M` along hair beside the head."""
_LEAST_SHOWN_RAYS = 10
"""Fewest rays on which the photo shows the hair that was found. Others give its colours."""
_MOST_USUAL_M, _USUAL_LOW = 0.04, 0.25
_SPREAD_M, _ROUND_CELLS, _NAPE_CELLS, _HEM_ROWS = 0.0005, 4.0, 10.0, 3
_SCALP = 0.9
"""Share of scalp over which hair is expected: not on the soft edge of the painted hair."""
_PRESENT, _HIDDEN, _COVERED_EAR = (0.35, 0.65), (0.80, 0.97), 0.55
_MOST_MISSED, _MOST_UNEVEN_M = 0.12, 0.025
"""Hair is not measured beyond these: share of the head's own outline that is not labelled as
person; mean difference of the hair's two sides above the ears, where one was not found."""
_DOME = (np.arange(ROWS) < DOME_ROWS)[:, None]
_BEHIND = smoothstep(np.abs(AZIMUTH_DEG), 80.0, 110.0) * ~_DOME
_CLOSED_CELLS, _CROWN_ROWS = 7, 9
_TO_CROWN = smoothstep(np.arange(ROWS, dtype=float), _CROWN_ROWS, 0.0)[:, None]
"""By row, how far values become their mean over the crown, where all columns meet."""
_HAIRLINE = np.ones((9, 9), np.uint8)
"""Margin within the hairline on the photo. In it, the head's own texture shows the hair; where the
hair's mesh begins is then not seen."""

_blurred = partial(gaussian_filter, mode=("nearest", "wrap"))


@dataclass(frozen=True, eq=False)
class Shell:
    """Hair on the ray field, R rows and C columns.

    Attributes:
        radius: (R, C) metres, of the outer surface; below the skin where there is no hair.
        thickness: (R, C) metres above the head without ears, where there is hair.
        present: (R, C) in [0, 1], presence of hair.
    """

    radius: FloatArray
    thickness: FloatArray
    present: FloatArray


def hair_shell(
    skin: Floats,
    bare: Floats,
    scalp: Floats,
    labels: HairLabels,
    camera: Camera,
    marched: Marched,
) -> Shell | None:
    """Estimate the hair's outer surface; None if it has no volume or is not in view.

    Args:
        skin: (R, C) radius of the head with its ears, metres.
        bare: (R, C) the same without ears.
        scalp: (R, C) share of scalp, in [0, 1].
        labels: segmentation of an image.
        camera: camera of that image.
        marched: lengths of rays on that image.
    """
    seen, shown = _seen_hair(bare, skin, labels, camera, marched)
    present = _presence(seen, shown, marched.beside_m, scalp)
    thickness = _thickness(marched, shown, scalp, present, camera)
    if thickness is None:
        return None
    thickness = _falling(_domed(thickness, bare), bare)
    share = smoothstep(present, *_PRESENT) * _hangs_together(present)
    if np.count_nonzero((share > 0.5) & (shown > 0.5)) < _LEAST_SHOWN_RAYS:
        return None
    share = _whole_ears(share, skin - bare)
    hem = smoothstep(np.arange(ROWS, dtype=float), ROWS - 1.0, ROWS - 1.0 - _HEM_ROWS)[:, None]
    thickness = np.maximum(thickness * _rounded(share, scalp), _THINNEST_M) * hem
    share = share * (hem > 0.01)
    sunk = np.minimum(bare, skin) - _SINK_M
    outer = _over_ears(bare + thickness, skin, bare, share)
    radius = sunk + share * (outer - sunk)
    return Shell(*(part.astype(np.float32) for part in (radius, thickness, share)))


def is_measurable(marched: Marched, camera: Camera) -> bool:
    """Whether the outline is that of hair around this head."""
    contour = smoothstep(_across(camera), *_CONTOUR) * _DOME
    if (contour * marched.missed).sum() > _MOST_MISSED * contour.sum():
        return False
    known = contour * ~marched.lost
    both = known * mirrored(known)
    uneven = np.abs(marched.most_m - mirrored(marched.most_m))
    return bool((both * uneven).sum() <= _MOST_UNEVEN_M * both.sum())


def _across(camera: Camera) -> Floats:
    """Cosine between each ray and the view direction, (R, C), without sign."""
    return np.asarray(np.abs(ray_field().direction @ camera.rotation[2]))


def _seen_hair(
    bare: Floats, skin: Floats, labels: HairLabels, camera: Camera, marched: Marched
) -> tuple[Floats, Floats]:
    """Share of hair seen on the head's surface, and its visibility on the photo: (R, C) each."""
    at, depth = camera.project(ray_field().points(skin))
    beside = cv2.dilate((labels.person & ~labels.hair).astype(np.uint8), _HAIRLINE) > 0
    soft = cv2.GaussianBlur((labels.hair & ~beside).astype(np.float32), (0, 0), 1.2)
    x, y = np.moveaxis(at.astype(np.float32), -1, 0)
    seen = cv2.remap(soft, x, y, cv2.INTER_LINEAR)
    shown = smoothstep(facing(ray_field().points(bare), camera), *_VISIBLE) * ~marched.lost
    is_front = depth > looked_up(labels.depth, at) - _SINK_M
    return np.asarray(seen), shown * is_front * marched.starts_inside


def _presence(seen: Floats, shown: Floats, beside_m: Floats, scalp: Floats) -> Floats:
    """Presence of hair, (R, C); values above 0.5 mean hair."""
    beside = smoothstep(beside_m, *_BESIDE_M)
    own = shown + beside
    value = (shown * seen + beside) / np.maximum(own, 1e-6)
    weight = _SURE * own.clip(0.0, 1.0) ** 2
    other = mirrored(weight) * _MIRRORED * (1.0 - own.clip(0.0, 1.0))
    is_scalp = scalp > _SCALP
    usual = np.where(is_scalp, 1.0, _long_hair(beside))
    pull = np.where(is_scalp, _SCALP_PULL, _NECK_PULL)
    total = weight + other + pull
    present = smoothed((weight * value + other * mirrored(value) + pull * usual) / total, total)
    # close holes that partings and highlights leave
    wide = np.pad(present, ((0, 0), (_CLOSED_CELLS, _CLOSED_CELLS)), mode="wrap")
    closed = grey_closing(wide, _CLOSED_CELLS)[:, _CLOSED_CELLS:-_CLOSED_CELLS]
    present = np.where(is_scalp, np.maximum(present, closed), present)
    present = np.asarray(_blurred(present, (1.8, 1.4)))
    present = np.where(_holes(present) & is_scalp, 1.0, present)
    return present + _TO_CROWN * (present[:_CROWN_ROWS].mean() - present)


def _holes(present: Floats) -> Mask:
    """Bare rays within hair, not joined to the lowest rays: (R, C)."""
    gaps = _patches(present < 0.5)
    enclosed = ~np.isin(gaps, np.append(gaps[-1], 0))
    return np.asarray(enclosed[:, :COLUMNS] & enclosed[:, COLUMNS:])


def _long_hair(beside: Floats) -> Floats:
    """Expected hair behind the neck, from hair that hangs at its sides: (R, C) in [0, 1]."""
    is_side = np.abs(np.abs(AZIMUTH_DEG) - _SIDE_DEG) < _SIDE_HALF_DEG
    sides = [beside[:, is_side & (AZIMUTH_DEG * sign > 0)].max(axis=1) for sign in (1.0, -1.0)]
    rows = gaussian_filter(np.maximum(*sides), 1.0)
    rows[DOME_ROWS:] = np.minimum.accumulate(rows[DOME_ROWS:])
    return np.asarray(rows[:, None] * smoothstep(np.abs(AZIMUTH_DEG), *_BACK_DEG))


def _thickness(
    marched: Marched, shown: Floats, scalp: Floats, present: Floats, camera: Camera
) -> Floats | None:
    """Hair thickness, (R, C) metres; None if the outline is about the head's own."""
    decides = smoothstep(_across(camera), *_CONTOUR) * ~marched.lost * (present > 0.3)
    weight, most = _SURE * decides, marched.most_m
    known = weight * (scalp > 0.3)
    is_long = (marched.beside_m > _LONG_M).sum() >= _LEAST_LONG_RAYS
    if not is_long and _quantile(most, known, 0.7) < _STUBBLE_M:
        return None
    other = mirrored(weight) * _MIRRORED * (1.0 - decides)
    fringe = _FRINGE_PULL * shown * (scalp < 0.5) * (1.0 - decides)
    down = smoothstep(np.arange(ROWS, dtype=float), 1.1 * DOME_ROWS, 0.4 * DOME_ROWS)[:, None]
    usual = min(_quantile(most, known, 0.5), _MOST_USUAL_M) * np.maximum(down, _USUAL_LOW)
    total = weight + other + fringe + _FAINT
    wanted = weight * most + other * mirrored(most) + fringe * _FRINGE_M + _FAINT * usual
    thickness = smoothed(wanted / total, total)
    limit = np.where(marched.lost, np.inf, np.maximum(most, _THINNEST_M))
    limit = _blurred(np.minimum(limit, 2.0 * most.max() + _THINNEST_M), (1.5, 0.7))
    thickness = median_filter(np.minimum(thickness, limit), 3, mode="nearest")
    return np.asarray(_blurred(thickness, (1.6, 0.8)))


def _quantile(values: Floats, weight: Floats, share: float) -> float:
    order = np.argsort(values.ravel())
    summed = np.cumsum(weight.ravel()[order])
    if summed[-1] <= 0:
        return 0.0
    return float(values.ravel()[order][np.searchsorted(summed, share * summed[-1])])


def _hangs_together(present: Floats) -> Mask:
    """The largest patch of hair, without others on neck or face: (R, C)."""
    patches = _patches(present > _PRESENT[1])
    sizes = np.bincount(patches.ravel())
    sizes[0] = 0  # no hair
    kept = (patches == sizes.argmax()) & (patches > 0)
    kept = kept[:, :COLUMNS] | kept[:, COLUMNS:]
    wide = np.pad(kept.astype(np.uint8), ((0, 0), (2, 2)), mode="wrap")
    return np.asarray(cv2.dilate(wide, np.ones((5, 5), np.uint8))[:, 2:-2] > 0)


def _patches(mask: Mask) -> npt.NDArray[np.int32]:
    """Numbers from 1 of the connected patches of (R, C), on two turns around the head: (R, 2 C).

    A patch across the seam is whole in the middle.
    """
    _, numbers = cv2.connectedComponents(np.tile(mask, (1, 2)).astype(np.uint8))
    return np.asarray(numbers)


def _domed(thickness: Floats, bare: Floats) -> Floats:
    """Round the crown, which would come to a point below a bun; returns the thickness (R, C)."""
    outer = bare + thickness
    outer = outer + _TO_CROWN * (outer[:_CROWN_ROWS].mean() - outer)
    return np.asarray(np.maximum(outer - bare, 0.0))


def _falling(thickness: Floats, bare: Floats) -> Floats:
    """Limit how fast hair widens downwards below the ears; returns the thickness (R, C)."""
    outer = bare + thickness
    for row in range(DOME_ROWS, ROWS):
        outer[row] = np.minimum(outer[row], outer[row - 1] + _SPREAD_M)
    return np.asarray(np.maximum(outer - bare, 0.0))


def _rounded(share: Floats, scalp: Floats) -> Floats:
    """Thickness factor that falls to 0 at the hair's border as a quarter ellipse: (R, C).

    It falls more slowly where hair ends on the nape.
    """
    cells = _ROUND_CELLS + (_NAPE_CELLS - _ROUND_CELLS) * scalp * _BEHIND
    wide = 2 * int(_NAPE_CELLS)
    inside = np.pad((share > 0.5).astype(np.uint8), ((0, 0), (wide, wide)), mode="wrap")
    distance = np.asarray(cv2.distanceTransform(inside, cv2.DIST_L2, 5))[:, wide : wide + COLUMNS]
    return np.asarray(1.0 - (1.0 - (distance / cells).clip(0.0, 1.0)) ** 2)


def _whole_ears(share: Floats, ear: Floats) -> Floats:
    """Cover the whole of an ear that is covered by more than half.

    Args:
        share: (R, C) of hair.
        ear: (R, C) metres by which ears protrude.
    """
    covered = share
    for side in (AZIMUTH_DEG < 0.0, AZIMUTH_DEG > 0.0):
        cells = (ear > _OVER_EAR_M) & side
        if cells.any() and share[cells].mean() > _COVERED_EAR:
            around = _blurred(grey_dilation(cells.astype(float), 5, mode="nearest"), 0.7)
            covered = np.maximum(covered, around)
    return covered


def _over_ears(outer: Floats, skin: Floats, bare: Floats, share: Floats) -> Floats:
    """Raise the outer radius above ears hidden by hair; other ears protrude: (R, C)."""
    ear = _blurred(grey_dilation(skin - bare, 5, mode="nearest"), 1.8)
    is_hidden = smoothstep(_blurred(share, 1.0), *_HIDDEN) * (ear > _OVER_EAR_M)
    return np.maximum(outer, bare + is_hidden * (ear + _OVER_EAR_M))
