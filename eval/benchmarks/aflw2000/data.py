"""AFLW2000-3D as published, read from its folder.

The official ``image*.jpg`` and ``image*.mat`` are enough. Helper arrays beside them override the
mats: ``list.txt`` (the order of the arrays), ``pts68.npy`` (N, 3, 68), ``yaw.npy`` (N,) degrees,
``roi_box.npy`` (N, 4), ``reannotated_pts68.npy`` (N, 2, 68). All points in this module are
(N, 68, 2 or 3).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.benchmarks import folders
from eval.errors import BenchmarkError
from eval.submissions.landmarks68 import LANDMARK_COUNT
from eval.untrusted.mat import read_mat_fields
from eval.untrusted.npy import read_npy
from eval.untrusted.text import listed

FOLDER_NAMES = ("aflw2000_3d", "AFLW2000", "AFLW2000-3D")
PHOTO_SIDE = 450  # every photo is 450 x 450
IMAGE_COUNT = 2000
# The helper arrays, and the list of the photos that gives their order.
LIST_FILE = "list.txt"
POINTS_FILE, YAW_FILE, BOXES_FILE = "pts68.npy", "yaw.npy", "roi_box.npy"
REANNOTATED_FILE = "reannotated_pts68.npy"


@dataclass(frozen=True, eq=False)
class Aflw2000:
    """The benchmark's faces, in one order.

    Attributes:
        ids: N file stems.
        image_paths: N photos.
        landmarks68: (N, 68, 3) float64, or (N, 68, 2) for the re-annotation; photo pixels as
            published: MATLAB's, 1-based, x right, y down.
        yaw_deg: (N,) float64 as published, not wrapped: a few lie beyond 90.
        benchmark_crops: (N, 4) float64, x0 y0 x1 y1, square, in the 1-based frame of
            ``landmarks68``; they may extend beyond the photo. See ``literature_crops``.
        landmark_source: the file that the landmarks came from.
        yaw_source: the file that the yaw came from.
        subset: name of the subset, as the record states it.
        left_out: stems of the faces outside the subset.
        published68: landmarks of all published faces, sorted by name; None if `ids` has all.
    """

    ids: tuple[str, ...]
    image_paths: tuple[Path, ...]
    landmarks68: NDArray[np.float64]
    yaw_deg: NDArray[np.float64]
    benchmark_crops: NDArray[np.float64]
    landmark_source: str
    yaw_source: str
    subset: str = "all"
    left_out: tuple[str, ...] = ()
    published68: NDArray[np.float64] | None = None

    @property
    def whole_truth(self) -> NDArray[np.float64]:
        """(M, 68, 2 or 3) landmarks of all published faces, sorted by name."""
        if self.published68 is not None:
            return self.published68
        return self.landmarks68[sorted(range(len(self.ids)), key=self.ids.__getitem__)]

    def of(self, rows: Sequence[int], subset: str) -> "Aflw2000":
        """The faces of some rows, labelled with the name of their subset."""
        index, kept = list(rows), set(rows)
        others = tuple(name for row, name in enumerate(self.ids) if row not in kept)
        return replace(
            self,
            ids=tuple(self.ids[row] for row in index),
            image_paths=tuple(self.image_paths[row] for row in index),
            landmarks68=self.landmarks68[index],
            yaw_deg=self.yaw_deg[index],
            benchmark_crops=self.benchmark_crops[index],
            subset=subset,
            left_out=(*self.left_out, *others),
            published68=self.whole_truth,
        )


def find_folder(root: str | Path | None) -> Path:
    """The benchmark's folder.

    Args:
        root: the folder itself or one that contains it; None takes DASL_DATA_ROOT.

    Returns:
        A folder that holds mats or ``list.txt``.

    Raises:
        BenchmarkError: no root is known, or nothing is there.
    """
    return folders.find_folder(
        root,
        FOLDER_NAMES,
        lambda folder: (folder / LIST_FILE).is_file() or any(folder.glob("image*.mat")),
        wanted="AFLW2000-3D's jpg and mat files",
        lacks=f"holds neither image*.mat nor {LIST_FILE}",
        advice="pass --root with the unpacked AFLW2000-3D.zip",
    )


def load_benchmark(
    root: str | Path | None = None, *, reannotated: bool = False, image_count: int = IMAGE_COUNT
) -> Aflw2000:
    """Read the benchmark.

    Args:
        root: see ``find_folder``.
        reannotated: landmarks (N, 68, 2) of the re-annotation in place of ``pt3d_68``;
            crops stay those of the original points.
        image_count: how many faces the folder must hold.

    Returns:
        The faces in the order of ``list.txt``; without it, sorted by name.

    Raises:
        BenchmarkError: a missing or partial folder, or a malformed file.

    Example:
        >>> faces = load_benchmark("/data/aflw2000_3d")  # doctest: +SKIP
        >>> faces.landmarks68.shape  # doctest: +SKIP
        (2000, 68, 3)
    """
    folder = find_folder(root)
    ids = _read_ids(folder, image_count)
    points, landmark_source = _original_points(folder, ids)
    yaw_deg, yaw_source = _yaw(folder, ids)
    crops = _crops(folder, points)
    if reannotated:
        landmark_source = REANNOTATED_FILE
        points = _reannotated_points(folder, ids)
    images = tuple(folder / f"{name}.jpg" for name in ids)
    return Aflw2000(ids, images, points, yaw_deg, crops, landmark_source, yaw_source)


def find_ids(root: str | Path | None) -> tuple[str, ...]:
    """The faces' file stems, in the order of ``list.txt``; without it, sorted by name.

    Args:
        root: see ``find_folder``.

    Raises:
        BenchmarkError: a missing or partial folder.
    """
    return _read_ids(find_folder(root), IMAGE_COUNT)


def literature_crops(landmarks68: NDArray[np.float64]) -> NDArray[np.float64]:
    """The square crops that published methods use, computed from the true landmarks.

    The rule was inferred from the published ``roi_box.npy``. Let s = sqrt(2) * max(width, height)
    of the box around the 68 points, and c its centre. Then x0 y0 = round(c - s / 2) and
    x1 y1 = x0 y0 + round(s). Clipped to 1..450, this equals the published boxes on all 2,000 faces
    to the pixel. Clipping makes 54 of them non-square. The crops here are not clipped; pad the
    photo where they extend beyond it.

    Args:
        landmarks68: (N, 68, 2 or 3) pixels, 1-based.

    Returns:
        (N, 4) float64 whole numbers, x0 y0 x1 y1, pixels, 1-based.
    """
    low = landmarks68[..., :2].min(axis=1)
    high = landmarks68[..., :2].max(axis=1)
    side = np.sqrt(2.0) * (high - low).max(axis=1, keepdims=True)
    corner = np.round((low + high) / 2.0 - side / 2.0)
    return np.concatenate([corner, corner + np.round(side)], axis=1)


def _read_ids(folder: Path, image_count: int) -> tuple[str, ...]:
    """The stems of ``list.txt``, or of the jpg and mat files; each needs its photo."""
    if (folder / LIST_FILE).is_file():
        text = (folder / LIST_FILE).read_text(encoding="utf-8", errors="replace")
        names = text.split()
        strange = [name for name in names if name != Path(name).name or name.startswith(".")]
        if strange:
            raise BenchmarkError(f"list.txt must hold file names, got {listed(strange)}")
        stems = [Path(name).stem for name in names]
    else:
        files = (*folder.glob("image*.mat"), *folder.glob("image*.jpg"))
        stems = sorted({path.stem for path in files})
    present = {path.name for path in folder.iterdir()}
    missing = [f"{stem}.jpg" for stem in stems if f"{stem}.jpg" not in present]
    if missing:
        raise BenchmarkError(
            f"{folder} lacks {len(missing)} photos ({listed(missing)}); "
            "unpack AFLW2000-3D.zip again"
        )
    if len(stems) != image_count or len(set(stems)) != image_count:
        raise BenchmarkError(
            f"{folder} holds {len(set(stems))} faces, wanted {image_count}; unpack "
            "AFLW2000-3D.zip again, or complete list.txt"
        )
    return tuple(stems)


def _original_points(folder: Path, ids: tuple[str, ...]) -> tuple[NDArray[np.float64], str]:
    """(N, 68, 3) points and the file they came from."""
    array = _helper_array(folder, POINTS_FILE, (len(ids), 3, LANDMARK_COUNT))
    if array is not None:
        return array.transpose(0, 2, 1), POINTS_FILE
    points = [_mat_field(folder / f"{name}.mat", "pt3d_68", (3, LANDMARK_COUNT)).T for name in ids]
    return np.stack(points), "pt3d_68 of each .mat"


def _yaw(folder: Path, ids: tuple[str, ...]) -> tuple[NDArray[np.float64], str]:
    """(N,) degrees and the file they came from."""
    array = _helper_array(folder, YAW_FILE, (len(ids),))
    if array is not None:
        return array, YAW_FILE
    # Pose_Para: pitch, yaw, roll in radians, then translation and scale.
    poses = [_mat_field(folder / f"{name}.mat", "Pose_Para", (1, 7)) for name in ids]
    return np.degrees(np.array([pose[0, 1] for pose in poses])), "Pose_Para of each .mat"


def _crops(folder: Path, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rule's squares; a box of ``roi_box.npy`` that the rule does not explain overrides."""
    squares = literature_crops(points)
    boxes = _helper_array(folder, BOXES_FILE, (len(points), 4))
    if boxes is None:
        return squares
    explained = (np.clip(squares, 1, PHOTO_SIDE) == boxes).all(axis=1, keepdims=True)
    return np.where(explained, squares, boxes)


