"""Hair texture: the photo's colours where it shows hair; `unseen` completes the others."""

from dataclasses import dataclass

import cv2
import numpy as np

from dasl.arrays import FloatArray, RgbImage
from dasl.export.hair.camera import Camera
from dasl.export.hair.colour_model import HairColours
from dasl.export.hair.labels import HairLabels
from dasl.export.hair.march import facing
from dasl.export.hair.rays import COLUMNS, ROWS
from dasl.export.hair.unseen import completed
from dasl.geometry.smoothstep import smoothstep
from dasl.texture.photo import interpolated
from dasl.texture.tone import LUMA

_SHOWN = (0.12, 0.45)
"""Range of cosines (normal to view direction) over which the photo's weight rises from 0 to 1."""
_HIDDEN_BY_M = 0.006
_STRANGE, _SKIN, _STRIDE = (-5.0, -1.5), (-3.0, -0.5), 2
"""Ranges of the strangeness among hair and of the odds against skin, over which a colour comes to
count as hair's: not as that of a wall between strands, or of skin. Every second texel is examined.
"""
_OUTLIER, _LEAST_SPREAD, _AROUND = (3.5, 2.2), 4.0, (0.125, 4.0)
"""Range of brightness deviations over which a texel comes to count as a wall between strands. The
unit is the local mean deviation plus `_LEAST_SPREAD` (of 255). Local means are taken on a copy of
this scale with a blur of this many of its texels."""
_SEAM_TEXELS, _SEAM = 3.0, (0.35, 0.95)
"""Blur of the photo's weight, and the range over which that fades the photo at its borders."""


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
    at, _ = hair.camera.project(hair.points)
    near, depth = hair.small.project(hair.points)
    bands = np.dstack([at, near, depth, facing(hair.points, hair.camera), hair.present])
    x, y, column, row, depth, cosine, present = _at_texels(bands.astype(np.float32), size)
    colour = interpolated(hair.photo, x.ravel(), y.ravel()).reshape(*x.shape, 3)
    inner = cv2.erode(hair.labels.hair.astype(np.float32), np.ones((3, 3), np.uint8))
    is_hair = cv2.remap(cv2.GaussianBlur(inner, (0, 0), 1.0), column, row, cv2.INTER_LINEAR)
    front = cv2.remap(hair.front, column, row, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    weight = smoothstep(cosine, *_SHOWN) * smoothstep(np.asarray(is_hair, np.float32), 0.6, 0.95)
    weight = weight * (front - depth < _HIDDEN_BY_M) * (present > 0.3)
    if hair.labels.colours is not None:
        weight = weight * _like_hair(colour, hair.labels.colours)
    weight = weight * _usual(colour @ LUMA, weight)
    hat = cv2.remap(hair.labels.hat.astype(np.float32), column, row, cv2.INTER_LINEAR)
    return completed(
        colour, _faded(weight)[..., None], np.asarray(hat, dtype=np.float32)[..., None]
    )


def _at_texels(bands: FloatArray, size: int) -> list[FloatArray]:
    """Resample values (R, C, K) from rays to texels: K of (size / 2, size)."""
    wrapped = np.concatenate([bands, bands[:, :1]], axis=1)
    row, column = np.mgrid[0 : size // 2, 0:size].astype(np.float32)
    row = (row + 0.5) / (size // 2) * ROWS - 0.5
    column = (column + 0.5) / size * COLUMNS
    layers = (np.ascontiguousarray(layer) for layer in np.moveaxis(wrapped, -1, 0))
    border = cv2.BORDER_REPLICATE
    remapped = (
        cv2.remap(layer, column, row, cv2.INTER_LINEAR, borderMode=border) for layer in layers
    )
    return [np.asarray(layer) for layer in remapped]


def _like_hair(colour: FloatArray, colours: HairColours) -> FloatArray:
    """Weights (h, w) of texels (h, w, 3), 0 for colours unlike the hair's."""
    part = colour[::_STRIDE, ::_STRIDE].clip(0.0, 255.0).round().astype(np.uint8)
    like = smoothstep(colours.hair.strangeness(part), *_STRANGE)
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
