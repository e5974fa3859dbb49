"""Hair texture: photo colours where visible, else mirrored, else extrapolated with strands."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from scipy.ndimage import map_coordinates

from dasl.arrays import FloatArray, RgbImage
from dasl.export.hair.camera import Camera
from dasl.export.hair.colour_model import HairColours
from dasl.export.hair.labels import HairLabels
from dasl.export.hair.march import facing
from dasl.export.hair.rays import COLUMNS, ROWS
from dasl.geometry.smoothstep import smoothstep
from dasl.texture.photo import interpolated
from dasl.texture.tone import LUMA

_SHOWN = (0.12, 0.45)
"""Range of cosines (normal to view direction) over which the photo's weight rises from 0 to 1."""
_HIDDEN_BY_M = 0.006
_MIRRORED = 0.85
_STRANGE, _SKIN, _STRIDE = (-5.0, -1.5), (-3.0, -0.5), 2
"""Ranges of `HairColours.strangeness` and `.odds` over which a colour comes to count as hair's, not
as that of a wall between strands, or of skin. Every second texel is examined."""
_OUTLIER, _LEAST_SPREAD, _AROUND = (3.5, 2.2), 4.0, (0.125, 4.0)
"""Range of brightness deviations over which a texel comes to count as a wall between strands. The
unit is the local mean deviation plus `_LEAST_SPREAD` (of 255). Local means are taken on a copy of
this scale with a blur of this many of its texels."""
_SEAM_TEXELS, _SEAM = 3.0, (0.35, 0.95)
"""Blur of the photo's weight, and the range over which that fades the photo at its borders."""
_LEVELS, _OF_HEIGHT, _OF_LEVEL = 7, (0.002, 0.05), (0.02, 0.5)
"""Levels of the pyramid, and ranges of the known share over which colours come from a height's mean
and from a level."""
_STRANDS = ((90, 3, 0.8), (260, 7, 0.7), (700, 16, 0.5))
"""Layers of noise, from locks to single strands: strands around the head, segments of each from
crown to collar, and weight."""
_MOST_ROUGH, _CONTRAST, _STRAND_BLUR_PX, _LEAST_TEXELS = 0.30, 1.3, 3.0, 200
_UNKNOWN = 90.0
"""Grey level of hair that the photo does not show at all."""


@dataclass(frozen=True, eq=False)
class HairOnPhoto:
    """Hair as a photo shows it.

    Attributes:
        points: (R, C, 3) hair surface on the ray field, metres, model frame.
        present: (R, C) in [0, 1], presence of hair.
        labels: segmentation of a small image.
        front: (h, w) depth of the nearest surface on the small image, metres to the viewer.
        small: camera of the small image.
        photo: (H, W, 3) uint8 RGB.
        camera: camera of the photo.
    """

    points: FloatArray
    present: FloatArray
    labels: HairLabels
    front: FloatArray
    small: Camera
    photo: RgbImage
    camera: Camera


