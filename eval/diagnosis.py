"""Recognises a submission in the wrong frame and says so; the score is never changed by it."""

import numpy as np
from numpy.typing import NDArray

from eval.errors import SubmissionError
from eval.files import listed
from eval.metrics import Float64s, box_sizes, nme

# An offset is named when it is at least this long (half a pixel on one axis, with some play) and
# this many standard errors.
SMALLEST_OFFSET_PX = 0.4
SIGNIFICANT_ERRORS = 6.0
# Median size of the predicted boxes over the true ones outside of which a file is refused.
ABSURD_SCALE = 10.0
# Another frame is named when it at least halves the error.
BETTER_FRAME = 0.5


def offset_px(predicted_xy: Float64s, truth_xy: Float64s) -> tuple[Float64s, Float64s]:
    """Median offset of all predicted points, and the standard error of the faces' mean offset.

    The median, because the jaw line is defined differently from method to method and would
    pull a mean.

    Args:
        predicted_xy: (N, L, 2) pixels, failed rows NaN.
        truth_xy: (N, L, 2) pixels.

    Returns:
        Two (2,) arrays, x and y, pixels.
    """
    offsets = predicted_xy - truth_xy
    offsets = offsets[np.isfinite(offsets).all(axis=(1, 2))]
    if len(offsets) < 2:
        return np.full(2, np.nan), np.full(2, np.nan)
    spread = offsets.mean(axis=1).std(axis=0, ddof=1)
    return np.median(offsets, axis=(0, 1)), spread / np.sqrt(len(offsets))


def frame_warnings(predicted_xy: Float64s, truth_xy: Float64s, photo_side: int) -> tuple[str, ...]:
    """What looks systematic about the errors.

    Args:
        predicted_xy: (N, L, 2) pixels, failed rows NaN.
        truth_xy: (N, L, 2) pixels, 1-based.
        photo_side: of the square photos, pixels.

    Returns:
        Sentences for a person, none when nothing is found.
    """
    found = []
    offset, error = offset_px(predicted_xy, truth_xy)
    length = float(np.hypot(offset[0], offset[1]))
    if length >= SMALLEST_OFFSET_PX and (np.abs(offset) >= SIGNIFICANT_ERRORS * error).any():
        found.append(
            f"systematic offset: predictions lie ({offset[0]:+.2f}, {offset[1]:+.2f}) pixels "
            f"(x, y) from the truth, median of all points, {length:.2f} in length; scored as "
            "given. Is the index base or the crop's half pixel off?"
        )
    box_size = box_sizes(truth_xy)
    given = np.nanmean(nme(predicted_xy, truth_xy, box_size))
    mirrored = photo_side + 1 - predicted_xy
    frames = {
        "y counted from the bottom": np.stack([predicted_xy[..., 0], mirrored[..., 1]], axis=-1),
        "photos mirrored": np.stack([mirrored[..., 0], predicted_xy[..., 1]], axis=-1),
        "x and y swapped": predicted_xy[..., ::-1],
    }
    for name, points in frames.items():
        if np.nanmean(nme(points, truth_xy, box_size)) < BETTER_FRAME * given:
            found.append(f"{name}? undoing that more than halves the error; scored as given")
    return tuple(found)


def refuse_absurd_scale(
    ids: tuple[str, ...], predicted: NDArray[np.floating], truth: Float64s
) -> None:
    """Refuse predictions that cannot be in the benchmark's pixels, or that are none at all.

    Args:
        ids: N names.
        predicted: (N, L, 2 or 3) in the order of ``truth``, failed rows NaN.
        truth: (N, L, 2 or 3) pixels.

    Raises:
        SubmissionError: every row failed, or the typical predicted box is of another scale.
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
