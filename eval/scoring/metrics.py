"""Errors of landmarks and their averages: pure NumPy, per image, as fractions (0.03 is 3 %).

Frame: any pixel frame, the same for prediction and truth. Inputs are never modified. Rows of NaN
(failed faces) stay NaN. Averages are over the scored faces; the protocol reports the number of
failures.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from eval.errors import ArrayError

Floats = NDArray[np.floating]
Float64s = NDArray[np.float64]
Ints = NDArray[np.int64]

Z_RULES = ("mean", "min", "none")
# Labels and definitions; the last bin includes unwrapped angles beyond 90 degrees.
YAW_EDGES_DEG = (30.0, 60.0)
YAW_BINS = {
    "0-30": "|yaw| <= 30",
    "30-60": "30 < |yaw| <= 60",
    "60-90": "|yaw| > 60, no upper end",
}


def box_sizes(points: Floats) -> Float64s:
    """Size sqrt(width * height) of the tight box around each image's points, x and y only.

    Args:
        points: (N, L, 2 or 3) pixels.

    Returns:
        (N,) pixels.

    Example:
        >>> box_sizes(np.array([[[0.0, 0.0], [4.0, 9.0]]]))
        array([6.])
    """
    if points.ndim != 3 or points.shape[1] == 0 or points.shape[2] not in (2, 3):
        raise ArrayError(f"points must be (N, L, 2 or 3), got {points.shape}; add a batch axis")
    xy = points[..., :2].astype(np.float64)
    extent = xy.max(axis=1) - xy.min(axis=1)
    return np.asarray(np.sqrt(extent[:, 0] * extent[:, 1]), dtype=np.float64)


def point_errors(predicted: Floats, truth: Floats) -> Float64s:
    """Euclidean distance of each predicted point from its true one.

    Args:
        predicted: (N, L, 2 or 3) pixels.
        truth: the same shape.

    Returns:
        (N, L) pixels.

    Raises:
        ArrayError: the two shapes differ, or are not as above.

    Example:
        >>> point_errors(np.array([[[3.0, 4.0]]]), np.zeros((1, 1, 2)))
        array([[5.]])
    """
    if predicted.shape != truth.shape or truth.ndim != 3 or truth.shape[2] not in (2, 3):
        raise ArrayError(
            f"predicted and truth must both be (N, L, 2 or 3), got {predicted.shape} and "
            f"{truth.shape}; bring them into the same order and number of coordinates"
        )
    difference = predicted.astype(np.float64) - truth.astype(np.float64)
    return np.asarray(np.linalg.norm(difference, axis=-1), dtype=np.float64)


def nme(predicted: Floats, truth: Floats, box_size: Float64s) -> Float64s:
    """Normalised mean error of each image, as a fraction.

    Source: 3DDFA v1's benchmark code and 2DASL's .m files: average over the points, divide
    by the size of the true points' box.

    Args:
        predicted: (N, L, 2 or 3) pixels; a failed face is a row all NaN.
        truth: the same shape.
        box_size: (N,) pixels, > 0; see ``box_sizes``.

    Returns:
        (N,) lower is better; NaN for failed faces.

    Raises:
        ArrayError: the inputs disagree on N, L or the coordinates.
        ValueError: a box size is not positive.

    Example:
        >>> nme(np.array([[[3.0, 4.0]]]), np.zeros((1, 1, 2)), np.array([10.0]))
        array([0.5])
    """
    errors = point_errors(predicted, truth)
    if box_size.shape != errors.shape[:1]:
        raise ArrayError(f"box_size must be ({len(errors)},), one an image, got {box_size.shape}")
    if not (box_size > 0).all():
        raise ValueError("every box_size must be positive; a truth whose points coincide has none")
    return np.asarray(errors.mean(axis=1) / box_size, dtype=np.float64)


def align_depth(points: Floats, rule: str) -> Float64s:
    """Fix the free depth offset by one of the rules that published code uses.

    Sources: ``mean`` is SADRNet's and DSFNet's code (it also reproduces PRNet's figure), ``min``
    2DASL's .m files; ``none`` leaves z unchanged.

    Args:
        points: (N, L, 3) pixels.
        rule: one of ``Z_RULES``; apply the same one to both sides.

    Returns:
        (N, L, 3) float64, a copy with z shifted per image.

    Raises:
        ValueError: an unknown rule.

    Example:
        >>> align_depth(np.array([[[0.0, 0.0, 2.0], [0.0, 0.0, 4.0]]]), "min")[0, :, 2]
        array([0., 2.])
    """
    if rule not in Z_RULES:
        raise ValueError(f"z rule must be one of {', '.join(Z_RULES)}, got {rule!r}")
    aligned = points.astype(np.float64)
    if rule == "mean":
        aligned[..., 2] -= aligned[..., 2].mean(axis=1, keepdims=True)
    elif rule == "min":
        aligned[..., 2] -= aligned[..., 2].min(axis=1, keepdims=True)
    return aligned


def yaw_bins(yaw_deg: Floats) -> Ints:
    """Index in `YAW_BINS` of each yaw: 0 for |yaw| <= 30, 1 for 30 < |yaw| <= 60, 2 beyond.

    All values beyond 90 degrees are in the last bin, as in 3DDFA v1's code.

    Args:
        yaw_deg: (N,) degrees.

    Returns:
        (N,) int64.

    Example:
        >>> yaw_bins(np.array([-30.0, 30.1, 60.0, -95.0]))
        array([0, 1, 1, 2])
    """
    return np.searchsorted(YAW_EDGES_DEG, np.abs(yaw_deg), side="left").astype(np.int64)


def group_means(values: Float64s, groups: Ints, count: int) -> Float64s:
    """Mean of the scored values in each group, such as a yaw bin.

    Args:
        values: (N,) NaN for failed faces.
        groups: (N,) in 0..count - 1; another value is in no group.
        count: number of groups.

    Returns:
        (count,) NaN for a group without scored faces.

    Example:
        >>> group_means(np.array([1.0, 3.0, np.nan, 5.0, 6.0]), np.array([0, 0, 0, 1, 2]), 3)
        array([2., 5., 6.])
    """
    scored = [values[(groups == index) & np.isfinite(values)] for index in range(count)]
    return np.array([part.mean() if part.size else np.nan for part in scored])


def failure_rate(values: Float64s, threshold: float) -> float:
    """Share of all faces that failed (NaN) or have an error above the threshold.

    Example:
        >>> failure_rate(np.array([0.02, 0.2, np.nan, 0.1]), 0.1)
        0.5
    """
    return float((~(values <= threshold)).mean())


def area_under_ced(values: Float64s, threshold: float) -> float:
    """Area under the cumulative error distribution up to a threshold, divided by the threshold.

    Convention: the exact area below the step curve, which is the mean of
    max(0, 1 - error / threshold) over all faces; failed faces (NaN) count as 0.

    Args:
        values: (N,) errors, N >= 1.
        threshold: where the curve ends, > 0.

    Returns:
        In [0, 1], higher is better.

    Example:
        >>> area_under_ced(np.array([0.0, 0.05, 0.2, np.nan]), 0.1)
        0.375
    """
    gain = np.clip(1.0 - values / threshold, 0.0, None)
    return float(np.nan_to_num(gain, nan=0.0).mean())


def bootstrap_means(values: Float64s, strata: Sequence[Ints], *, draws: int, seed: int) -> Float64s:
    """Bootstrap draws of the unweighted mean of the strata's means.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap; our reading: strata are the
    groups that the headline averages, with sizes fixed by the benchmark.

    Args:
        values: (N,) or (N, C) finite in the rows of the strata. Columns, such as two methods, are
            resampled together.
        strata: rows of each stratum, none empty.
        draws: number of resamples, >= 1.
        seed: of the generator; the same seed gives the same draws.

    Returns:
        (draws,) or (draws, C).
    """
    generator = np.random.default_rng(seed)
    total = np.zeros((draws, *values.shape[1:]))
    for rows in strata:
        part = values[rows]
        for start in range(0, draws, 500):  # 500 rows of indices at a time bound the memory
            count = min(500, draws - start)
            picks = generator.integers(len(part), size=(count, len(part)), dtype=np.int32)
            total[start : start + count] += part[picks].mean(axis=1)
    return total / len(strata)


def percentile_interval(samples: Float64s, level: float = 0.95) -> tuple[float, float]:
    """The central range with a share `level` of the samples (S,), with equal tails."""
    tail = 50.0 * (1.0 - level)
    low, high = np.percentile(samples, [tail, 100.0 - tail])
    return float(low), float(high)
