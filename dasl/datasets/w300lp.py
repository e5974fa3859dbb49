"""300W-LP in its official layout: photos of 450 x 450 with the coefficients fitted to them.

    300W_LP/{AFW,HELEN,IBUG,LFPW}/*.jpg and, beside each, its .mat
    300W_LP/{AFW,HELEN,IBUG,LFPW}_Flip/ the same, mirrored

The reader takes `Pose_Para` (7), `Shape_Para` (199) and `Exp_Para` (29) of each .mat, in the
conventions of `eval.bfm.model`. The 68 points are computed from these, and the crop from the points
as in the benchmark.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from dasl.datasets.bfm_head import (
    EXPRESSION_NUMBERS,
    METRES,
    POSE_NUMBERS,
    SHAPE_NUMBERS,
    Statistics62,
    expression_of,
    head_from_bfm,
    identity_of,
    read_bfm,
)
from dasl.datasets.broken_rows import BrokenRows
from dasl.datasets.face_set import FaceSet
from dasl.errors import ConfigError, DaslError
from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.crop import CROP_SIZE, cut_crop, square_crop_from_landmarks
from dasl.geometry.frames import crop_pose_from_image
from dasl.geometry.rotation import euler_deg_from_rotation
from dasl.head.landmarks import AFLW_POINTS
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.photo.load import load_photo
from eval.bfm.model import pose_matrix, rotation
from eval.errors import EvalError
from eval.untrusted.mat import read_mat_fields

FOLDER_NAME = "300W_LP"
BFM_FOLDER = "bfm"
SUBSETS = ("AFW", "HELEN", "IBUG", "LFPW")
FIELDS = {"Pose_Para": 7, "Shape_Para": 199, "Exp_Para": 29}
PHOTO_SIDE = 450
STATISTICS_FACES = 5000
"""Number of faces for the statistics, taken evenly from the set; the relative error is 1 %."""


@dataclass(frozen=True, eq=False)
class Parameters:
    """The coefficients of N faces, in the files' own units.

    Attributes:
        pose: (N, 7) pitch, yaw, roll in radians, x, y, z in pixels (y from the bottom), scale.
        shape: (N, 199); expression: (N, 29).
    """

    pose: NDArray[np.float64]
    shape: NDArray[np.float64]
    expression: NDArray[np.float64]

    def numbers62(self) -> NDArray[np.float64]:
        """The 62 values of 3DDFA and 2DASL, for the photo of 450 pixels: (N, 62)."""
        pose = pose_matrix(self.pose).reshape(len(self.pose), POSE_NUMBERS)
        shape, expression = self.shape[:, :SHAPE_NUMBERS], self.expression[:, :EXPRESSION_NUMBERS]
        return np.concatenate([pose, shape, expression], axis=1)


def find_photos(root: Path) -> list[Path]:
    """All photos, by subset and name.

    Raises:
        ConfigError: the folder or a subset is missing, or there is no photo.
    """
    folder = root / FOLDER_NAME
    if not folder.is_dir():
        raise ConfigError(
            f"no folder {folder}; unpack 300W-LP there: {', '.join(SUBSETS)} and their _Flip"
        )
    names = [name + flip for name in SUBSETS for flip in ("", "_Flip")]
    missing = [name for name in names if not (folder / name).is_dir()]
    if missing:
        raise ConfigError(f"{folder} lacks {', '.join(missing)}; unpack all of 300W-LP there")
    photos = [photo for name in names for photo in sorted((folder / name).glob("*.jpg"))]
    if not photos:
        raise ConfigError(f"there is no .jpg in {folder}/{names[0]} and its neighbours")
    return photos


def load_bfm_head(root: Path, broken_share: float = 0.0) -> tuple[MorphableModel, Statistics62]:
    """The head model of `root`/bfm in the units (statistics) of `root`/300W_LP, and these units.

    Args:
        root: holds both folders.
        broken_share: share of the .mat files that may be broken.

    Raises:
        ConfigError: either folder is missing or holds something else.
    """
    photos = find_photos(root)
    step = max(1, len(photos) // STATISTICS_FACES)
    parameters = read_parameters(photos[::step], broken_share)
    statistics = Statistics62.of(parameters.numbers62())
    return head_from_bfm(read_bfm(root / BFM_FOLDER), statistics), statistics


def read_parameters(photos: Sequence[Path], broken_share: float = 0.0) -> Parameters:
    """The coefficients beside each photo.

    Raises:
        ConfigError: too many .mat files are missing or damaged, or have missing or wrong fields.
    """
    broken, rows = BrokenRows(f"mats of {FOLDER_NAME}", broken_share), []
    for photo in tqdm(photos, desc="statistics", disable=None):
        try:
            rows.append(_parameters(photo))
        except ConfigError as error:
            broken.add(photo.stem, str(error))
    broken.check(len(photos))
    return Parameters(*(np.stack(column) for column in zip(*rows, strict=True)))


def read_300w_lp(
    root: Path,
    model: MorphableModel,
    statistics: Statistics62,
    limit: int | None = None,
    broken_share: float = 0.0,
) -> FaceSet:
    """The faces with their coefficients as 3D truth.

    Args:
        root: holds `300W_LP`.
        model: from `load_bfm_head`, with its statistics.
        statistics: units of identity and expression.
        limit: largest number of faces, taken evenly from the subsets.
        broken_share: share of the faces that may be skipped because their files are broken.

    Raises:
        ConfigError: as `find_photos`, or more faces are broken than allowed.
    """
    photos = find_photos(root)
    if limit is not None and limit < len(photos):
        photos = [photos[number * len(photos) // limit] for number in range(limit)]
    broken = BrokenRows(FOLDER_NAME, broken_share)
    names: list[str] = []
    crops, rows = [], []
    # Filled in place: a list of 122,450 crops and its stack would each take 5 GB.
    images = torch.empty((len(photos), 3, CROP_SIZE, CROP_SIZE), dtype=torch.uint8)
    for name, photo in zip(_ids(photos), tqdm(photos, desc=FOLDER_NAME, disable=None), strict=True):
        try:
            of_photo = _parameters(photo)
            crop, image = _crop(photo, of_photo, model, statistics)
        except DaslError as error:
            broken.add(name, str(error))
            continue
        images[len(names)] = torch.from_numpy(image).permute(2, 0, 1)
        names.append(name)
        crops.append(crop)
        rows.append(of_photo)
    broken.check(len(photos))
    parameters = Parameters(*(np.stack(column) for column in zip(*rows, strict=True)))
    return _packed(
        tuple(names), images[: len(names)], np.stack(crops), parameters, model, statistics
    )


def _ids(photos: Sequence[Path]) -> Iterator[str]:
    return (f"{photo.parent.name}/{photo.stem}" for photo in photos)


def _parameters(photo: Path) -> tuple[NDArray[np.float64], ...]:
    path = photo.with_suffix(".mat")
    try:
        fields = read_mat_fields(path, FIELDS)
    except EvalError as error:
        raise ConfigError(str(error)) from error
    parts = []
    for name, length in FIELDS.items():
        values = fields[name].astype(np.float64).reshape(-1)
        if len(values) != length or not np.isfinite(values).all():
            state = "with NaN" if len(values) == length else f"of {len(values)}"
            raise ConfigError(
                f"{name} of {path} must hold {length} finite numbers, got one {state}"
            )
        parts.append(values)
    if parts[0][6] <= 0:
        raise ConfigError(f"the scale in Pose_Para of {path} must be positive, got {parts[0][6]:g}")
    return tuple(parts)


def _photo_pose(pose_para: NDArray[np.float64]) -> Pose:
    """Poses (N, 7) that project the model into the photo, our 0-based frame."""
    return Pose(
        rotation=torch.from_numpy(rotation(pose_para[:, :3])).float(),
        scale=torch.from_numpy(pose_para[:, 6] / METRES).float(),
        # Theirs counts x from 1, and y from 1 at the bottom edge.
        translation=torch.from_numpy(
            np.stack([pose_para[:, 3] - 1, PHOTO_SIDE - pose_para[:, 4]], axis=1)
        ).float(),
    )


def _crop(
    photo: Path,
    parameters: tuple[NDArray[np.float64], ...],
    model: MorphableModel,
    statistics: Statistics62,
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """The square box on the photo, and the (120, 120, 3) crop."""
    with_size = load_photo(photo)
    if with_size.shape[:2] != (PHOTO_SIDE, PHOTO_SIDE):
        raise ConfigError(f"{photo} must be {PHOTO_SIDE}x{PHOTO_SIDE}, got {with_size.shape[:2]}")
    pose_para, shape, expression = (part[None] for part in parameters)
    coefficients = Coefficients(
        _photo_pose(pose_para),
        identity_of(shape, statistics),
        expression_of(expression, statistics),
    )
    points = landmarks68_image(model, coefficients)[0].numpy()
    box = square_crop_from_landmarks(points[:, :2])
    return box, cut_crop(with_size, box)


def _packed(
    names: tuple[str, ...],
    images: torch.Tensor,
    crops: NDArray[np.float64],
    parameters: Parameters,
    model: MorphableModel,
    statistics: Statistics62,
) -> FaceSet:
    boxes = torch.from_numpy(crops).float()
    coefficients = Coefficients(
        crop_pose_from_image(_photo_pose(parameters.pose), boxes),
        identity_of(parameters.shape, statistics),
        expression_of(parameters.expression, statistics),
    )
    count = len(names)
    return FaceSet(
        ids=names,
        head_id=model.head_id,
        images=images,
        landmarks68_crop=landmarks68_image(model, coefficients),
        landmarks21_crop=torch.full((count, AFLW_POINTS, 2), -1.0),
        visible21=torch.zeros(count, AFLW_POINTS, dtype=torch.bool),
        coefficients=coefficients,
        coefficient_weight=torch.ones(count),
        yaw_deg=euler_deg_from_rotation(coefficients.pose.rotation)[:, 0],
    )
