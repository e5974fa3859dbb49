"""Rows of faces from any source, checked one by one, as one sample type keyed by id.

A row has `name`, `image` (an encoded picture of 120 x 120) and `detected68` (68 x 3, or 68 x 2
without depth), flattened or not, in crop pixels. Optional are `landmarks21` (21 x 2) with
`visible21` (21 flags), and `yaw` in degrees.
"""

import io
import logging
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from dasl.datasets.broken_rows import BrokenRows
from dasl.errors import ConfigError
from dasl.geometry.crop import CROP_SIZE
from dasl.head.landmarks import AFLW_POINTS, IBUG_POINTS

Row = Mapping[str, Any]
Floats = NDArray[np.float32]

_log = logging.getLogger(__name__)

COLUMNS = ("name", "image", "yaw", "landmarks21", "visible21", "detected68")
REQUIRED = ("name", "image", "detected68")
ERROR = "error"
"""Key of a reader's error message in a row that it could not read."""


@dataclass(frozen=True)
class Faces2d:
    """N faces with 2D landmarks.

    Attributes:
        ids: N names, each once.
        images: (N, 3, 120, 120) uint8 RGB.
        landmarks21_crop: (N, 21, 2) float32, hand-placed, pixels; -1 where not visible.
        visible21: (N, 21) bool.
        detected68_crop: (N, 68, 3) float32, pixels, z with any offset, NaN if not known.
        yaw_deg: (N,) float32, NaN if not known.
    """

    ids: tuple[str, ...]
    images: Tensor
    landmarks21_crop: Tensor
    visible21: Tensor
    detected68_crop: Tensor
    yaw_deg: Tensor

    def __len__(self) -> int:
        """Count the faces."""
        return len(self.ids)

    def select(self, index: Tensor) -> "Faces2d":
        """The faces at `index` (M,) int64, in that order."""
        return Faces2d(
            ids=tuple(self.ids[i] for i in index.tolist()),
            images=self.images[index],
            landmarks21_crop=self.landmarks21_crop[index],
            visible21=self.visible21[index],
            detected68_crop=self.detected68_crop[index],
            yaw_deg=self.yaw_deg[index],
        )


@dataclass(frozen=True, eq=False)
class _Face:
    image: NDArray[np.uint8]
    landmarks21: Floats
    visible21: NDArray[np.bool_]
    detected68: Floats
    yaw_deg: float


def faces_from_rows(rows: Iterable[Row], source: str, broken_share: float = 0.0) -> Faces2d:
    """Check every row and collect the faces.

    Args:
        rows: of one source.
        source: its name in messages.
        broken_share: largest share of rows that may be skipped as broken, with a logged count; 0
            stops at the first one.

    Raises:
        ConfigError: a column is missing, no row is there, or more are broken than allowed.
    """
    broken = BrokenRows(source, broken_share)
    faces: dict[str, _Face] = {}
    total = 0
    for total, row in enumerate(rows, start=1):
        missing = [name for name in REQUIRED if name not in row]
        if missing:
            raise ConfigError(f"{source} has no column {', '.join(missing)}, only {sorted(row)}")
        name = str(row["name"])
        try:
            if row.get(ERROR):
                raise ConfigError(row[ERROR])
            face = _face(row)
            if name in faces:
                raise ConfigError("its name occurs twice")
            faces[name] = face
        except ConfigError as error:
            broken.add(f"row {total - 1} ({name})", str(error))
    broken.check(total)
    return Faces2d(
        ids=tuple(faces),
        images=torch.from_numpy(np.stack([face.image for face in faces.values()])),
        landmarks21_crop=torch.from_numpy(np.stack([face.landmarks21 for face in faces.values()])),
        visible21=torch.from_numpy(np.stack([face.visible21 for face in faces.values()])),
        detected68_crop=torch.from_numpy(np.stack([face.detected68 for face in faces.values()])),
        yaw_deg=torch.tensor([face.yaw_deg for face in faces.values()], dtype=torch.float32),
    )


def _face(row: Row) -> _Face:
    detected68 = _points("detected68", row["detected68"], IBUG_POINTS, (3, 2))
    if not np.isfinite(detected68[:, :2]).all():
        raise ConfigError("detected68 holds NaN or infinity")
    if _is_outside(detected68):
        x, y = detected68[0, :2]
        raise ConfigError(
            f"all of detected68 lies outside the crop, such as ({x:.0f}, {y:.0f}); wanted pixels "
            f"of the {CROP_SIZE}x{CROP_SIZE} crop"
        )
    if detected68.shape[1] == 2:
        detected68 = np.pad(detected68, ((0, 0), (0, 1)), constant_values=np.nan)
    landmarks21, visible21 = _hand_placed(row)
    yaw_deg = row.get("yaw")
    yaw_deg = math.nan if yaw_deg is None else float(yaw_deg)
    return _Face(_pixels(row["image"]), landmarks21, visible21, detected68, yaw_deg)


def _hand_placed(row: Row) -> tuple[Floats, NDArray[np.bool_]]:
    """AFLW's points and flags; all flags False if the row has no usable points."""
    if row.get("landmarks21") is None:
        return np.full((AFLW_POINTS, 2), -1.0, dtype=np.float32), np.zeros(AFLW_POINTS, dtype=bool)
    points = _points("landmarks21", row["landmarks21"], AFLW_POINTS, (2,))
    visible = np.asarray(row.get("visible21"))
    if visible.shape != (AFLW_POINTS,) or visible.dtype.kind not in "bui":
        raise ConfigError(
            f"visible21 must hold {AFLW_POINTS} flags, got {visible.shape} of {visible.dtype}"
        )
    visible = visible.astype(bool)
    if not np.isfinite(points[visible]).all():
        raise ConfigError("landmarks21 holds NaN or infinity at a visible point")
    if _is_outside(points[visible]):  # one face of AFLW is like this; its detected points are fine
        _log.warning(
            "%s: its hand-placed points lie outside the crop, and are not used", row["name"]
        )
        visible = np.zeros(AFLW_POINTS, dtype=bool)
    return np.where(visible[:, None], points, -1.0).astype(np.float32), visible


def _points(name: str, values: Any, count: int, widths: tuple[int, ...]) -> Floats:
    try:
        points = np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name} does not hold numbers ({error})") from error
    for width in widths:
        if points.size == count * width:
            return points.reshape(count, width)
    wanted = " or ".join(f"{count} x {width}" for width in widths)
    raise ConfigError(f"{name} must hold {wanted} numbers, got {points.size}")


def _is_outside(points: Floats) -> bool:
    """Whether all points lie outside the crop, which means another frame or another face.

    Single points may lie outside, as for faces at a photo's edge.
    """
    inside = ((points[:, :2] > -0.5) & (points[:, :2] < CROP_SIZE - 0.5)).all(axis=1)
    return len(points) > 0 and not inside.any()


def _pixels(image: Any) -> NDArray[np.uint8]:
    """(3, 120, 120) from encoded bytes, or from the form that `datasets` converts them to."""
    data = image.get("bytes") if isinstance(image, Mapping) else image
    if not isinstance(data, bytes):
        raise ConfigError(f"image must be the bytes of a picture, got {type(data).__name__}")
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.size != (CROP_SIZE, CROP_SIZE):
                height, width = picture.size[::-1]
                raise ConfigError(f"a crop must be {CROP_SIZE}x{CROP_SIZE}, got {(height, width)}")
            pixels = np.asarray(picture.convert("RGB"))
    except (OSError, UnidentifiedImageError, SyntaxError, Image.DecompressionBombError) as error:
        raise ConfigError(f"its image cannot be decoded ({error})") from error
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))
