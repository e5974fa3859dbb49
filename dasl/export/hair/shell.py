"""How far hair stands off a head along each ray, from one photo's outline, symmetry, smoothness."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
import scipy.sparse
import scipy.sparse.linalg
from scipy.ndimage import gaussian_filter, grey_closing, grey_dilation, median_filter

from dasl.arrays import FloatArray
from dasl.export.hair.camera import Camera
from dasl.export.hair.labels import HairLabels
from dasl.export.hair.rays import COLUMNS, DOME_ROWS, ROWS, ray_field
from dasl.geometry.smoothstep import smoothstep

_STEP_M, _REACH_M = 0.003, 0.21
_BEHIND_M = 0.004
_CONTOUR = (0.50, 0.15)
"""Cosines of a ray to the view direction between which it decides the outline."""
_VISIBLE = (0.05, 0.30)
_MIRROR_WEIGHT = 0.35
_ANCHOR = 8.0
_FAINT = 0.02
_NECK_PULL = 0.15
_LEAST_LONG, _STUBBLE_M = 30, 0.007
_SPREAD_M, _ROUND_CELLS = 0.0025, 4.0
_FRINGE_M, _FRINGE_PULL = 0.008, 0.25
_SINK_M, _OVER_EAR_M = 0.006, 0.002
_LOST_M = 0.012
_THINNEST_M = 0.003
_HAIR_ALONG_M = 0.006
_PRESENT = (0.35, 0.65)
_HEM_ROWS = 3


@dataclass(frozen=True, eq=False)
class Shell:
    """Hair on the ray field, R rows and C columns.

    Attributes:
        radius: (R, C) metres, of the shell's outside; below the skin where there is no hair.
        thickness: (R, C) metres over the skin, where there is hair.
        present: (R, C) in [0, 1].
    """

    radius: FloatArray
    thickness: FloatArray
    present: FloatArray


def hair_shell(
    skin: FloatArray, bare: FloatArray, scalp: FloatArray, labels: HairLabels, camera: Camera
) -> Shell | None:
    """The hair's outside; None for a head without hair that stands off.

    Args:
        skin: (R, C) radius of the head with its ears, metres.
        bare: (R, C) the same without ears.
        scalp: (R, C) share of scalp, in [0, 1].
        labels: of a picture.
        camera: onto that picture.
    """
    field = ray_field()
    base = field.points(bare)
    facing = field.direction @ camera.rotation[2]
    most, along, lost = _march(base, labels, camera)
    at, depth = camera.project(field.points(skin))
    soft = cv2.GaussianBlur(labels.hair.astype(np.float32), (0, 0), 1.2)
    shown = smoothstep(surface_facing(base, camera), *_VISIBLE) * ~lost
    shown = shown * (depth > _looked_up(labels.depth, at) - _BEHIND_M)
    shown = shown * _inside(at, labels.hair.shape)
    seen_hair = cv2.remap(
        soft, at[..., 0].astype(np.float32), at[..., 1].astype(np.float32), cv2.INTER_LINEAR
    )
    present = _presence(seen_hair, shown, along, scalp)
    thickness = _thickness(most, along, lost, facing, shown, scalp, present)
    if thickness is None:
        return None
    most = np.where(lost, _REACH_M, np.maximum(most, _THINNEST_M))
    most = gaussian_filter(most, (1.5, 0.7), mode=("nearest", "wrap"))
    thickness = median_filter(np.minimum(thickness, most), 3, mode="nearest")
    thickness = gaussian_filter(thickness, (1.6, 0.8), mode=("nearest", "wrap"))
    thickness = _falling(thickness, bare)
    share = smoothstep(present, *_PRESENT)
    thickness = thickness * _rounded(share)
    hem = smoothstep(np.arange(ROWS, dtype=float), ROWS - 1.0, ROWS - 1.0 - _HEM_ROWS)[:, None]
    thickness = np.maximum(thickness, _THINNEST_M) * hem
    share = share * (hem > 0.01)
    sunk = np.minimum(bare, skin) - _SINK_M
    outer = bare + thickness
    ear = gaussian_filter(grey_dilation(skin, 3, mode="nearest") - bare, 0.7, mode=("nearest", "wrap"))
    hidden = smoothstep(gaussian_filter(share, 1.0, mode=("nearest", "wrap")), 0.8, 0.97)
    outer = np.maximum(outer, bare + hidden * (ear + _OVER_EAR_M) * (ear > _OVER_EAR_M))
    radius = sunk + share * (outer - sunk)
    return Shell(radius.astype(np.float32), thickness.astype(np.float32), share.astype(np.float32))


def _march(base: FloatArray, labels: HairLabels, camera: Camera):
    """How far each ray stays within the hair: (R, C) metres.

    Also the way along pixels that show hair beside the head, and where that is not to be trusted: the
    photo's border ended it, or the person's outline runs through the head.
    """
    field = ray_field()
    going = np.ones(base.shape[:2], dtype=bool)
    most = np.zeros(base.shape[:2])
    along = np.zeros(base.shape[:2])
    within, _ = camera.project(base - _LOST_M * field.direction)
    lost = ~(_looked_up(labels.person, within) & _inside(within, labels.person.shape))
    for step in range(int(_REACH_M / _STEP_M)):
        at, depth = camera.project(base + step * _STEP_M * field.direction)
        inside = _inside(at, labels.hair.shape)
        lost |= going & ~inside
        head = _looked_up(labels.depth, at)
        hair = _looked_up(labels.hair, at) > 0
        person = _looked_up(labels.person, at) > 0
        axis = (field.origin @ camera.rotation.T)[..., 2]
        behind = person & (depth < np.where(np.isfinite(head), head - _BEHIND_M, axis))
        going &= inside & (hair | behind)
        most[going] = step * _STEP_M
        along += going & hair & ~np.isfinite(head)
    return most, along * _STEP_M, lost


def _presence(seen_hair, shown, along, scalp):
    beside = smoothstep(along, _HAIR_ALONG_M, 3 * _HAIR_ALONG_M)
    own = shown + beside
    value = (shown * seen_hair + beside) / np.maximum(own, 1e-6)
    weight = _ANCHOR * own.clip(0, 1) ** 2
    other = _mirrored(weight) * _MIRROR_WEIGHT * (1.0 - own.clip(0, 1))
    is_scalp = scalp > 0.5
    usual = np.where(is_scalp, 1.0, _long_rows(beside)[:, None] * _backward())
    prior = np.where(is_scalp, 0.5, _NECK_PULL)
    total = weight + other + prior
    target = (weight * value + other * _mirrored(value) + prior * usual) / total
    present = _smoothed(target, total)
    closed = grey_closing(np.pad(present, ((0, 0), (8, 8)), mode="wrap"), 7)[:, 8:-8]
    present = np.where(is_scalp, np.maximum(present, closed), present)
    return gaussian_filter(present, (1.3, 0.9), mode=("nearest", "wrap"))


def _long_rows(beside):
    """How far hair hangs beside the neck at each row: (R,) in [0, 1], falling."""
    is_side = np.abs(np.abs(_azimuth_deg()) - 105.0) < 30.0
    halves = [beside[:, is_side & (_azimuth_deg() * side > 0)].max(axis=1) for side in (1, -1)]
    long = gaussian_filter(np.maximum(*halves), 1.0)
    long[DOME_ROWS:] = np.minimum.accumulate(long[DOME_ROWS:])
    return long


def _backward():
    """1 at the back, 0 in front: (C,)."""
    return smoothstep(np.abs(_azimuth_deg()), 80.0, 100.0)


def _azimuth_deg():
    return (np.arange(COLUMNS) / COLUMNS - 0.5) * 360.0


def _thickness(most, along, lost, facing, shown, scalp, present):
    decides = smoothstep(np.abs(facing), *_CONTOUR) * ~lost * (present > 0.3)
    weight = _ANCHOR * decides
    known = weight * (scalp > 0.3)
    if (along > 0.02).sum() < _LEAST_LONG and _quantile(most, known, 0.7) < _STUBBLE_M:
        return None
    other = _mirrored(weight) * _MIRROR_WEIGHT * (1.0 - decides)
    fringe = _FRINGE_PULL * shown * (scalp < 0.5) * (1.0 - decides)
    middle = min(_quantile(most, known, 0.5), 0.04)
    usual = middle * smoothstep(np.arange(ROWS, dtype=float), DOME_ROWS * 1.1, DOME_ROWS * 0.4)[:, None]
    usual = np.maximum(usual, 0.25 * middle) * np.ones_like(most)
    total = weight + other + fringe + _FAINT
    target = (weight * most + other * _mirrored(most) + fringe * _FRINGE_M + _FAINT * usual) / total
    return _smoothed(target, total)


def _quantile(values, weight, share):
    order = np.argsort(values.ravel())
    summed = np.cumsum(weight.ravel()[order])
    if summed[-1] <= 0:
        return 0.0
    return float(values.ravel()[order][np.searchsorted(summed, share * summed[-1])])


def _falling(thickness, skin):
    """Below the ears hair spreads no more than it falls."""
    outer = skin + thickness
    for row in range(DOME_ROWS, ROWS):
        outer[row] = np.minimum(outer[row], outer[row - 1] + _SPREAD_M)
    return np.maximum(outer - skin, 0.0)


def _rounded(share):
    """Falls to 0 at the hair's border like a quarter of an ellipse: (R, C)."""
    inside = np.pad((share > 0.5).astype(np.uint8), ((4, 0), (8, 8)), mode="wrap")
    inside[:4] = 1
    distance = cv2.distanceTransform(inside, cv2.DIST_L2, 5)[4:, 8:-8]
    return np.sqrt(1.0 - (1.0 - (distance / _ROUND_CELLS).clip(0, 1)) ** 2)


