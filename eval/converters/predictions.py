"""The predictions that every converter returns, and their matching with a benchmark's images."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from eval.errors import MissingImages, SubmissionError
from eval.scoring.metrics import Float64s
from eval.submissions.landmarks68 import LANDMARK_COUNT
from eval.submissions.submission import Submission
from eval.untrusted.text import listed, printable, read_text

MOST_FACES = 100_000
LARGEST_LIST = 16 << 20  # bytes of a list of names
FILE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".mat", ".txt", ".npy", ".csv"})


@dataclass(frozen=True, eq=False)
class RowsOnDemand:
    """Dense predictions too many to hold at once: a ``RowSource`` that reads face by face.

    Attributes:
        faces: N.
        points: V, of every face.
        read: returns the (V, 3) pixels of one row, in the published frame.
    """

    faces: int
    points: int
    read: Callable[[int], Float64s]

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, V, 3), the shape of the whole array."""
        return (self.faces, self.points, 3)

    def chunks(self, rows: int) -> Iterator[NDArray[np.floating]]:
        """Successive (at most ``rows``, V, 3) float32 parts."""
        with tqdm(total=self.faces, desc="vertices", unit=" faces", leave=False, delay=1) as bar:
            for start in range(0, self.faces, rows):
                end = min(start + rows, self.faces)
                yield np.stack([self.read(row) for row in range(start, end)]).astype(np.float32)
                bar.update(end - start)


@dataclass(frozen=True, eq=False)
class Predictions:
    """A source's predictions in the benchmark's published frame.

    Attributes:
        ids: N file stems, each once.
        landmarks: (N, 68, 3) float64 pixels, failed faces all NaN; None if only vertices are
            known.
        vertices: the dense set; None if the source has none or it was not requested.
        pose_deg: (N, 3) yaw, pitch, roll in degrees in ``Pose_Para``'s convention, failed faces
            NaN; None if not requested.
        facts: how the source was read, for the submission's ``meta``.
    """

    ids: tuple[str, ...]
    landmarks: Float64s | None
    vertices: RowsOnDemand | None = None
    pose_deg: Float64s | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check names and values as for a submission."""
        Submission(self.ids, self.landmarks, {}, vertices=self.vertices, pose_deg=self.pose_deg)


def in_benchmark_order(
    predictions: Predictions, wanted: Sequence[str], *, fill_missing: bool
) -> Predictions:
    """The predictions for exactly the wanted images, in their order.

    Args:
        predictions: of a source, in any order.
        wanted: ids of the benchmark.
        fill_missing: whether an image without a prediction becomes a failed face (NaN).

    Raises:
        SubmissionError: the source names other images, or lacks some and ``fill_missing`` is off.
    """
    row_of = {name: row for row, name in enumerate(predictions.ids)}
    unknown = sorted(set(row_of) - set(wanted))
    if unknown:
        raise SubmissionError(
            f"the source names {len(unknown)} images that the list does not have "
            f"({listed(unknown)}), wanted names such as {printable(wanted[0])}; check --suffix, or "
            "remove the other files"
        )
    rows = [row_of.get(name, -1) for name in wanted]
    missing = [name for name, row in zip(wanted, rows, strict=True) if row < 0]
    if missing and not fill_missing:
        raise MissingImages(
            f"{len(missing):,} of {len(wanted):,} images are missing from the source "
            f"({listed(missing)}); add them, or let missing images count as failed"
        )
    landmarks, dense, pose = predictions.landmarks, predictions.vertices, predictions.pose_deg
    if pose is not None:
        pose = np.concatenate([pose, np.full((1, 3), np.nan)])[rows]
    if landmarks is not None:
        failed = np.full((1, LANDMARK_COUNT, 3), np.nan)
        landmarks = np.concatenate([landmarks, failed])[rows]  # row -1 is the failed face
    if dense is not None:
        dense = RowsOnDemand(len(wanted), dense.points, _reordered(dense, rows))
    return replace(
        predictions, ids=tuple(wanted), landmarks=landmarks, vertices=dense, pose_deg=pose
    )


def read_id_list(path: Path) -> tuple[str, ...]:
    """Names of images, one per line, such as 3DDFA's ``AFLW2000-3D_crop.list``.

    Args:
        path: a text file; folders and the usual file suffixes are dropped from the names.

    Raises:
        SubmissionError: no such file, not text, too long, empty, or a name given twice.
    """
    text = read_text(path, LARGEST_LIST)
    names = tuple(stem_of(line.strip()) for line in text.splitlines() if line.strip())
    if not names or len(names) > MOST_FACES:
        raise SubmissionError(
            f"{path} names {len(names):,} images, wanted 1 to {MOST_FACES:,}, one a line"
        )
    doubled = [name for name, count in Counter(names).items() if count > 1]
    if doubled:
        raise SubmissionError(
            f"{path} names {len(doubled)} images more than once ({listed(doubled)}); keep one each"
        )
    return names


def stem_of(name: str) -> str:
    """A benchmark id from a file name: without folders and without a usual file suffix.

    Example:
        >>> stem_of("AFLW2000/image00002.jpg"), stem_of("A_-15_40.5")
        ('image00002', 'A_-15_40.5')
    """
    path = PurePosixPath(name.replace("\\", "/"))
    return path.stem if path.suffix.lower() in FILE_SUFFIXES else path.name


def files_of(folder: Path, ending: str) -> list[Path]:
    """The folder's files with this ending, sorted by name.

    Raises:
        SubmissionError: no such folder, or too many files.
    """
    try:
        found = sorted(path for path in folder.iterdir() if path.name.endswith(ending))
    except OSError as error:
        reason = error.strerror or error
        raise SubmissionError(f"cannot list {folder}: {reason}; check the path") from error
    if not found or len(found) > MOST_FACES:
        raise SubmissionError(
            f"{folder} holds {len(found):,} files *{ending}, wanted 1 to {MOST_FACES:,}; "
            "name the folder that the files lie in"
        )
    return found


def _reordered(dense: RowsOnDemand, rows: Sequence[int]) -> Callable[[int], Float64s]:
    """A reader of single rows in another order; row -1 is a failed face."""

    def read(row: int) -> Float64s:
        source_row = rows[row]
        return dense.read(source_row) if source_row >= 0 else np.full((dense.points, 3), np.nan)

    return read
