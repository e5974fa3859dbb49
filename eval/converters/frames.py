"""From other systems' pixels to the benchmark's published frame: x right, y down, 1-based.

Only this module of the scorer flips an axis or changes an index base. Points are (..., L, 3).
Nothing is fitted or guessed: the frame is the user's choice, or that of the system's own code.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eval.errors import ArrayError
from eval.scoring.metrics import Float64s

CROP_SIDE = 120  # pixels, input crops of 3DDFA and its successors


@dataclass(frozen=True)
class PhotoFrame:
    """How a system counts the pixels of a photo.

    Attributes:
        index_base: of the first pixel's centre, 0 or 1.
        y_axis: whether y grows down the photo, or up from its last row.
        z_axis: whether z grows towards the viewer, as in ``pt3d_68``, or away.
        photo_height: pixels; used only if y grows up.
    """

    index_base: Literal[0, 1]
    y_axis: Literal["down", "up"]
    z_axis: Literal["towards", "away"]
    photo_height: int

    def described(self) -> str:
        """One line for messages and for the submission's ``meta``."""
        flip = f" of {self.photo_height} rows" if self.y_axis == "up" else ""
        return f"photo pixels, {self.index_base}-based, y {self.y_axis}{flip}, z {self.z_axis}"


@dataclass(frozen=True)
class CropRule:
    """Conversion of a system's y-up model coordinates in a crop to the crop's y-down pixels.

    Attributes:
        name: as on the command line.
        x_shift: added to x.
        y_top: y becomes ``y_top - y``.
        source: the code that defines it.
    """

    name: str
    x_shift: float
    y_top: float
    source: str


CROP_RULES = {
    rule.name: rule
    for rule in (
        CropRule("3ddfa-v1", 0.0, 121.0, "3DDFA v1 and 2DASL, reconstruct_vertex: y = 121 - v"),
        CropRule("3ddfa-v2", -1.0, 120.0, "3DDFA_V2, similar_transform: x - 1, y = 120 - v"),
    )
}


def published_from_photo(points: NDArray[np.floating], frame: PhotoFrame) -> Float64s:
    """Bring photo pixels to the published frame.

    Convention: with the first pixel's centre at b, x and downward y gain 1 - b; an upward y
    becomes height + b - y (451 - y for b = 1 and 450 rows, as in 2DASL's .m files).

    Args:
        points: (..., L, 3) pixels in ``frame``; NaN stays NaN.
        frame: the points' frame.

    Returns:
        (..., L, 3) float64 pixels, 1-based; the input is not modified.

    Raises:
        ArrayError: the last axis is not x y z.

    Example:
        >>> frame = PhotoFrame(0, "up", "towards", 450)
        >>> published_from_photo(np.array([[0.0, 449.0, 5.0]]), frame)
        array([[1., 1., 5.]])
    """
    moved = _copied(points)
    base = frame.index_base
    moved[..., 0] += 1 - base
    if frame.y_axis == "down":
        moved[..., 1] += 1 - base
    else:
        moved[..., 1] = frame.photo_height + base - moved[..., 1]
    if frame.z_axis == "away":
        moved[..., 2] *= -1.0
    return moved


def published_from_crop(points: NDArray[np.floating], rule: CropRule, crops: Float64s) -> Float64s:
    """Bring a crop's y-up model coordinates to the published frame as the authors' code does.

    Source: 3DDFA v1's benchmark code and 3DDFA_V2's ``similar_transform``: x and y are each scaled
    by their side / 120 and moved by the crop's corner, z is scaled by the mean of both. V2 then
    subtracts min(z); this is left out, since the z offset is arbitrary. Neither code corrects for
    half a pixel.

    Args:
        points: (N, L, 3), x right and y up in a 120 x 120 crop, 1-based.
        rule: which of the two.
        crops: (N, 4) x0 y0 x1 y1 of each crop in the photo, the benchmark's 1-based pixels.

    Returns:
        (N, L, 3) float64 photo pixels; the input is not modified.

    Raises:
        ArrayError: points and crops disagree.

    Example:
        >>> points = np.array([[[60.0, 61.0, 4.0]]])
        >>> crop = np.array([[10.0, 20.0, 250.0, 260.0]])
        >>> published_from_crop(points, CROP_RULES["3ddfa-v1"], crop)
        array([[[130., 140.,   8.]]])
    """
    moved = _copied(points)
    if moved.ndim != 3 or crops.shape != (len(moved), 4):
        raise ArrayError(
            f"points must be (N, L, 3) and crops (N, 4), got {points.shape} and {crops.shape}; "
            "give one crop x0 y0 x1 y1 for each face"
        )
    scale = (crops[:, 2:] - crops[:, :2]) / CROP_SIDE
    moved[..., 0] = (moved[..., 0] + rule.x_shift) * scale[:, :1] + crops[:, :1]
    moved[..., 1] = (rule.y_top - moved[..., 1]) * scale[:, 1:] + crops[:, 1:2]
    moved[..., 2] *= scale.mean(axis=1, keepdims=True)
    return moved


def _copied(points: NDArray[np.floating]) -> Float64s:
    """A float64 copy of points with three coordinates."""
    if points.ndim < 2 or points.shape[-1] != 3:
        raise ArrayError(f"points must be (..., L, 3), got {points.shape}; put x y z last")
    return np.array(points, dtype=np.float64)
