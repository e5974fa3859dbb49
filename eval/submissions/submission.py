"""Submissions: one method's predictions on a benchmark, as a .npz file.

Arrays:

- ``ids`` (N,) str, the benchmark's file stems;
- at least one of
  ``landmarks`` (N, 68, 3) float, in the benchmark's published frame (AFLW2000-3D: that of
  ``pt3d_68``, x right, y down, 1-based, z in the same unit with any offset),
  ``pose_deg`` (N, 3) float, yaw, pitch, roll in ``Pose_Para``'s convention,
  ``vertices`` (N, V, 3) float in the frame of the landmarks;
- optionally ``triangles`` (T, 3) int, the topology of the vertices, and ``meta``, a JSON object as
  a string.

A failed face is a row of NaN. All arrays are checked before scoring; vertices, which may exceed the
memory, are checked while streaming.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
from numpy.typing import NDArray

from eval.atomic_files import writing
from eval.errors import SubmissionError
from eval.submissions import checks
from eval.submissions.checks import check_predictions
from eval.submissions.rows import RowSource, chunk_rows
from eval.untrusted.npz import NpzReader
from eval.untrusted.text import listed

MEMBER_LIMITS = {
    "ids": 16 << 20,
    "landmarks": 64 << 20,
    "meta": 1 << 20,
    "pose_deg": 1 << 20,
    "triangles": 64 << 20,
    "vertices": 4 << 30,
}


@dataclass(frozen=True, eq=False)
class Submission:
    """Checked predictions.

    Attributes:
        ids: N file stems, each once.
        landmarks: (N, 68, 3) pixels, the benchmark's published frame; failed rows all NaN.
        meta: the author's statements: method, link, weights_revision, training_data, boxes.
        sha256: of the file, or "" if built in memory.
        pose_deg: (N, 3) yaw, pitch, roll, degrees; failed rows all NaN.
        vertices: (N, V, 3) pixels, streamed; failed rows all NaN.
        triangles: (T, 3) 0-based topology of the vertices.
    """

    ids: tuple[str, ...]
    landmarks: NDArray[np.generic] | None
    meta: Mapping[str, object]
    sha256: str = ""
    pose_deg: NDArray[np.generic] | None = None
    vertices: RowSource | None = None
    triangles: NDArray[np.generic] | None = None

    def __post_init__(self) -> None:
        """Check the parts against each other; see ``eval.submissions.checks``."""
        if self.landmarks is None and self.pose_deg is None and self.vertices is None:
            raise SubmissionError(
                "a submission must hold landmarks, pose_deg or vertices beside ids, got none of "
                "them; add the one that the benchmark scores"
            )
        if self.landmarks is not None:
            check_predictions(self.ids, self.landmarks)
        if self.pose_deg is not None:
            checks.check_pose(self.ids, self.pose_deg)
        if self.vertices is not None:
            checks.check_vertex_shape(self.ids, self.vertices.shape)
            if self.triangles is not None:
                checks.check_triangles(self.triangles, self.vertices.shape[1])

    def in_order(
        self, wanted_ids: Sequence[str], *, left_out: Collection[str] = ()
    ) -> NDArray[np.float64]:
        """The landmarks in the benchmark's order.

        Args:
            wanted_ids: the images that are scored.
            left_out: further images of the benchmark; the submission may include them, and they
                are not scored.

        Returns:
            (len(wanted_ids), 68, 3) float64 pixels.

        Raises:
            SubmissionError: there are no landmarks, or an id is missing or unknown.
        """
        rows = self.rows_of(wanted_ids, left_out=left_out)
        return _member("landmarks", self.landmarks)[rows].astype(np.float64)

    def pose_in_order(
        self, wanted_ids: Sequence[str], *, left_out: Collection[str] = ()
    ) -> NDArray[np.float64]:
        """The angles in the benchmark's order; see ``in_order``.

        Returns:
            (len(wanted_ids), 3) float64 degrees: yaw, pitch, roll.
        """
        rows = self.rows_of(wanted_ids, left_out=left_out)
        return _member("pose_deg", self.pose_deg)[rows].astype(np.float64)

    def rows_of(
        self, wanted_ids: Sequence[str], *, left_out: Collection[str] = ()
    ) -> NDArray[np.int64]:
        """The row of each wanted image.

        Args:
            wanted_ids: the images that are scored.
            left_out: further images of the benchmark; the submission may include them, and they
                are not scored.

        Raises:
            SubmissionError: an id is missing or unknown.
        """
        row_of = {name: row for row, name in enumerate(self.ids)}
        known = {*wanted_ids, *left_out}
        unknown = [name for name in self.ids if name not in known]
        if unknown:
            raise SubmissionError(
                f"ids has {len(unknown)} names that the benchmark does not have "
                f"({listed(unknown)}), wanted its file stems such as {wanted_ids[0]}; drop the "
                "extra rows, or strip folder and suffix from the names"
            )
        missing = [name for name in wanted_ids if name not in row_of]
        if missing:
            raise SubmissionError(
                f"{len(missing):,} of {len(wanted_ids):,} images are missing from ids "
                f"({listed(missing)}); add them, with a row all NaN where the method failed"
            )
        return np.array([row_of[name] for name in wanted_ids], dtype=np.int64)


def read_submission(path: str | Path) -> Submission:
    """Read and check a submission file, without unpickling and with bounded sizes.

    Args:
        path: a .npz file.

    Returns:
        The checked submission; its vertices stay in the file and are read on demand.

    Raises:
        SubmissionError: the file is missing, damaged, oversized, or not in the format.

    Example:
        >>> submission = read_submission("mine.npz")  # doctest: +SKIP
        >>> submission.meta["method"]  # doctest: +SKIP
        'mine'
    """
    path = Path(path)
    with NpzReader(path, MEMBER_LIMITS) as members:
        ids = checks.text_ids(members.read("ids"))
        arrays = {
            name: members.read(name) if name in members else None
            for name in ("landmarks", "pose_deg", "triangles")
        }
        vertices = members.rows("vertices") if "vertices" in members else None
        meta = checks.parse_meta(members.read("meta")) if "meta" in members else {}
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Submission(
        ids, arrays["landmarks"], meta, digest, arrays["pose_deg"], vertices, arrays["triangles"]
    )


def write_submission(
    path: str | Path,
    ids: Sequence[str],
    landmarks: NDArray[np.floating] | None,
    meta: Mapping[str, object] | None = None,
    *,
    pose_deg: NDArray[np.floating] | None = None,
    vertices: RowSource | None = None,
    triangles: NDArray[np.integer] | None = None,
) -> None:
    """Write a submission file atomically; a crash while writing leaves no partial file.

    Args:
        path: destination ending in .npz; its folder must exist.
        ids: N file stems of the benchmark.
        landmarks: (N, 68, 3) pixels in the benchmark's published frame; failed rows all NaN.
        meta: JSON-able facts: method, link, weights_revision, training_data, boxes.
        pose_deg: (N, 3) yaw, pitch, roll, degrees; failed rows all NaN.
        vertices: (N, V, 3) pixels, read once, a few rows at a time.
        triangles: (T, 3) topology of the vertices, 0-based.

    Raises:
        SubmissionError: the reader would reject it, or the file cannot be written.

    Example:
        >>> write_submission("mine.npz", ids, points, {"method": "mine"})  # doctest: +SKIP
    """
    Submission(tuple(ids), landmarks, meta or {}, "", pose_deg, vertices, triangles)
    members: dict[str, NDArray[np.generic] | None] = {
        "ids": np.array(list(ids), dtype=np.str_),
        "landmarks": None if landmarks is None else landmarks.astype(np.float32),
        "pose_deg": None if pose_deg is None else pose_deg.astype(np.float32),
        "triangles": None if triangles is None else triangles.astype(np.int32),
        "meta": np.array(_meta_text(meta or {})),
    }
    with writing(Path(path), SubmissionError) as temporary:
        _write_members(temporary, ids, members, vertices)


def _meta_text(meta: Mapping[str, object]) -> str:
    """The facts as JSON text; raises SubmissionError if they are not JSON-able."""
    try:
        return json.dumps(dict(meta), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise SubmissionError(
            f"meta must be JSON-able, {error}; use strings and numbers"
        ) from error


def _write_members(
    path: Path,
    ids: Sequence[str],
    members: Mapping[str, NDArray[np.generic] | None],
    vertices: RowSource | None,
) -> None:
    """Fill a .npz."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, array in members.items():
            if array is not None:
                with archive.open(f"{name}.npy", "w") as entry:
                    np.lib.format.write_array(entry, array, allow_pickle=False)
        if vertices is not None:
            _write_vertices(archive, ids, vertices)


def _write_vertices(archive: ZipFile, ids: Sequence[str], vertices: RowSource) -> None:
    """Stream the vertices into the archive as float32, checking each part."""
    header = {"descr": "<f4", "fortran_order": False, "shape": vertices.shape}
    start = 0
    with archive.open("vertices.npy", "w", force_zip64=True) as entry:
        np.lib.format.write_array_header_1_0(entry, header)
        for part in vertices.chunks(chunk_rows(vertices.shape)):
            check_vertex_values(ids[start : start + len(part)], part)
            entry.write(np.ascontiguousarray(part, dtype="<f4").tobytes())
            start += len(part)


def check_vertex_values(ids: Sequence[str], vertices: NDArray[np.floating]) -> None:
    """Check some rows of vertices: finite pixels, or NaN by whole rows.

    Raises:
        SubmissionError: the message names the faces and the problem.
    """
    largest = checks.LARGEST_COORDINATE
    checks.check_values(ids, vertices, member="vertices", unit="pixels", largest=largest)


def _member(name: str, array: NDArray[np.generic] | None) -> NDArray[np.generic]:
    """The array; raises SubmissionError if the submission lacks it."""
    if array is None:
        raise SubmissionError(f"the submission has no {name}, which this benchmark scores; add it")
    return array
