"""AFLW's faces as 3DDFA's ``test.configs`` and ``test.data`` list them, read from one folder.

``AFLW_GT_crop.list`` names the faces. ``AFLW_GT_pts21.npy`` (N, 2, 21) holds AFLW's points, -1
where not annotated. ``AFLW_GT_pts68.npy`` (N, 2 or 3, 68) holds the 68 points of the 300W-LP
fitting, used for the normaliser only. ``AFLW_GT_crop_yaws.npy`` (N,) holds degrees.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.benchmarks import folders
from eval.errors import BenchmarkError
from eval.scoring.metrics import Float64s
from eval.untrusted.npy import read_npy
from eval.untrusted.text import listed, read_text

FOLDER_NAMES = ("aflw_21", "AFLW_GT", "AFLW", "aflw")
LIST_FILE = "AFLW_GT_crop.list"
POINTS_FILE, PSEUDO_FILE = "AFLW_GT_pts21.npy", "AFLW_GT_pts68.npy"
YAW_FILE = "AFLW_GT_crop_yaws.npy"
IMAGE_COUNT = 21_080
POINT_COUNT = 21
NOT_ANNOTATED = -1.0
LARGEST_LIST = 16 << 20


@dataclass(frozen=True, eq=False)
class Aflw21:
    """The faces in the order of the list.

    Attributes:
        ids: N stems of the crops' files.
        points: (N, 21, 2) pixels as published; points not annotated keep the file's values.
        annotated: (N, 21), at least one in every image.
        pseudo68: (N, 68, 2) pixels, for the box.
        yaw_deg: (N,) degrees.
    """

    ids: tuple[str, ...]
    points: Float64s
    annotated: NDArray[np.bool_]
    pseudo68: Float64s
    yaw_deg: Float64s

    @property
    def annotation(self) -> Float64s:
        """(N, 21 * 3 + 68 * 2) all values that the errors depend on, for the truth's hash."""
        shown = np.where(self.annotated[..., None], self.points, NOT_ANNOTATED)
        parts = shown, self.annotated[..., None], self.pseudo68
        return np.concatenate([part.reshape(len(self.ids), -1) for part in parts], axis=1)


def load_faces(root: str | Path | None, *, image_count: int = IMAGE_COUNT) -> Aflw21:
    """Read the faces.

    Args:
        root: the folder with the four files, or one that contains it; None takes DASL_DATA_ROOT.
        image_count: how many faces the list must name.

    Raises:
        BenchmarkError: a file is missing or malformed.
    """
    folder = folders.find_folder(
        root,
        FOLDER_NAMES,
        lambda place: (place / POINTS_FILE).is_file(),
        wanted=f"{LIST_FILE}, {POINTS_FILE}, {PSEUDO_FILE} and {YAW_FILE} of 3DDFA",
        lacks=f"lacks {POINTS_FILE}",
        advice="pass --root with the folder of these files (github.com/cleardusk/3DDFA)",
    )
    ids = _ids(folder / LIST_FILE, image_count)
    points = _points(folder / POINTS_FILE, image_count, POINT_COUNT)
    annotated = (points != NOT_ANNOTATED).all(axis=2)
    bare = [ids[row] for row in np.flatnonzero(~annotated.any(axis=1)).tolist()]
    if bare:
        raise BenchmarkError(
            f"{POINTS_FILE} has no annotated point for {len(bare)} faces ({listed(bare)}); copy it "
            "again"
        )
    yaw = _numbers(folder / YAW_FILE)
    if yaw.shape != (image_count,):
        raise BenchmarkError(f"{folder / YAW_FILE} must be ({image_count},), got {yaw.shape}")
    return Aflw21(ids, points, annotated, _points(folder / PSEUDO_FILE, image_count, 68), yaw)


def _ids(path: Path, count: int) -> tuple[str, ...]:
    if not path.is_file():
        raise BenchmarkError(
            f"{path} is missing; it names the faces. Copy it from 3DDFA's test.data"
        )
    names = tuple(Path(line.strip()).stem for line in read_text(path, LARGEST_LIST).splitlines())
    if len(names) != count or len(set(names)) != count:
        raise BenchmarkError(
            f"{path} must name {count:,} faces, each once, got {len(names):,} names, "
            f"{len(set(names)):,} of them different; copy it again"
        )
    return names


def _points(path: Path, count: int, points: int) -> Float64s:
    """(count, points, 2) of an array (count, 2 or 3, points)."""
    array = _numbers(path)
    if array.ndim != 3 or array.shape[0] != count or array.shape[2] != points:
        raise BenchmarkError(
            f"{path} must be ({count}, 2 or 3, {points}) numbers, got {array.shape}; copy it again"
        )
    return np.ascontiguousarray(array[:, :2].transpose(0, 2, 1))


def _numbers(path: Path) -> Float64s:
    array = read_npy(path, BenchmarkError)
    if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        raise BenchmarkError(f"{path} must hold finite numbers, got {array.dtype}; copy it again")
    return np.asarray(array, dtype=np.float64)
