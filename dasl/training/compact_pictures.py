"""Crops as WebP in one tensor of bytes: a packed face set at a twentieth of its size."""

import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from dasl.errors import ConfigError
from dasl.geometry.crop import CROP_SIZE


def pack_pictures(images: Tensor, quality: int) -> tuple[Tensor, Tensor]:
    """Compress crops.

    Args:
        images: (N, 3, 120, 120) uint8, RGB.
        quality: of WebP, 0 to 100.

    Returns:
        (M,) uint8, all files one after the other, and (N,) int64, where each ends.
    """
    with ThreadPoolExecutor() as pool:
        files = list(pool.map(lambda image: _webp(image, quality), images.cpu().numpy()))
    ends = torch.tensor([len(file) for file in files], dtype=torch.int64).cumsum(0)
    return torch.from_numpy(np.frombuffer(b"".join(files), dtype=np.uint8).copy()), ends


def unpack_pictures(data: Tensor, ends: Tensor) -> Tensor:
    """The crops of `pack_pictures`: (N, 3, 120, 120) uint8.

    Raises:
        ConfigError: the bytes are something else.
    """
    everything, stops = data.numpy().tobytes(), ends.tolist()
    parts = zip([0, *stops[:-1]], stops, strict=True)
    try:
        with ThreadPoolExecutor() as pool:
            crops = list(pool.map(lambda part: _crop(everything[slice(*part)]), parts))
    except (OSError, ValueError, TypeError, Image.DecompressionBombError) as error:
        raise ConfigError(f"a picture of the packed face set is damaged: {error}") from error
    return torch.from_numpy(np.stack(crops))


def _webp(image: np.ndarray, quality: int) -> bytes:
    packed = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image.transpose(1, 2, 0))).save(
        packed, "WEBP", quality=quality, method=6
    )
    return packed.getvalue()


def _crop(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data), formats=("WEBP",)) as picture:
        if picture.size != (CROP_SIZE, CROP_SIZE):
            raise ValueError(f"wanted {CROP_SIZE} x {CROP_SIZE} pixels, got {picture.size}")
        return np.asarray(picture.convert("RGB")).transpose(2, 0, 1)
