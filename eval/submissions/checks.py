"""Checks of predictions before scoring, independent of the benchmark."""

import json
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eval.errors import SubmissionError
from eval.submissions.landmarks68 import LANDMARK_COUNT
from eval.untrusted.text import listed, printable

# A landmark this far from the photo (pixels) is a broken file, not a bad prediction.
LARGEST_COORDINATE = 1e5
# Degrees: the published poses of AFLW2000-3D reach 973, since they are not wrapped.
LARGEST_ANGLE = 3600.0


def check_ids(ids: Sequence[str], rows: int, member: str) -> None:
    """Check that there is one id per row, and no id twice.

    Args:
        ids: N names.
        rows: number of rows of the array.
        member: the array's name, for messages.

    Raises:
        SubmissionError: the lengths differ, there are no rows, or a name is repeated.
    """
    if len(ids) != rows or len(ids) == 0:
        raise SubmissionError(
            f"ids and {member} must have the same length and at least one row, got {len(ids)} ids "
            f"and {rows} rows; write one id for each row"
        )
    doubled = [name for name, count in Counter(ids).items() if count > 1]
    if doubled:
        raise SubmissionError(
            f"ids must name each image once, got {len(doubled)} of them more than once "
            f"({listed(doubled)}); keep one row each"
        )


def check_predictions(ids: Sequence[str], landmarks: NDArray[np.generic]) -> None:
    """Check landmarks, the predictions of most benchmarks.

    Args:
        ids: N names.
        landmarks: must be (N, 68, 3) floats, finite or NaN by whole rows.

    Raises:
        SubmissionError: the message names the faces and the problem.
    """
    if landmarks.ndim != 3 or landmarks.shape[1:] != (LANDMARK_COUNT, 3):
        raise SubmissionError(
            f"landmarks must be (N, {LANDMARK_COUNT}, 3), got {landmarks.shape}; points run along "
            "axis 1, x y z along axis 2 (a method without depth writes zeros for z)"
        )
    _check_floats("landmarks", landmarks)
    check_ids(ids, len(landmarks), "landmarks")
    check_values(ids, landmarks, member="landmarks", unit="pixels", largest=LARGEST_COORDINATE)


def check_pose(ids: Sequence[str], pose_deg: NDArray[np.generic]) -> None:
    """Check angles: must be (N, 3) floats, finite or NaN by whole rows.

    Raises:
        SubmissionError: the message names the faces and the problem.
    """
    if pose_deg.ndim != 2 or pose_deg.shape[1] != 3:
        raise SubmissionError(
            f"pose_deg must be (N, 3), got {pose_deg.shape}; the columns are yaw, pitch, roll"
        )
    _check_floats("pose_deg", pose_deg)
    check_ids(ids, len(pose_deg), "pose_deg")
    check_values(ids, pose_deg, member="pose_deg", unit="degrees", largest=LARGEST_ANGLE)


def check_vertex_shape(ids: Sequence[str], shape: tuple[int, ...]) -> None:
    """Check the shape of vertices; their values are checked while streaming.

    Raises:
        SubmissionError: other than (N, V, 3).
    """
    if len(shape) != 3 or shape[2] != 3 or shape[1] < 1:
        raise SubmissionError(
            f"vertices must be (N, V, 3), got {shape}; vertices run along axis 1, x y z along "
            "axis 2"
        )
    check_ids(ids, shape[0], "vertices")


def check_triangles(triangles: NDArray[np.generic], vertex_count: int) -> None:
    """Check triangles: must be (T, 3) integers, 0-based vertices.

    Raises:
        SubmissionError: another shape or type, or an index without a vertex.
    """
    if triangles.ndim != 2 or triangles.shape[1] != 3 or triangles.dtype.kind not in "iu":
        raise SubmissionError(
            f"triangles must be (T, 3) integers, got {triangles.shape} of {triangles.dtype}; write "
            "one row of three 0-based vertices for each"
        )
    index = np.asarray(triangles, dtype=np.int64)
    if index.size == 0 or index.min() < 0 or index.max() >= vertex_count:
        raise SubmissionError(
            f"triangles must name vertices 0 to {vertex_count - 1}, got "
            f"{'none' if index.size == 0 else f'{index.min()} to {index.max()}'}; count from 0"
        )


def check_values(
    ids: Sequence[str], array: NDArray[np.generic], *, member: str, unit: str, largest: float
) -> None:
    """Reject rows that are neither usable nor all NaN.

    Args:
        ids: N names.
        array: (N, ...) floats.
        member: the array's name, for messages.
        unit: of the values, for messages.
        largest: largest allowed absolute value.

    Raises:
        SubmissionError: some rows are unusable; the message names them.
    """
    flat = np.asarray(array, dtype=np.float64).reshape(len(array), -1)
    lost = np.isnan(flat)
    rows = {
        "partly NaN": lost.any(axis=1) & ~lost.all(axis=1),
        "infinite": np.isinf(flat).any(axis=1),
        f"beyond {largest:g} {unit}": (np.abs(flat) > largest).any(axis=1),
    }
    for what, bad in rows.items():
        if bad.any():
            names = [ids[row] for row in np.flatnonzero(bad).tolist()]
            raise SubmissionError(
                f"{member} is {what} in {len(names)} rows ({listed(names)}), wanted finite "
                f"{unit}; write the whole row as NaN where the method failed"
            )


def text_ids(ids: NDArray[np.generic]) -> tuple[str, ...]:
    """The ids as strings; raises SubmissionError if they are not text."""
    if ids.ndim != 1 or ids.dtype.kind != "U":
        raise SubmissionError(
            f"ids must be (N,) strings, got {ids.shape} of {ids.dtype}; "
            "write np.array(list_of_stems)"
        )
    try:
        return tuple(str(name) for name in ids.tolist())
    except ValueError as error:
        raise SubmissionError(f"ids holds characters that are not text ({error})") from error


def parse_meta(member: NDArray[np.generic]) -> dict[str, object]:
    """The JSON object in ``meta``; raises SubmissionError if it is not one."""
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


def _check_floats(member: str, array: NDArray[np.generic]) -> None:
    """Refuse other types than floats."""
    if array.dtype.kind != "f":
        raise SubmissionError(
            f"{member} must be floats, got {array.dtype}; write {member}.astype('float32')"
        )
