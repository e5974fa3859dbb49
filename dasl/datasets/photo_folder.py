"""A folder of photos with 68 landmarks each, in common formats.

`name.jpg` needs `name.pts` (iBUG's format, which counts pixels from 1) or `name.json` (a list of 68
[x, y], or an object with such a list as `landmarks`) beside it. Alternatively the folder holds one
`landmarks.json` or `landmarks.csv` (`dasl.datasets.landmark_table`). JSON and CSV count from 0:
integer = pixel centre, on the photo as displayed (EXIF orientation applied).
"""

import io
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from dasl.arrays import RgbImage
from dasl.datasets.face_rows import ERROR, Faces2d, Row, faces_from_rows
from dasl.datasets.landmark_table import TABLE_CSV, TABLE_JSON, LandmarkTable
from dasl.errors import ConfigError, DaslError
from dasl.geometry.crop import Box, cut_crop, square_crop_from_landmarks
from dasl.geometry.frames import crop_from_image
from dasl.head.landmarks import IBUG_POINTS
from dasl.photo.files import SUFFIXES
from dasl.photo.load import load_photo

FIRST_PTS_PIXEL = 1.0
APPLE_DOUBLE = "._"
"""Prefix of macOS's metadata files, which are not photos."""


@dataclass(frozen=True)
class FoundPhotos:
    """The photos of a folder.

    Attributes:
        photos: in it and below, sorted by name; links to folders are not followed.
        unreadable: folders that could not be read, and why.
    """

    photos: tuple[Path, ...]
    unreadable: tuple[tuple[Path, str], ...]


def photos_in(folder: Path) -> FoundPhotos:
    """All photos in a folder and below."""
    photos: list[Path] = []
    unreadable: list[tuple[Path, str]] = []

    def note(error: OSError) -> None:
        unreadable.append((Path(error.filename), error.strerror or str(error)))

    for place, _, names in os.walk(folder, onerror=note):
        photos += [
            Path(place, name)
            for name in names
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith(APPLE_DOUBLE)
        ]
    return FoundPhotos(tuple(sorted(photos)), tuple(unreadable))


def text_of(path: Path) -> str:
    """A path as valid text, also if its name is not UTF-8."""
    return path.as_posix().encode("utf-8", "backslashreplace").decode("utf-8")


def read_photo_folder(folder: Path, limit: int | None = None, broken_share: float = 0.0) -> Faces2d:
    """Read every photo that has landmarks.

    Args:
        folder: photos and landmarks, see the module's docstring.
        limit: number of faces, the first ones.
        broken_share: share of the photos that may be skipped, see `faces_from_rows`; a photo
            without landmarks counts as broken.

    Raises:
        ConfigError: there are no photos or no landmarks, or too many are broken.
    """
    found = photos_in(folder)
    if found.unreadable:
        place, reason = found.unreadable[0]
        raise ConfigError(f"{place} cannot be read ({reason}); allow reading, or move it elsewhere")
    if not found.photos:
        raise ConfigError(f"{folder} holds no photo ({', '.join(SUFFIXES)})")
    table = LandmarkTable.read(folder, found.photos)
    rows = _rows(folder, found.photos[:limit], table)
    return faces_from_rows(rows, str(folder), broken_share)


def _rows(folder: Path, photos: Sequence[Path], table: LandmarkTable) -> Iterator[Row]:
    for photo in tqdm(photos, desc=folder.name, unit="photo", disable=None):
        name = text_of(photo.relative_to(folder))
        try:
            points = _points(photo, table)
            image, crop = cropped(load_photo(photo), points)
            yield {"name": name, "image": png_bytes(image), "detected68": crop}
        except DaslError as error:  # reported with the row, since broken rows may be allowed
            yield {"name": name, "image": None, "detected68": [], ERROR: str(error)}


def cropped(photo: RgbImage, points_image: np.ndarray) -> tuple[RgbImage, np.ndarray]:
    """The network's input crop around a face, and its points (L, 2 or 3) in crop pixels.

    Raises:
        DaslError: points that are not finite, or that lie outside the photo.
    """
    box: Box = square_crop_from_landmarks(points_image[:, :2])
    boxes = torch.from_numpy(box).float()[None]
    on_crop = crop_from_image(torch.from_numpy(points_image).float()[None], boxes)[0]
    return cut_crop(photo, box), on_crop.numpy()


def png_bytes(image: RgbImage) -> bytes:
    """Encode an image as PNG, losslessly."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _points(photo: Path, table: LandmarkTable) -> np.ndarray:
    """(68, 2) float64, 0-based photo pixels."""
    pts, single = photo.with_suffix(".pts"), photo.with_suffix(".json")
    try:
        if pts.is_file():
            return _checked(_pts_numbers(pts), pts) - FIRST_PTS_PIXEL
        if single.is_file():
            entry = json.loads(single.read_text(encoding="utf-8-sig"))
            return _checked(entry["landmarks"] if isinstance(entry, dict) else entry, single)
        entry = table.points_of(photo)
        if entry is not None:
            return _checked(entry, photo)
    except (OSError, KeyError) as error:
        raise ConfigError(f"cannot read the landmarks of {photo.name}: {error}") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(f"the landmarks of {photo.name} are damaged: {error}") from error
    raise ConfigError(
        f"{photo.name} has no landmarks: wanted {pts.name}, {single.name}, or its entry in "
        f"{TABLE_JSON} or {TABLE_CSV}"
    )


def _pts_numbers(path: Path) -> list[float]:
    """The numbers between the braces of an iBUG .pts file."""
    text = path.read_text(encoding="utf-8-sig")
    inside = text.partition("{")[2].partition("}")[0]
    return [float(word) for word in inside.split()]


def _checked(values: Any, path: Path) -> np.ndarray:
    try:
        points = np.asarray(values, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"landmarks of {path.name} must be numbers ({error})") from error
    if points.size != 2 * IBUG_POINTS:
        raise ConfigError(
            f"landmarks of {path.name} must be {IBUG_POINTS} x 2 numbers, got {points.size}"
        )
    return points.reshape(IBUG_POINTS, 2)
