"""Reads a file that names the 68 vertices of a mesh that are the iBUG points."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.errors import SubmissionError
from eval.submissions.landmarks68 import LANDMARK_COUNT
from eval.untrusted.npy import read_npy
from eval.untrusted.text import printable, read_text

LARGEST_FILE = 1 << 16  # bytes
WANTED = (
    f"wanted {LANDMARK_COUNT} vertex numbers, 0-based, or 3DDFA's {3 * LANDMARK_COUNT} row numbers "
    "(3 v, 3 v + 1, 3 v + 2), as .npy or text"
)


def read_keypoints(path: Path) -> NDArray[np.int64]:
    """Vertex numbers of the 68 points.

    Args:
        path: a .npy, such as 3DDFA's keypoints_sim.npy, or text with numbers between spaces,
            commas or line ends, such as 2DASL's keypoints.txt.

    Returns:
        (68,) 0-based vertex numbers.

    Raises:
        SubmissionError: no such file, or not these numbers.
    """
    numbers = _array(path) if path.suffix == ".npy" else _text(path)
    if numbers.shape == (3 * LANDMARK_COUNT,):
        triples = numbers.reshape(LANDMARK_COUNT, 3)
        vertices, rest = np.divmod(triples[:, 0], 3)
        if (rest != 0).any() or (np.diff(triples, axis=1) != 1).any():
            raise SubmissionError(f"{path} holds rows that do not run in x y z triples, {WANTED}")
    elif numbers.shape == (LANDMARK_COUNT,):
        vertices = numbers
    else:
        raise SubmissionError(f"{path} holds {numbers.size} numbers, {WANTED}")
    if (vertices < 0).any():
        raise SubmissionError(f"{path} holds negative numbers, {WANTED}")
    return vertices


def _array(path: Path) -> NDArray[np.int64]:
    array = read_npy(path, SubmissionError)
    if array.dtype.kind not in "iu" or array.size > 3 * LANDMARK_COUNT:
        raise SubmissionError(f"{path} holds {array.shape} of {array.dtype}, {WANTED}")
    return array.astype(np.int64).reshape(-1)


def _text(path: Path) -> NDArray[np.int64]:
    words = read_text(path, LARGEST_FILE).replace(",", " ").replace(";", " ").split()
    try:
        return np.array([int(word) for word in words], dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise SubmissionError(
            f"{path} must hold whole numbers ({printable(str(error))}), {WANTED}"
        ) from error
