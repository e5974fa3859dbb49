"""Folders of .mat files, one per image, with 68 points or with vertices.

Known fields and their default pixel frames (options override them):

- ``pt3d_68``: as the benchmark publishes it;
- ``vertex`` (3, V) of 3DDFA v1 and 2DASL: the frame that their code compares with ``pt3d_68``;
- ``vertices`` (V, 3) of PRNet: scikit-image's 0-based pixels.

2DASL's released script writes its dense ``vertex`` in crop pixels with y up: name a crop rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from eval.converters.predictions import Predictions, RowsOnDemand, files_of
from eval.errors import SubmissionError
from eval.scoring.metrics import Float64s
from eval.submissions.landmarks68 import LANDMARK_COUNT
from eval.untrusted.mat import read_mat_fields

ENDING = ".mat"
MESH_SUFFIX = "_mesh"  # of PRNet's files
ToPublished = Callable[[str, Float64s], Float64s]


@dataclass(frozen=True)
class MatField:
    """A known field of mat files.

    Attributes:
        name: in the file.
        is_dense: whether it holds vertices; the landmarks are some of them.
        index_base: of its pixels.
    """

    name: str
    is_dense: bool
    index_base: Literal[0, 1]


FIELDS = (
    MatField("pt3d_68", False, 1),
    MatField("vertex", True, 1),
    MatField("vertices", True, 0),
)


@dataclass(frozen=True)
class MatFolder:
    """A folder of mats: its files, their ids and the field to read.

    Attributes:
        files: one per image.
        ids: their stems without the suffix.
        field: the field to read from each file.
    """

    files: tuple[Path, ...]
    ids: tuple[str, ...]
    field: MatField


def find_mats(folder: Path, suffix: str | None = None, field: str | None = None) -> MatFolder:
    """Inspect a folder; the first file determines the field that is read from all files.

    Args:
        folder: of .mat files.
        suffix: text after the id in each stem; None drops PRNet's ``_mesh`` if all have it.
        field: name of the field; None takes the first of ``FIELDS`` that the file has.

    Raises:
        SubmissionError: no such files, or none of the fields.
        MatError: the first file cannot be read.
    """
    files = files_of(folder, f"{suffix or ''}{ENDING}")
    stems = [path.name.removesuffix(ENDING) for path in files]
    if suffix is None and all(stem.endswith(MESH_SUFFIX) for stem in stems):
        suffix = MESH_SUFFIX
    wanted = [known for known in FIELDS if field in (None, known.name)]
    names = [known.name for known in wanted]
    present = read_mat_fields(files[0], [], optional=names)
    found = next((known for known in wanted if known.name in present), None)
    if found is None:
        raise SubmissionError(
            f"{files[0]} has no field {' or '.join(names)}; write the points under such a name"
        )
    return MatFolder(tuple(files), tuple(stem.removesuffix(suffix or "") for stem in stems), found)


def read_mat_folder(
    source: MatFolder,
    to_published: ToPublished,
    frame: str,
    keypoints: NDArray[np.int64] | None,
    *,
    with_vertices: bool,
) -> Predictions:
    """Read the points of all files.

    Args:
        source: from ``find_mats``.
        to_published: takes an image's id and its (L, 3) points; returns them in the benchmark's
            frame.
        frame: description of the source's frame.
        keypoints: (68,) vertices that are the landmarks of a dense field; None if not known.
        with_vertices: whether to keep the dense set; it is read again, file by file, on writing.

    Returns:
        One row per file.

    Raises:
        SubmissionError: a file's points have another shape, or the keypoints do not fit.
        MatError: a file cannot be read.
    """
    first = _points(source.files[0], source.field)
    _check_request(source, len(first), keypoints, with_vertices)

    def read(row: int) -> Float64s:
        points = _points(source.files[row], source.field)
        if points.shape != first.shape:
            raise SubmissionError(
                f"{source.field.name} of {source.files[row]} must be {len(first):,} points like "
                f"that of {source.files[0].name}, got {len(points):,}; take one system's files"
            )
        return to_published(source.ids[row], points)

    landmarks = None
    if keypoints is not None or not source.field.is_dense:
        rows = tqdm(range(len(source.files)), desc="reading", unit=" mats", leave=False, delay=1)
        chosen = slice(None) if keypoints is None else keypoints
        landmarks = np.stack([read(row)[chosen] for row in rows])
    vertices = RowsOnDemand(len(source.files), len(first), read) if with_vertices else None
    facts = {"converted_from": f"mat folder, {source.field.name}", "frame": frame}
    return Predictions(source.ids, landmarks, vertices, facts=facts)


def _check_request(
    source: MatFolder, points: int, keypoints: NDArray[np.int64] | None, with_vertices: bool
) -> None:
    """Refuse requests that the first file, which has `points` points, cannot fulfil."""
    name = source.field.name
    if source.field.is_dense and keypoints is None and not with_vertices:
        raise SubmissionError(
            f"{source.files[0].parent} holds vertices ({name}), and it is not known which are the "
            "landmarks; pass --keypoints FILE with their 68 vertex numbers, or --bfm DIR; or "
            "--vertices for a submission of vertices alone"
        )
    if with_vertices and not source.field.is_dense:
        raise SubmissionError(
            f"{source.files[0].parent} holds landmarks ({name}) only; leave out --vertices"
        )
    if keypoints is not None and keypoints.max() >= points:
        raise SubmissionError(
            f"the keypoints name vertex {keypoints.max()}, but {source.files[0]} holds "
            f"{points:,} vertices; take the keypoints of that mesh"
        )


def _points(path: Path, field: MatField) -> Float64s:
    """(V, 3) points of one file, stored as (3, V) or (V, 3); landmarks without z get z = 0."""
    array = read_mat_fields(path, [field.name])[field.name]
    across = array.T if array.ndim == 2 and array.shape[0] in (2, 3) else array
    count_is_right = field.is_dense or len(across) == LANDMARK_COUNT
    sides = (3,) if field.is_dense else (2, 3)
    if across.ndim != 2 or across.shape[1] not in sides or not count_is_right:
        wanted = "(3, V) or (V, 3)" if field.is_dense else f"(3, {LANDMARK_COUNT})"
        raise SubmissionError(
            f"{field.name} of {path} must be {wanted}, got {array.shape}; is it another system's?"
        )
    points = np.zeros((len(across), 3))
    points[:, : across.shape[1]] = across
    return points
