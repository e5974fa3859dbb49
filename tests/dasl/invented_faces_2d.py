"""2D faces of an invented head, in memory and as the parquet files that hold real ones."""

import io
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from dasl.datasets.face_rows import Faces2d
from dasl.head.projection import landmarks21_image, landmarks68_image
from tests.dasl.tiny_model import random_coefficients, tiny_model


def invented_faces_2d(count: int, seed: int = 0) -> Faces2d:
    """Faces whose points are those of the tiny head; about a quarter of the 21 is not visible."""
    truth = random_coefficients(count, seed)
    model = tiny_model()
    generator = torch.Generator().manual_seed(seed + 1)
    visible = torch.rand(count, 21, generator=generator) < 0.75
    points21 = landmarks21_image(model, truth)[..., :2]
    return Faces2d(
        ids=tuple(f"invented{number:03d}.jpg" for number in range(count)),
        images=torch.randint(0, 256, (count, 3, 120, 120), generator=generator).to(torch.uint8),
        landmarks21_crop=torch.where(visible[..., None], points21, -1.0),
        visible21=visible,
        detected68_crop=landmarks68_image(model, truth),
        yaw_deg=torch.linspace(-80, 80, count),
    )


def write_faces_2d(faces: Faces2d, path: Path, without: str = "") -> None:
    """One parquet file; `without` leaves a column out."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    columns = {
        "name": list(faces.ids),
        "image": [_png(image) for image in faces.images],
        "yaw": faces.yaw_deg.tolist(),
        "landmarks21": faces.landmarks21_crop.flatten(1).tolist(),
        "visible21": faces.visible21.tolist(),
        "detected68": faces.detected68_crop.flatten(1).tolist(),
    }
    columns.pop(without, None)
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(arrow.table(columns), path)


def _png(image: Tensor) -> bytes:
    """Lossless, so that pixels can be compared."""
    buffer = io.BytesIO()
    Image.fromarray(image.permute(1, 2, 0).numpy()).save(buffer, "PNG")
    return buffer.getvalue()
