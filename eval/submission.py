"""Submissions: one method's predictions on a benchmark, as a .npz file.

Members: ``ids`` (N,) str, the benchmark's file stems; ``landmarks`` (N, 68, 3) float, in the
benchmark's published frame (AFLW2000-3D: that of ``pt3d_68``, x right, y down, 1-based, z in
the same unit with any offset); optionally ``meta``, a JSON object as a string. A face on which
a method failed is a row all NaN. Everything is checked before anything is scored.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from eval.errors import SubmissionError
from eval.files import listed, printable, write_atomically
from eval.npz import NpzReader

LANDMARK_COUNT = 68
# A landmark this far from the photo (pixels) is a broken file, not a bad prediction.
LARGEST_COORDINATE = 1e5
MEMBER_LIMITS = {"ids": 16 << 20, "landmarks": 64 << 20, "meta": 1 << 20}


@dataclass(frozen=True, eq=False)
class Submission:
    """Checked predictions.

    Attributes:
        ids: N file stems, each once.
        landmarks: (N, 68, 3) pixels, the benchmark's published frame; failed rows all NaN.
        meta: what the author says: method, link, weights_revision, training_data, boxes.
        sha256: of the file, or "" when built in memory.
    """

    ids: tuple[str, ...]
    landmarks: NDArray[np.generic]
    meta: Mapping[str, object]
    sha256: str = ""

    def __post_init__(self) -> None:
        """Check the parts against each other; see ``check_predictions``."""
        check_predictions(self.ids, self.landmarks)

    def in_order(self, wanted_ids: Sequence[str]) -> NDArray[np.float64]:
        """The landmarks in the benchmark's order.

        Args:
            wanted_ids: the benchmark's ids.

        Returns:
            (len(wanted_ids), 68, 3) float64 pixels.

        Raises:
            SubmissionError: an id is missing or unknown.
        """
        row_of = {name: row for row, name in enumerate(self.ids)}
        wanted = set(wanted_ids)
        unknown = [name for name in self.ids if name not in wanted]
        if unknown:
            raise SubmissionError(
                f"ids has {len(unknown)} names that the benchmark does not have "
                f"({listed(unknown)}), wanted its file stems such as {wanted_ids[0]}; drop the "
                "extra rows, or strip folder and suffix from the names"
            )
        missing = [name for name in wanted_ids if name not in row_of]
        if missing:
            raise SubmissionError(
                f"ids lacks {len(missing)} of the benchmark's {len(wanted_ids)} images "
                f"({listed(missing)}); add them, with a row all NaN where the method failed"
            )
        return self.landmarks[[row_of[name] for name in wanted_ids]].astype(np.float64)


def check_predictions(ids: Sequence[str], landmarks: NDArray[np.generic]) -> None:
    """Check what can be checked without a benchmark.

    Args:
        ids: N names.
        landmarks: must be (N, 68, 3) floats, finite or NaN by whole rows.

    Raises:
        SubmissionError: says which member or which face is wrong, and how.
    """
    if landmarks.ndim != 3 or landmarks.shape[1:] != (LANDMARK_COUNT, 3):
        raise SubmissionError(
            f"landmarks must be (N, {LANDMARK_COUNT}, 3), got {landmarks.shape}; points run along "
            "axis 1, x y z along axis 2 (a method without depth writes zeros for z)"
        )
    if landmarks.dtype.kind != "f":
        raise SubmissionError(
            f"landmarks must be floats, got {landmarks.dtype}; write landmarks.astype('float32')"
        )
    if len(ids) != len(landmarks) or len(ids) == 0:
        raise SubmissionError(
            f"ids and landmarks must have the same length and at least one row, got {len(ids)} ids "
            f"and {len(landmarks)} rows; write one id for each row"
        )
    doubled = [name for name, count in Counter(ids).items() if count > 1]
    if doubled:
        raise SubmissionError(
            f"ids must name each image once, got {len(doubled)} of them more than once "
            f"({listed(doubled)}); keep one row each"
        )
    _check_values(ids, landmarks.astype(np.float64))


def _check_values(ids: Sequence[str], landmarks: NDArray[np.float64]) -> None:
    """Reject rows that are neither usable nor all NaN."""
    flat = landmarks.reshape(len(landmarks), -1)
    lost = np.isnan(flat)
    rows = {
        "partly NaN": lost.any(axis=1) & ~lost.all(axis=1),
        "infinite": np.isinf(flat).any(axis=1),
        f"beyond {LARGEST_COORDINATE:g} pixels": (np.abs(flat) > LARGEST_COORDINATE).any(axis=1),
    }
    for what, bad in rows.items():
        if bad.any():
            names = [ids[row] for row in np.flatnonzero(bad).tolist()]
            raise SubmissionError(
                f"landmarks is {what} in {len(names)} rows ({listed(names)}), wanted finite "
                "pixels; write the whole row as NaN where the method failed"
            )


def read_submission(path: str | Path) -> Submission:
    """Read and check a submission file; nothing in it is unpickled or trusted in size.

    Args:
        path: a .npz file.

    Returns:
        The checked submission.

    Raises:
        SubmissionError: the file is missing, damaged, oversized, or not in the format.

    Example:
        >>> submission = read_submission("mine.npz")  # doctest: +SKIP
        >>> submission.meta["method"]  # doctest: +SKIP
        'mine'
    """
    path = Path(path)
    with NpzReader(path, MEMBER_LIMITS) as members:
        ids = _text_ids(members.read("ids"))
        landmarks = members.read("landmarks")
        meta = _parse_meta(members.read("meta")) if "meta" in members else {}
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Submission(ids, landmarks, meta, digest)


def write_submission(
    path: str | Path,
    ids: Sequence[str],
    landmarks: NDArray[np.floating],
    meta: Mapping[str, object] | None = None,
) -> None:
    """Write a submission file; a crash in the middle leaves no half-written one.

    Args:
        path: destination, by custom ending in .npz; its folder must exist.
        ids: N file stems of the benchmark.
        landmarks: (N, 68, 3) pixels in the benchmark's published frame; failed rows all NaN.
        meta: JSON-able facts: method, link, weights_revision, training_data, boxes.

    Raises:
        SubmissionError: the reader would reject it, or the file cannot be written.

    Example:
        >>> meta = {"method": "mine"}
        >>> write_submission("mine.npz", ids, points, meta)  # doctest: +SKIP
    """
    check_predictions(ids, landmarks)
    path = Path(path)
    try:
        text = json.dumps(dict(meta or {}), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise SubmissionError(
            f"meta must be JSON-able, {error}; use strings and numbers"
        ) from error
    names = np.array(list(ids), dtype=np.str_)
    points = landmarks.astype(np.float32)

    def save(stream: IO[bytes]) -> None:
        np.savez_compressed(stream, ids=names, landmarks=points, meta=np.array(text))

    try:
        write_atomically(path, save)
    except OSError as error:
        reason = error.strerror or error
        raise SubmissionError(f"cannot write {path}: {reason}; choose another place") from error


def _text_ids(ids: NDArray[np.generic]) -> tuple[str, ...]:
    """The ids as strings, or a reason why not."""
    if ids.ndim != 1 or ids.dtype.kind != "U":
        raise SubmissionError(
            f"ids must be (N,) strings, got {ids.shape} of {ids.dtype}; "
            "write np.array(list_of_stems)"
        )
    try:
        return tuple(str(name) for name in ids.tolist())
    except ValueError as error:
        raise SubmissionError(f"ids holds characters that are not text ({error})") from error


def _parse_meta(member: NDArray[np.generic]) -> dict[str, object]:
    """The JSON object in ``meta``, or a reason why it is none."""
    advice = "write meta=np.array(json.dumps({'method': ...}))"
    if member.dtype.kind != "U" or member.size != 1:
        raise SubmissionError(
            f"meta must be one string, got {member.shape} of {member.dtype}; {advice}"
        )
    try:
        parsed = json.loads(str(member.reshape(-1).tolist()[0]))
    except (ValueError, RecursionError) as error:
        raise SubmissionError(
            f"meta must hold JSON, got text that is not ({printable(str(error))}); {advice}"
        ) from error
    if not isinstance(parsed, dict):
        kind = type(parsed).__name__
        raise SubmissionError(f"meta must hold a JSON object, got {kind}; {advice}")
    return parsed
