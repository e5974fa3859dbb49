"""In-the-wild faces with 2D landmarks: parquet with 21 hand-placed and 68 detected points.

One row a face: `name`, `image` (JPEG bytes, 120x120), `yaw` (degrees), `landmarks21` (21 x 2, -1
where not visible), `visible21`, `detected68` (68 x 3), all in crop pixels.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from dasl.crop import CROP_SIZE
from dasl.errors import ConfigError

Split = Literal["train", "validation"]
COLUMNS = ("name", "image", "yaw", "landmarks21", "visible21", "detected68")


@dataclass(frozen=True)
class Faces2d:
    """N faces as they are in the files.

    Attributes:
        ids: N file names of AFLW.
        images: (N, 3, 120, 120) uint8 RGB.
        landmarks21_crop: (N, 21, 2) float32, pixels; -1 where not visible.
        visible21: (N, 21) bool.
        detected68_crop: (N, 68, 3) float32, pixels, z with any offset.
        yaw_deg: (N,) float32.
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


def read_faces_2d(root: Path, split: Split, limit: int | None = None) -> Faces2d:
    """Reads one split.

    Args:
        root: data root, the folder that holds `faces_2d/`.
        split: which files.
        limit: only the first so many faces.

    Raises:
        ConfigError: no such files, or a file without the columns above.
    """
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    files = sorted((root / "faces_2d").glob(f"{split}-*.parquet"))
    if not files:
        raise ConfigError(
            f"no {split}-*.parquet in {root / 'faces_2d'}; name the folder that holds faces_2d/ "
            "with --root or DASL_DATA_ROOT"
        )
    try:
        tables = [parquet.read_table(file, columns=list(COLUMNS)) for file in files]
    except (arrow.ArrowInvalid, arrow.ArrowKeyError, OSError) as error:
        raise ConfigError(f"cannot read {files[0].parent} as face parquet: {error}") from error
    table = arrow.concat_tables(tables).slice(0, limit)
    column = {name: table.column(name).to_pylist() for name in COLUMNS}
    return Faces2d(
        ids=tuple(column["name"]),
        images=torch.from_numpy(np.stack([_pixels(data) for data in column["image"]])),
        landmarks21_crop=_floats(column["landmarks21"], (21, 2)),
        visible21=torch.tensor(column["visible21"]).bool(),
        detected68_crop=_floats(column["detected68"], (68, 3)),
        yaw_deg=torch.tensor(column["yaw"], dtype=torch.float32),
    )


def _pixels(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        pixels = np.asarray(image.convert("RGB"))
    if pixels.shape != (CROP_SIZE, CROP_SIZE, 3):
        raise ConfigError(f"a crop must be {CROP_SIZE}x{CROP_SIZE}, got {pixels.shape[:2]}")
    return pixels.transpose(2, 0, 1)


def _floats(rows: list[list[float]], shape: tuple[int, int]) -> Tensor:
    return torch.tensor(np.asarray(rows, dtype=np.float32).reshape(-1, *shape))
