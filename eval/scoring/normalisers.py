"""Normalisers of landmark errors: the lengths that papers use, from the true points."""

from collections.abc import Sequence

import numpy as np

from eval.errors import ArrayError
from eval.scoring.metrics import Float64s, Floats, box_sizes
from eval.submissions.landmarks68 import LANDMARK_COUNT, OUTER_EYE_CORNERS
from eval.untrusted.text import listed

# iBUG: six points around each eye, first and one past the last.
EYES = ((36, 42), (42, 48))
BOX = "box"
# Name on the command line, and definition; the first is the default.
NORMALISERS = {
    BOX: "sqrt(width * height) of the tight box around the 68 true points, x and y only",
    "diagonal": "diagonal of the tight box around the 68 true points, x and y only",
    "interocular": "distance of the true outer eye corners, x and y only (300-W); it vanishes "
    "towards profile",
    "interpupil": "distance of the true eyes' middles, each the mean of six points, x and y only; "
    "it vanishes towards profile",
}


def face_sizes(truth: Floats, name: str, ids: Sequence[str]) -> Float64s:
    """The normaliser of each image's errors.

    Args:
        truth: (N, 68, 2 or 3) pixels, iBUG order.
        name: one of `NORMALISERS`.
        ids: of the images, for error messages.

    Returns:
        (N,) pixels, > 0.

    Raises:
        ArrayError: the shape is wrong, or the length is 0 in an image.
        ValueError: an unknown name.

    Example:
        >>> points = np.zeros((1, 68, 2))
        >>> points[0, 45] = [30.0, 40.0]
        >>> face_sizes(points, "interocular", ["a"])
        array([50.])
    """
    if name not in NORMALISERS:
        raise ValueError(f"normaliser must be one of {', '.join(NORMALISERS)}, got {name!r}")
    if truth.ndim != 3 or truth.shape[1] != LANDMARK_COUNT:
        raise ArrayError(f"truth must be (N, 68, 2 or 3), got {truth.shape}; pass all 68 points")
    xy = truth[..., :2].astype(np.float64)
    if name == BOX:
        sizes = box_sizes(xy)
    elif name == "diagonal":
        sizes = np.linalg.norm(xy.max(axis=1) - xy.min(axis=1), axis=1)
    else:
        first, second = (
            (xy[:, corner] for corner in OUTER_EYE_CORNERS)
            if name == "interocular"
            else (xy[:, start:end].mean(axis=1) for start, end in EYES)
        )
        sizes = np.linalg.norm(first - second, axis=1)
    none = np.flatnonzero(~(sizes > 0)).tolist()
    if none:
        raise ArrayError(
            f"{name} is 0 in {len(none)} images ({listed([ids[row] for row in none])}); choose "
            "another normaliser"
        )
    return np.asarray(sizes, dtype=np.float64)
