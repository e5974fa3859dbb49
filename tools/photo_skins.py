"""Skins from photos for rendered people: portraits and training faces, split by use.

Training people have skins of portraits 001-030 and of training faces of `faces_2d`; test people
those of portraits 031-050. This is the split of the data's README. Skins are made on first use and
cached.
"""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dasl.arrays import RgbImage
from dasl.datasets.faces_2d import read_faces_2d
from dasl.datasets.rendered.people_split import is_for_measuring
from dasl.datasets.rendered.photo_skin import PhotoSkin, photo_skin
from dasl.errors import ConfigError
from dasl.geometry.crop import CROP_SIZE, square_crop_from_landmarks
from dasl.photo.load import load_photo
from dasl.reconstruction.reconstructor import FaceReconstructor

PORTRAITS = "portraits"
TRAINING_PORTRAITS, MEASURING_PORTRAITS = range(1, 31), range(31, 51)
PORTRAIT_TEXELS, CROP_TEXELS = 512, 256
CROP_SKINS = 300
MOST_YAW_DEG = 12.0
OPEN_MOUTH, WIDE_MOUTH = 0.04, 0.62
"""Upper limits, for a neutral mouth, of lip gap and mouth width relative to the outer eye distance.
The choice depends on detected landmarks only, so that another network does not change it."""


UNEVEN = 1.7
"""Largest ratio of brightness between points of an evenly lit, uncovered face."""
SKIN_PLACES = (
    *((1, 31), (15, 35), (4, 48), (12, 54), (40, 48)),
    *((47, 54), (8, 57), (27, 21), (27, 22)),
)
"""Pairs of the 68 landmarks between which there is skin."""


class PhotoSkins:
    """The skins for the people of a seed."""

    def __init__(self, sources: list[tuple[str, Path | RgbImage]], weights: str | None) -> None:
        """Store the sources: names with a portrait's path or a face's crop, and the weights."""
        self._sources = sources
        self._reconstructor = FaceReconstructor.from_pretrained(weights, device="cpu")
        self._made: dict[int, PhotoSkin] = {}

    def __len__(self) -> int:
        return len(self._sources)

    def __getitem__(self, index: int) -> PhotoSkin:
        if index not in self._made:
            self._made[index] = self._make(*self._sources[index])
        return self._made[index]

    def _make(self, name: str, source: Path | RgbImage) -> PhotoSkin:
        if isinstance(source, Path):
            photo, texels = load_photo(source), PORTRAIT_TEXELS
            face = self._reconstructor(photo, strict=True)[0]
            box = square_crop_from_landmarks(face.landmarks[:, :2])
        else:
            photo, texels = source, CROP_TEXELS
            box = np.array([0.0, 0.0, CROP_SIZE, CROP_SIZE])
            face = self._reconstructor(photo, crops=[box])[0]
        return photo_skin(face.head, photo, box, texels, name)


def skins_for(
    seed: int, root: Path, weights: str | None = None, crops: int = CROP_SKINS
) -> PhotoSkins:
    """The skins for the people of a seed, for training or for testing.

    Args:
        seed: of the people.
        root: data root.
        weights: folder or hub id, for fitting heads to the photos; None for the embedded ones.
        crops: number of training faces in addition to the portraits.

    Raises:
        ConfigError: photos are missing, or `crops` is below 0.
    """
    if crops < 0:
        raise ConfigError(f"wanted 0 or more skins of training faces, got {crops}")
    if is_for_measuring(seed):
        return PhotoSkins(_portraits(root, MEASURING_PORTRAITS), weights)
    faces = _frontal_faces(root, crops) if crops else []
    return PhotoSkins(_portraits(root, TRAINING_PORTRAITS) + faces, weights)


def _portraits(root: Path, numbers: range) -> list[tuple[str, Path | RgbImage]]:
    paths = [root / PORTRAITS / f"{number:03d}.jpg" for number in numbers]
    missing = [path.name for path in paths if not path.exists()]
    if missing:
        raise ConfigError(f"{root / PORTRAITS} lacks {', '.join(missing)}; name the data root")
    return [(f"portrait {path.stem}", path) for path in paths]


def _frontal_faces(root: Path, count: int) -> list[tuple[str, Path | RgbImage]]:
    """The first frontal, evenly lit training faces with a neutral mouth."""
    faces = read_faces_2d(root, "train")
    points = faces.detected68_crop
    chosen = (faces.yaw_deg.abs() <= MOST_YAW_DEG) & mouth_at_rest(points)
    chosen &= evenly_lit(faces.images, points)
    rows = chosen.nonzero()[:count, 0]
    images = faces.images[rows].permute(0, 2, 3, 1).contiguous().numpy()
    names = [faces.ids[row] for row in rows.tolist()]
    return list(zip(names, images, strict=True))


def mouth_at_rest(landmarks68: Tensor) -> Tensor:
    """Whether lips are closed and not stretched: (N, 68, 2 or 3) pixels to (N,) bool."""

    def length(first: int, second: int) -> Tensor:
        return (landmarks68[:, first, :2] - landmarks68[:, second, :2]).norm(dim=1)

    eyes = length(36, 45).clamp_min(1.0)
    return (length(62, 66) < OPEN_MOUTH * eyes) & (length(48, 54) < WIDE_MOUTH * eyes)


def evenly_lit(images: Tensor, landmarks68: Tensor) -> Tensor:
    """Whether a face's skin is about equally bright everywhere.

    Args:
        images: (N, 3, 120, 120) uint8.
        landmarks68: (N, 68, 2 or 3) pixels.

    Returns:
        (N,) bool.
    """
    first, second = torch.tensor(SKIN_PLACES).unbind(dim=1)
    places = (landmarks68[:, first, :2] + landmarks68[:, second, :2]) / 2
    column, row = places.round().long().clamp(0, images.shape[-1] - 1).unbind(dim=-1)
    grey = images.float().mean(dim=1)
    levels = grey[torch.arange(len(images))[:, None], row, column].clamp_min(1.0)
    return levels.amax(dim=1) <= UNEVEN * levels.amin(dim=1)