def _smoothed(target: FloatArray, weight: FloatArray) -> FloatArray:
    """Minimises roughness over the ray field against weighted targets: (R, C)."""
    matrix = _laplacian() + scipy.sparse.diags(weight.ravel())
    right = (weight * target).ravel()
    return scipy.sparse.linalg.spsolve(matrix.tocsc(), right).reshape(target.shape)


@lru_cache(maxsize=1)
def _laplacian() -> scipy.sparse.csc_matrix:
    number = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    edges = [
        np.stack([number, np.roll(number, -1, axis=1)], axis=-1).reshape(-1, 2),
        np.stack([number[:-1], number[1:]], axis=-1).reshape(-1, 2),
        np.stack([number[0], np.roll(number[0], COLUMNS // 2)], axis=-1),
    ]
    first, second = np.concatenate(edges).T
    ones = np.ones(2 * len(first))
    rows, columns = np.concatenate([first, second]), np.concatenate([second, first])
    near = scipy.sparse.coo_matrix((ones, (rows, columns)), shape=(number.size,) * 2).tocsc()
    return (scipy.sparse.diags(np.asarray(near.sum(axis=1)).ravel()) - near).tocsc()


def _mirrored(values: FloatArray) -> FloatArray:
    """Left and right exchanged: column 0 looks back, C / 2 ahead."""
    return values[:, (-np.arange(COLUMNS)) % COLUMNS]


def surface_facing(points: FloatArray, camera: Camera) -> FloatArray:
    """Cosine of the surface's normal to the view direction: (R, C)."""
    across = np.roll(points, -1, axis=1) - np.roll(points, 1, axis=1)
    down = np.gradient(points, axis=0)
    normal = np.cross(down, across)
    length = np.linalg.norm(normal, axis=-1).clip(1e-9)
    return (normal @ camera.rotation[2]) / length


def _looked_up(picture: npt.NDArray, at: FloatArray):
    height, width = picture.shape
    column = np.rint(at[..., 0]).astype(int).clip(0, width - 1)
    row = np.rint(at[..., 1]).astype(int).clip(0, height - 1)
    return picture[row, column]


def _inside(at: FloatArray, shape: tuple[int, ...]):
    return (at >= -0.5).all(axis=-1) & (at[..., 0] < shape[1] - 0.5) & (at[..., 1] < shape[0] - 0.5)
