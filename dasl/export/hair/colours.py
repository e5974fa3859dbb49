"""The texture of hair: the photo where it shows hair, mirrored and run on where not."""

import cv2
import numpy as np
import numpy.typing as npt
from scipy.ndimage import map_coordinates

from dasl.arrays import FloatArray, RgbImage
from dasl.export.hair.camera import Camera
from dasl.export.hair.labels import HairLabels
from dasl.export.hair.rays import COLUMNS, ROWS
from dasl.geometry.smoothstep import smoothstep
from dasl.texture.photo import interpolated
from dasl.texture.tone import LUMA

_SHOWN = (0.12, 0.45)
_HIDDEN_BY_M = 0.006
_ERODED_PX = 2
_MIRRORED = 0.85
_OUTLIER = (3.5, 2.2)
_PULL_LEVELS = 7
_STRANDS = ((260, 9), (640, 16))
"""Strands round the head, and lengths along them from crown to collar, of two layers of noise."""
_MOST_ROUGH = 0.30
_STRAND_BLUR = 3.0


def hair_texture(
    points: FloatArray,
    facing: FloatArray,
    share: FloatArray,
    front: FloatArray,
    labels: HairLabels,
    small: Camera,
    photo: RgbImage,
    camera: Camera,
    size: int,
) -> RgbImage:
    """Colours over the ray field.

    Args:
        points: (R, C, 3) the shell, model frame.
        facing: (R, C) cosine of its normal to the view direction.
        share: (R, C) where there is hair.
        front: (h, w) depth of what is nearest the viewer, metres, on the labels' picture.
        labels: of that picture.
        small: onto it.
        photo: (H, W, 3) uint8 RGB.
        camera: onto `photo`.
        size: texels round the head; half as many from crown to collar.

    Returns:
        (size / 2, size, 3) uint8 RGB, row 0 at v = 1; columns begin at the back.
    """
    texels = np.dstack([points, facing, share]).astype(np.float32)
    texels = np.concatenate([texels, texels[:, :1]], axis=1)
    row, column = np.mgrid[0 : size // 2, 0:size].astype(np.float32)
    row = (row + 0.5) / (size // 2) * ROWS - 0.5
    column = (column + 0.5) / size * COLUMNS
    bands = [
        cv2.remap(np.ascontiguousarray(texels[..., k : k + 1]), column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for k in range(5)
    ]
    places = np.dstack(bands[:3])
    at, _ = camera.project(places)
    colour = interpolated(photo, *at.reshape(-1, 2).T.astype(np.float32)).reshape(size // 2, size, 3)
    near, depth = small.project(places)
    eroded = cv2.erode(labels.hair.astype(np.uint8), np.ones((3, 3)), iterations=1).astype(np.float32)
    soft = cv2.GaussianBlur(eroded, (0, 0), 1.0)
    x, y = near.astype(np.float32).transpose(2, 0, 1)
    is_hair = cv2.remap(soft, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    hidden = cv2.remap(front, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE) - depth
    weight = smoothstep(bands[3], *_SHOWN) * smoothstep(is_hair, 0.6, 0.95)
    weight = (weight * (hidden < _HIDDEN_BY_M) * (bands[4] > 0.3))[..., None]
    return _completed(colour, weight * _usual(colour, weight))


def _usual(colour: FloatArray, weight: FloatArray) -> FloatArray:
    """0 where a colour is far from those around it, as the sky between curls is: (h, w, 1)."""
    luma = (colour @ LUMA)[..., None]
    around = _run_on(np.repeat(luma, 3, axis=2) * weight, weight, 5)[..., :1]
    spread = _run_on(np.repeat(np.abs(luma - around), 3, axis=2) * weight, weight, 5)[..., :1]
    return smoothstep(np.abs(luma - around) / (spread + 4.0), *_OUTLIER)


def _completed(colour: FloatArray, weight: FloatArray) -> RgbImage:
    mirrored, other = colour[:, ::-1], weight[:, ::-1] * _MIRRORED
    fine = cv2.GaussianBlur(colour, (0, 0), _STRAND_BLUR)
    seen = weight[..., 0] > 0.5
    rough = 0.0
    if seen.sum() > 200:
        ratio = (colour[seen] @ LUMA) / np.maximum(fine[seen] @ LUMA, 12.0)
        rough = min(1.4826 * float(np.median(np.abs(ratio - np.median(ratio)))), _MOST_ROUGH)
    known = colour * weight + mirrored * other * (1.0 - weight)
    share = weight + other * (1.0 - weight)
    filled = _run_on(known, share)
    filled *= 1.0 + rough * _strands(*share.shape[:2])[..., None]
    return (filled * (1.0 - share) + known).clip(0, 255).round().astype(np.uint8)


def _run_on(known: FloatArray, share: FloatArray, finest: int = 0) -> FloatArray:
    """Colours everywhere, from ever coarser means; columns come round."""
    if share.max() <= 0:
        return np.full_like(known, 90.0)
    levels = []
    value = np.dstack([known, share]).astype(np.float32)
    for _ in range(_PULL_LEVELS):
        levels.append(value)
        height, width = value.shape[:2]
        if min(height, width) < 4:
            break
        wide = np.concatenate([value[:, -4:], value, value[:, :4]], axis=1)
        wide = cv2.GaussianBlur(wide, (0, 0), 1.0)[:, 4:-4]
        value = cv2.resize(wide, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    total = levels[-1].reshape(-1, 4).mean(axis=0)
    out = np.full_like(levels[-1][..., :3], total[:3] / max(total[3], 1e-6))
    for value in reversed(levels[finest:]):
        out = cv2.resize(out, value.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        sure = smoothstep(value[..., 3:], 0.02, 0.5)
        out = out + sure * (value[..., :3] / np.maximum(value[..., 3:], 1e-4) - out)
    return cv2.resize(out, known.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def _strands(height: int, width: int) -> FloatArray:
    """Smooth noise of mean 0 and deviation 1, long from crown to collar: (height, width)."""
    down, around = np.mgrid[0:height, 0:width]
    total = np.zeros((height, width))
    for seed, (columns, rows) in enumerate(_STRANDS):
        table = np.random.default_rng(seed).normal(size=(rows + 2, columns))
        at = [down / height * rows + 0.5, around / width * columns]
        total += map_coordinates(table, at, order=1, mode="grid-wrap")
    return (total / total.std()).astype(np.float32)
