"""Jitter and lag of a track: the benefit and the cost of smoothing."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dasl.video.samples import Sample

Floats = npt.NDArray[np.floating]
DEFINITIONS = {
    "jitter_px": "mean length, in pixels, of the second difference of the 68 landmarks' positions "
    "from frame to frame: what is left of each step when the step before is taken away",
    "lag_frames": "how many frames the smoothed landmarks are late: the shift in time with which "
    "they fit the unsmoothed ones best, in the longest run of frames without a gap",
}
MAX_LAG_FRAMES = 3
_STEP = 0.1
_SHORTEST_RUN = 4 * MAX_LAG_FRAMES


def jitter_px(samples: Sequence[Sample]) -> float | None:
    """See `DEFINITIONS`; None without three consecutive frames."""
    runs = [points for points in _runs(samples) if len(points) > 2]
    if not runs:
        return None
    return float(np.average([mean_bend(run) for run in runs], weights=[len(r) - 2 for r in runs]))


def mean_bend(points: Floats) -> float:
    """Mean length of the second difference of points (N, L, 2) along the first axis."""
    return float(np.linalg.norm(np.diff(points, n=2, axis=0), axis=-1).mean())


def lag_frames(smoothed: Sequence[Sample], unsmoothed: Sequence[Sample]) -> float | None:
    """See `DEFINITIONS`; None if no run of frames is long enough.

    Args:
        smoothed: of one person.
        unsmoothed: of the same frames.
    """
    late, wanted = (max(_runs(samples), key=len) for samples in (smoothed, unsmoothed))
    return None if len(late) < _SHORTEST_RUN else shift_frames(late, wanted)


def shift_frames(late: Floats, wanted: Floats) -> float:
    """Delay of one motion behind another in frames, to a tenth, at most `MAX_LAG_FRAMES`.

    Args:
        late: (N, L, 2), one row per frame; interpolated linearly between frames.
        wanted: (N, L, 2).

    Example:
        >>> way = np.sin(np.arange(40) / 5).reshape(40, 1, 1).repeat(2, axis=2)
        >>> round(shift_frames(way[:-2], way[2:]), 1)
        2.0
    """
    rows = np.arange(MAX_LAG_FRAMES + 1, len(late) - MAX_LAG_FRAMES - 1)
    steps = round(MAX_LAG_FRAMES / _STEP)

    def error(shift: float) -> float:
        low = np.floor(rows + shift).astype(int)
        share = (rows + shift - low)[:, None, None]
        at_shift = (1 - share) * late[low] + share * late[low + 1]
        return float(np.square(at_shift - wanted[rows]).mean())

    return min((_STEP * step for step in range(-steps, steps + 1)), key=error)


def _runs(samples: Sequence[Sample]) -> list[Floats]:
    """Landmarks of runs of consecutive frames, (N, 68, 2) per run."""
    frames = np.array([sample.frame for sample in samples])
    points = np.stack([sample.landmarks[:, :2] for sample in samples])
    return np.split(points, np.flatnonzero(np.diff(frames) != 1) + 1)
