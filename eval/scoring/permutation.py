"""A permutation test of a paired difference: exact whatever the errors' distribution."""

from collections.abc import Sequence

import numpy as np

from eval.scoring.metrics import Float64s, Ints

SMALLEST_SHARE = 1e-12  # of the observed difference: sums in another order differ by less
AT_ONCE = 500  # rows of signs in memory


def sign_flip_p_value(gaps: Float64s, strata: Sequence[Ints], *, draws: int, seed: int) -> float:
    """Two-sided p value of "the two methods are exchangeable on each image".

    Source: Good, Permutation Tests, paired comparisons: under the hypothesis each difference is
    as likely with either sign. The statistic is the mean of the strata's mean differences, so
    large errors count as they do in the headline. With the observed signs counted among the
    draws, the test never exceeds its level; heavy tails do not matter.

    Args:
        gaps: (N,) differences, finite at the rows that the strata name.
        strata: rows of each bin; one of all rows without bins.
        draws: random sign patterns.
        seed: of the generator.

    Returns:
        In (0, 1]; NaN where a stratum is empty, so that there is no headline.

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