def hair_texture(hair: HairOnPhoto, size: int) -> RgbImage:
    """Compute the hair's texture over the ray field.

    Args:
        hair: the hair and its photo.
        size: texels around the head; half as many from crown to collar.

    Returns:
        (size / 2, size, 3) uint8 RGB, row 0 at v = 1; columns begin at the back.
    """
    bands = np.dstack([hair.points, facing(hair.points, hair.camera), hair.present])
    x, y, z, cosine, present = np.moveaxis(_at_texels(bands.astype(np.float32), size), -1, 0)
    places = np.stack([x, y, z], axis=-1)
    at, _ = hair.camera.project(places)
    colour = interpolated(hair.photo, *at.reshape(-1, 2).T.astype(np.float32))
    colour = colour.reshape(*places.shape)
    near, depth = hair.small.project(places)
    column, row = np.moveaxis(near.astype(np.float32), -1, 0)
    inner = cv2.erode(hair.labels.hair.astype(np.float32), np.ones((3, 3), np.uint8))
    is_hair = cv2.remap(cv2.GaussianBlur(inner, (0, 0), 1.0), column, row, cv2.INTER_LINEAR)
    front = cv2.remap(hair.front, column, row, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    weight = smoothstep(cosine, *_SHOWN) * smoothstep(np.asarray(is_hair, np.float32), 0.6, 0.95)
    weight = weight * (front - depth < _HIDDEN_BY_M) * (present > 0.3)
    if hair.labels.colours is not None:
        weight = weight * _like_hair(colour, hair.labels.colours)
    weight = weight * _usual(colour @ LUMA, weight)
    return _completed(colour, _faded(weight)[..., None])


def _at_texels(bands: FloatArray, size: int) -> FloatArray:
    """Resample values (R, C, K) from rays to texels: (size / 2, size, K)."""
    wrapped = np.concatenate([bands, bands[:, :1]], axis=1)
    row, column = np.mgrid[0 : size // 2, 0:size].astype(np.float32)
    row = (row + 0.5) / (size // 2) * ROWS - 0.5
    column = (column + 0.5) / size * COLUMNS
    layers = (np.ascontiguousarray(layer) for layer in np.moveaxis(wrapped, -1, 0))
    border = cv2.BORDER_REPLICATE
    return np.dstack(
        [cv2.remap(layer, column, row, cv2.INTER_LINEAR, borderMode=border) for layer in layers]
    )


def _like_hair(colour: FloatArray, colours: HairColours) -> FloatArray:
    """Weights (h, w) of texels (h, w, 3), 0 for colours unlike the hair's."""
    part = colour[::_STRIDE, ::_STRIDE].clip(0.0, 255.0).round().astype(np.uint8)
    like = smoothstep(colours.strangeness(part), *_STRANGE)
    like = (like * smoothstep(colours.odds(part), *_SKIN)).astype(np.float32)
    return np.asarray(cv2.resize(like, colour.shape[1::-1], interpolation=cv2.INTER_LINEAR))


def _usual(luma: FloatArray, weight: FloatArray) -> FloatArray:
    """Weights (h, w) of texels, 0 for brightness unlike its neighbourhood's, as of sky in curls."""
    apart = np.abs(luma - _local_mean(luma, weight))
    return smoothstep(apart / (_local_mean(apart, weight) + _LEAST_SPREAD), *_OUTLIER)


def _local_mean(values: FloatArray, weight: FloatArray) -> FloatArray:
    """Weighted mean of values (h, w) around each texel: (h, w)."""
    scale, blur = _AROUND
    both = np.dstack([values * weight, weight]).astype(np.float32)
    small = cv2.resize(both, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = np.asarray(cv2.GaussianBlur(small, (0, 0), blur))
    mean = small[..., 0] / np.maximum(small[..., 1], 1e-3)
    return np.asarray(cv2.resize(mean, values.shape[::-1], interpolation=cv2.INTER_LINEAR))


def _faded(weight: FloatArray) -> FloatArray:
    """The photo's weight (h, w), fading to 0 within a few texels of its borders."""
    soft = cv2.GaussianBlur(weight.astype(np.float32), (0, 0), _SEAM_TEXELS)
    return np.minimum(weight, smoothstep(np.asarray(soft), *_SEAM))


def _completed(colour: FloatArray, weight: FloatArray) -> RgbImage:
    """Fill all texels from visible colours, then the mirrored side, then by extrapolation."""
    other = weight[:, ::-1] * _MIRRORED * (1.0 - weight)
    known, share = colour * weight + colour[:, ::-1] * other, weight + other
    rough = _roughness(colour, weight[..., 0] > 0.5)
    strands = 1.0 + _CONTRAST * rough * _strands(*share.shape[:2])[..., None]
    whole = known + _run_on(known, share) * strands * (1.0 - share)
    return whole.clip(0.0, 255.0).round().astype(np.uint8)


def _roughness(colour: FloatArray, is_seen: np.ndarray) -> float:
    """Relative variation of brightness between strands, at most `_MOST_ROUGH`."""
    if is_seen.sum() < _LEAST_TEXELS:
        return 0.0
    smooth = cv2.GaussianBlur(colour, (0, 0), _STRAND_BLUR_PX)[is_seen] @ LUMA
    ratio = (colour[is_seen] @ LUMA) / np.maximum(smooth, 12.0)
    deviation = 1.48 * float(np.median(np.abs(ratio - np.median(ratio))))
    return min(deviation, _MOST_ROUGH)


def _run_on(known: FloatArray, share: FloatArray) -> FloatArray:
    """Extrapolate known colours with an image pyramid; columns wrap around.

    What is far from any known colour gets the mean of its height, since hair changes its colour
    from the roots to the tips.

    Args:
        known: (h, w, 3) colours times their shares.
        share: (h, w, 1) in [0, 1].
    """
    if share.max() <= 0:
        return np.full_like(known, _UNKNOWN)
    levels = [np.dstack([known, share]).astype(np.float32)]
    while len(levels) < _LEVELS and min(levels[-1].shape[:2]) >= 4:
        height, width = levels[-1].shape[:2]
        wide = np.concatenate([levels[-1][:, -4:], levels[-1], levels[-1][:, :4]], axis=1)
        wide = np.asarray(cv2.GaussianBlur(wide, (0, 0), 1.0))[:, 4:-4]
        half = cv2.resize(wide, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        levels.append(np.asarray(half))
    heights = levels[-1].mean(axis=1, keepdims=True)
    whole = heights.mean(axis=0, keepdims=True)
    filled = _closer(whole[..., :3] / whole[..., 3:].clip(1e-6), heights, _OF_HEIGHT)
    for level in reversed(levels):
        filled = cv2.resize(filled, level.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        filled = _closer(np.asarray(filled), level, _OF_LEVEL)
    return filled


def _closer(filled: FloatArray, level: FloatArray, enough: tuple[float, float]) -> FloatArray:
    """Colours (h, w, 3) replaced by those of a level (h, w, 4) where its shares are `enough`."""
    mean = level[..., :3] / np.maximum(level[..., 3:], 1e-4)
    closer: FloatArray = filled + smoothstep(level[..., 3:], *enough) * (mean - filled)
    return closer.astype(np.float32)


@lru_cache(maxsize=1)
def _strands(height: int, width: int) -> FloatArray:
    """Smooth noise (mean 0, deviation 1), stretched from crown to collar: (height, width)."""
    down, around = np.mgrid[0:height, 0:width]
    total = np.zeros((height, width), dtype=np.float64)
    for seed, (columns, rows, weight) in enumerate(_STRANDS):
        table = weight * np.random.default_rng(seed).normal(size=(rows + 2, columns))
        at = [down / height * rows + 0.5, around / width * columns]
        total += np.asarray(map_coordinates(table, at, order=1, mode="grid-wrap"))
    return (total / total.std()).astype(np.float32)
