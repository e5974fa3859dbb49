"""Detects submissions in a wrong frame, and warns with the size of the error.

Nothing here changes a score: predictions are scored as given.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from eval.errors import SubmissionError
from eval.scoring.metrics import Float64s, box_sizes, nme
from eval.submissions.landmarks68 import MIRRORED_POINTS
from eval.untrusted.text import listed

# A warning names an offset of at least this length (about half a pixel on one axis) and this many
# standard errors.
SMALLEST_OFFSET_PX = 0.4
SIGNIFICANT_ERRORS = 6.0
# A file is refused if the median ratio of predicted to true box sizes is beyond this factor.
ABSURD_SCALE = 10.0
# A warning names another frame if it at least halves the error.
BETTER_FRAME = 0.5
# A warning names a median size ratio beyond this; public systems are within 0.01 of 1 on
# AFLW2000-3D.
LARGEST_SCALE = 1.1
# The same for depth, where methods differ more (0.98 for the same systems); only if predicted and
# true depth correlate at least this well.
LARGEST_DEPTH_SCALE = 1.25
DEPTH_CORRELATION = 0.8


def offset_px(predicted_xy: Float64s, truth_xy: Float64s) -> tuple[Float64s, Float64s]:
    """Median offset of all predicted points, and the standard error of the faces' mean offset.

    The median is used because methods define the jaw line differently, which would bias a mean.

    Args:
        predicted_xy: (N, L, 2) pixels, failed rows NaN.
        truth_xy: (N, L, 2) pixels.

    Returns:
        Two (2,) arrays, x and y, pixels; NaN if fewer than two faces are scored.
    """
    offsets = predicted_xy - truth_xy
    offsets = offsets[np.isfinite(offsets).all(axis=(1, 2))]
    if len(offsets) < 2:
        return np.full(2, np.nan), np.full(2, np.nan)
    spread = offsets.mean(axis=1).std(axis=0, ddof=1)
    return np.median(offsets, axis=(0, 1)), spread / np.sqrt(len(offsets))


def frame_warnings(
    predicted: Float64s, truth: Float64s, photo_side: int | None, *, offsets: bool = True
) -> tuple[str, ...]:
    """Warnings about systematic errors: at most one each for axes, size, offset and depth.

    Axes are checked after each face's own mean is subtracted, so that a flip about any height is
    detected. If axes or size are wrong, no offset is reported, since it would be meaningless.

    Args:
        predicted: (N, L, 2 or 3) pixels, failed rows NaN; depth is checked if present.
        truth: the same shape, pixels, 1-based.
        photo_side: of the square photos, pixels; None if photos differ in size.
        offsets: whether to check for an offset; False if alignment removes it.

    Returns:
        Messages to the user; empty if nothing is found.

    Example:
        >>> truth = np.array([[[1.0, 2.0], [5.0, 9.0]], [[3.0, 1.0], [8.0, 4.0]]])
        >>> frame_warnings(truth + [2.0, 0.0], truth, 10)[0][:62]
        'systematic offset: predictions lie (+2.00, +0.00) pixels (x, y'
    """
    scored = np.isfinite(predicted).all(axis=(1, 2))
    if not scored.any():
        return ()
    given, true = predicted[scored].astype(np.float64), truth[scored].astype(np.float64)
    axes = _axes_warning(given, true, photo_side)
    size = _size_warning(given, true)
    look_on = offsets and not (axes or size)
    offset = _offset_warning(given[..., :2], true[..., :2]) if look_on else None
    with_depth = given.shape[2] == 3 and not axes
    depth = _depth_warning(given[..., 2], true[..., 2]) if with_depth else None
    return tuple(f"{remark}; scored as given" for remark in (axes, size, offset, depth) if remark)


def _offset_warning(given_xy: Float64s, true_xy: Float64s) -> str | None:
    """A warning about an offset that is long and certain enough."""
    offset, error = offset_px(given_xy, true_xy)
    length = float(np.hypot(offset[0], offset[1]))
    if not (length >= SMALLEST_OFFSET_PX and (np.abs(offset) >= SIGNIFICANT_ERRORS * error).any()):
        return None
    return (
        f"systematic offset: predictions lie ({offset[0]:+.2f}, {offset[1]:+.2f}) pixels "
        f"(x, y) from the truth, median of all points, {length:.2f} in length (is the index base "
        "or the crop's half pixel off?)"
    )


def _axes_warning(given: Float64s, true: Float64s, photo_side: int | None) -> str | None:
    """A warning about exchanged or flipped axes, or exchanged left and right points.

    It names the candidate with the smallest error of x and y around each face's own mean.
    """
    sizes = box_sizes(true)
    centred = given - given.mean(axis=1, keepdims=True)
    target = (true - true.mean(axis=1, keepdims=True))[..., :2]

    def error(points: Float64s) -> float:
        return float(nme(points[..., :2], target, sizes).mean())

    given_error = error(centred)
    errors = {name: error(undo(centred)) for name, undo in _candidates(*given.shape[1:]).items()}
    name = min(errors, key=errors.__getitem__)
    if not errors[name] < BETTER_FRAME * given_error:
        return None
    remark = (
        f"{name}? Undoing that takes the error around each face's mean from {given_error:.1%} to "
        f"{errors[name]:.1%}"
    )
    if name == "y counted from the bottom" and photo_side is not None:
        total = float(np.median((given + true).mean(axis=1)[:, 1]))
        remark += (
            f" (predicted and true y add up to {total:.1f}; 1-based in photos of {photo_side} rows "
            f"to {photo_side + 1})"
        )
    return remark


def _candidates(points: int, coordinates: int) -> dict[str, Callable[[Float64s], Float64s]]:
    """Functions that undo each wrong frame, by name, for centred points."""
    undo: dict[str, Callable[[Float64s], Float64s]] = {
        "y counted from the bottom": lambda p: p[..., :2] * [1.0, -1.0],
        "photos mirrored (x counted from the right)": lambda p: p[..., :2] * [-1.0, 1.0],
        "photos upside down (x and y counted from the other end)": lambda p: -p[..., :2],
        "x and y swapped": lambda p: p[..., [1, 0]],
        "photos turned by 90 degrees clockwise": lambda p: p[..., [1, 0]] * [1.0, -1.0],
        "photos turned by 90 degrees anticlockwise": lambda p: p[..., [1, 0]] * [-1.0, 1.0],
    }
    if coordinates == 3:
        undo["x and z swapped"] = lambda p: p[..., [2, 1]]
        undo["y and z swapped"] = lambda p: p[..., [0, 2]]
        undo["z, x, y in place of x, y, z"] = lambda p: p[..., [1, 2]]
        undo["y, z, x in place of x, y, z"] = lambda p: p[..., [2, 0]]
    if points == len(MIRRORED_POINTS):
        undo["left and right points exchanged"] = lambda p: p[:, MIRRORED_POINTS, :2]
        undo["photos mirrored, with points named as the mirror shows them"] = lambda p: (
            p[:, MIRRORED_POINTS, :2] * [-1.0, 1.0]
        )
    return undo


def _size_warning(given: Float64s, true: Float64s) -> str | None:
    """A warning about a wrong median size of the faces."""
    ratio = float(np.median(box_sizes(given) / box_sizes(true)))
    if 1.0 / LARGEST_SCALE <= ratio <= LARGEST_SCALE:
        return None
    return (
        f"wrong scale: predicted faces are {ratio:.3g} times as large as the true ones (median); "
        "are the points in a resized photo's pixels?"
    )


def _depth_warning(given_z: Float64s, true_z: Float64s) -> str | None:
    """A warning about a depth that is absent, inverted or of another scale; offsets are ignored.

    Args:
        given_z: (N, L) of scored faces.
        true_z: (N, L)
    """
    given = given_z - given_z.mean(axis=1, keepdims=True)
    true = true_z - true_z.mean(axis=1, keepdims=True)
    if not np.ptp(given_z, axis=1).any():
        return "no depth: z is the same for all points of a face, so the 3D score is meaningless"
    spread = float(np.sqrt((given**2).mean() * (true**2).mean()))
    if not spread:
        return None
    agreement = float((given * true).mean()) / spread
    slope = float((given * true).sum() / (true**2).sum())
    if agreement <= -DEPTH_CORRELATION:
        return f"z grows away from the viewer? It is {slope:+.2f} times the true depth"
    within = 1.0 / LARGEST_DEPTH_SCALE <= slope <= LARGEST_DEPTH_SCALE
    if agreement >= DEPTH_CORRELATION and not within:
        return f"wrong scale of z: it is {slope:.3g} times the true depth"
    return None


def refuse_absurd_scale(
    ids: tuple[str, ...], predicted: NDArray[np.floating], truth: Float64s
) -> None:
    """Refuse predictions that cannot be in the benchmark's pixels, or that are all NaN.

    Args:
        ids: N names.
        predicted: (N, L, 2 or 3) in the order of ``truth``, failed rows NaN.
        truth: (N, L, 2 or 3) pixels.

    Raises:
        SubmissionError: every row failed, or the median size of predicted boxes is implausible.
    """
    ratios = box_sizes(predicted) / box_sizes(truth)
    scored = ratios[np.isfinite(ratios)]
    if not scored.size:
        raise SubmissionError(
            f"all {len(ids)} rows are NaN ({listed(list(ids))}): there is nothing to score"
        )
    typical = float(np.median(scored))
    if not 1.0 / ABSURD_SCALE <= typical <= ABSURD_SCALE:
        raise SubmissionError(
            f"predicted faces are {typical:.3g} times as large as the true ones, wanted about 1; "
            "write landmarks in photo pixels, neither normalised nor in crop pixels"
        )
