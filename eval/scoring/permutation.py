"""A permutation test of a paired difference, exact for any distribution of the errors."""

from collections.abc import Sequence

import numpy as np

from eval.scoring.metrics import Float64s, Ints

SMALLEST_SHARE = 1e-12  # of the observed difference; tolerance for rounding in another order
AT_ONCE = 500  # rows of signs in memory


def sign_flip_p_value(gaps: Float64s, strata: Sequence[Ints], *, draws: int, seed: int) -> float:
    """Two-sided p value of "the two methods are exchangeable on each image".

    Source: Good, Permutation Tests, paired comparisons: under the hypothesis each difference is
    equally likely with either sign. The statistic is the mean of the strata's mean differences,
    so large errors have the same weight as in the headline. The observed signs count as one of the
    draws; the test therefore never exceeds its level, also under heavy tails.

    Args:
        gaps: (N,) differences, finite in the rows of the strata.
        strata: rows of each bin; without bins one stratum of all rows.
        draws: random sign patterns.
        seed: of the generator.

    Returns:
        In (0, 1]; NaN if a stratum is empty, since then there is no headline.

    Example:
        >>> sign_flip_p_value(np.zeros(4), [np.arange(4)], draws=100, seed=0)
        1.0
    """
    if not all(len(rows) for rows in strata):
        return float("nan")
    parts = [gaps[rows] / (len(rows) * len(strata)) for rows in strata]
    shares = np.concatenate(parts)
    observed = abs(shares.sum()) * (1.0 - SMALLEST_SHARE)
    generator = np.random.default_rng(seed)
    as_large = 0
    for start in range(0, draws, AT_ONCE):
        count = min(AT_ONCE, draws - start)
        signs = 1.0 - 2.0 * generator.integers(2, size=(count, len(shares)), dtype=np.int8)
        as_large += int((np.abs(signs @ shares) >= observed).sum())
    return (1 + as_large) / (1 + draws)
