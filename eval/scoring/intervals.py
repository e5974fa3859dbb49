"""Intervals of a mean of groups' means that cover where errors have heavy tails.

`tools/simulate_intervals.py` measures the coverage of everything here; `COVERAGE` is what it gave.
"""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eval.errors import ArrayError
from eval.scoring.metrics import Float64s, Ints

Tails = Literal["high", "both"]

OVER_IMAGES, OVER_SUBJECTS = "bootstrap-t over images", "bootstrap-t over subjects"
COVERAGE = {
    OVER_IMAGES: "covers 93 to 97 % in simulation; of paired differences 88 to 95 %",
    OVER_SUBJECTS: "covers 93 to 94 % in simulation",
}
# With fewer values in a stratum too many resamples have no spread.
FEWEST = 4
CHUNK = 100  # resamples at a time: bounds the memory, fits a cache


def bootstrap_t(
    values: Float64s,
    strata: Sequence[Ints],
    *,
    draws: int,
    seed: int,
    level: float = 0.95,
    tails: Tails = "high",
) -> tuple[float, float]:
    """An interval of the unweighted mean of the strata's means.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap, chapter 12: each resample's
    deviation is divided by the resample's own standard error. Ours: a bin of 300 faces lacks a
    gross failure that occurs once in 300 with a chance of 37 %, and no resample then knows of it.
    So the upper end also reaches as far as it does where each stratum holds one more face, as bad
    as the worst of any stratum: its distance from the median in units of the median absolute
    deviation. Differences can lie far out on both sides: their interval is the symmetric one, by
    the deviations' size.

    Args:
        values: (N,) finite at the rows that the strata name.
        strata: rows of each stratum.
        draws: number of resamples, >= 1.
        seed: of the generator; the same seed gives the same interval.
        level: of the interval, in (0, 1).
        tails: "high" for errors, "both" for differences.

    Returns:
        Low and high; NaN where a stratum has fewer than `FEWEST` values.
    """
    parts = [values[rows] for rows in strata]
    if not parts or min(len(part) for part in parts) < FEWEST:
        return math.nan, math.nan
    centre = float(np.mean([part.mean() for part in parts]))
    spread = math.sqrt(sum(part.var(ddof=1) / len(part) for part in parts)) / len(parts)
    if spread <= 1e-12 * abs(centre):
        return centre, centre
    generator = np.random.default_rng(seed)
    sums = [_resampled_sums(part, draws, generator) for part in parts]
    plain = _studentised(parts, sums)
    if tails == "both":
        reach = float(np.percentile(np.abs(plain), 100.0 * level, method="inverted_cdf"))
        low, high = centre - reach * spread, centre + reach * spread
    else:
        least, most = _quantiles(plain, level)
        extra = generator.poisson(1.0, size=(len(parts), draws))
        least = min(least, _quantiles(_studentised(parts, sums, extra), level)[0])
        low, high = centre - most * spread, centre - least * spread
    return (low, high) if math.isfinite(low) and math.isfinite(high) else (math.nan, math.nan)


def cluster_values(
    values: Float64s, groups: Ints, count: int, clusters: NDArray[np.generic]
) -> Float64s:
    """One value a cluster, whose mean is the unweighted mean of the groups' means.

    So that images of one subject, which are no independent draws, count as one. Source: the
    infinitesimal jackknife, as in Cameron, Gelbach and Miller, "Bootstrap-based improvements for
    inference with clustered errors" (2008), section 2: a cluster's value is the headline plus the
    sum of its images' influences, here times C / (C - 1), as leaving it out would move the mean
    (their "CR3"): without that, intervals of 53 subjects cover a little too seldom.

    Args:
        values: (N,) NaN where a face failed.
        groups: (N,) in 0..count - 1; another value is in no group. All 0 without groups.
        count: number of groups, each with a scored image.
        clusters: (N,) such as the subject of each image.

    Returns:
        (C,) in the order of the clusters' names, without those of which nothing was scored.

    Raises:
        ArrayError: a group is empty, or the shapes differ.
    """
    if not values.shape == groups.shape == clusters.shape:
        raise ArrayError("values, groups and clusters must have one entry for each image")
    rows = np.flatnonzero(np.isfinite(values) & (groups >= 0) & (groups < count))
    sizes = np.bincount(groups[rows], minlength=count)
    if not sizes.all():
        raise ArrayError("every group needs a scored image")
    means = np.bincount(groups[rows], values[rows], minlength=count) / sizes
    influence = (values[rows] - means[groups[rows]]) / (sizes[groups[rows]] * count)
    _, member = np.unique(clusters[rows], return_inverse=True)
    summed = np.bincount(member, influence)
    count = len(summed)
    return np.asarray(means.mean() + count**2 / max(count - 1, 1) * summed, dtype=np.float64)


Sums = tuple[Float64s, Float64s]


def _resampled_sums(part: Float64s, draws: int, generator: np.random.Generator) -> Sums:
    """(draws,) sums and sums of squares of resamples of one stratum, around its mean."""
    around = part - part.mean()
    sums, squares = np.empty(draws), np.empty(draws)
    for start in range(0, draws, CHUNK):
        count = min(CHUNK, draws - start)
        picks = generator.integers(len(part), size=(count, len(part)), dtype=np.int32)
        drawn = around[picks]
        sums[start : start + count] = drawn.sum(axis=1)
        squares[start : start + count] = np.einsum("ij,ij->i", drawn, drawn)
    return sums, squares


def _studentised(
    parts: Sequence[Float64s],
    sums: Sequence[Sums],
    extra: Ints | None = None,
) -> Float64s:
    """(draws,) deviations of the resampled headline over their own standard errors.

    Args:
        parts: the strata.
        sums: of their resamples.
        extra: (strata, draws) how often each stratum's further face is drawn; None for none.
    """
    further = _worst_faces(parts)
    deviation = variance = np.zeros(len(sums[0][0]))
    for number, (part, (total, squares)) in enumerate(zip(parts, sums, strict=True)):
        size: Float64s | int = len(part)
        expected = 0.0
        if extra is not None:
            gap, times = further[number] - part.mean(), extra[number]
            total, squares, size = total + times * gap, squares + times * gap**2, size + times
            expected = gap / (len(part) + 1)
        mean = total / size
        deviation = deviation + mean - expected
        variance = variance + np.maximum(squares / size - mean**2, 0.0) / (size - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(variance > 0, deviation / np.sqrt(variance), np.sign(deviation) * np.inf)


def _worst_faces(parts: Sequence[Float64s]) -> list[float]:
    """The value in each stratum of a face as far out as the farthest of any stratum."""
    middles = [float(np.median(part)) for part in parts]
    scales = [_scale(part, middle) for part, middle in zip(parts, middles, strict=True)]
    farthest = max(
        float((part - middle).max()) / scale
        for part, middle, scale in zip(parts, middles, scales, strict=True)
    )
    return [middle + farthest * scale for middle, scale in zip(middles, scales, strict=True)]


def _scale(part: Float64s, middle: float) -> float:
    """Median absolute deviation; the mean one where most values are equal."""
    away = np.abs(part - middle)
    return float(np.median(away)) or float(away.mean()) or 1.0


def _quantiles(samples: Float64s, level: float) -> tuple[float, float]:
    """The two ends that leave equal shares of the samples outside; may be infinite."""
    tail = 50.0 * (1.0 - level)
    low, high = np.percentile(samples, [tail, 100.0 - tail], method="inverted_cdf")
    return float(low), float(high)