def _reannotated_points(folder: Path, ids: tuple[str, ...]) -> NDArray[np.float64]:
    """(N, 68, 2) points of the re-annotation."""
    array = _helper_array(folder, REANNOTATED_FILE, (len(ids), 2, LANDMARK_COUNT))
    if array is None:
        raise BenchmarkError(
            f"{folder} has no reannotated_pts68.npy, which this board needs; it is "
            "AFLW2000-3D-Reannotated.pts68.npy of 3DDFA's test.configs, put beside a list.txt"
        )
    return array.transpose(0, 2, 1)


def _helper_array(folder: Path, name: str, shape: tuple[int, ...]) -> NDArray[np.float64] | None:
    """A helper array as float64, or None where the folder has none."""
    path = folder / name
    if not path.is_file():
        return None
    if not (folder / LIST_FILE).is_file():
        raise BenchmarkError(
            f"{path} needs list.txt, which gives the order of its rows; add list.txt, or remove "
            f"{name}"
        )
    array = read_npy(path, BenchmarkError)
    if array.shape != shape or array.dtype.kind not in "fiu":
        raise BenchmarkError(
            f"{path} must be {shape} numbers, got {array.shape} of {array.dtype}; copy it again"
        )
    return _finite(array, path, name)


def _mat_field(path: Path, field: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """One field of a mat file. The other fields are ignored, since their shapes vary."""
    value = read_mat_fields(path, [field])[field]
    if value.shape != shape or value.dtype.kind not in "fiu":
        raise BenchmarkError(
            f"{field} of {path} must be {shape} numbers, got {value.shape} of {value.dtype}; "
            "copy it again"
        )
    return _finite(value, path, field)


def _finite(array: NDArray[np.generic], path: Path, name: str) -> NDArray[np.float64]:
    """The array as float64; NaN and infinity are refused."""
    numbers = np.asarray(array, dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise BenchmarkError(f"{name} of {path} holds NaN or infinity; copy it again")
    return numbers
