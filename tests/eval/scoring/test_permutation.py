"""The sign-flip test: by hand, against SciPy, and its type I error."""

import numpy as np
import pytest
from scipy.stats import permutation_test

from eval.scoring.permutation import sign_flip_p_value


def everyone(count: int) -> list[np.ndarray]:
    return [np.arange(count)]


def test_all_of_five_equal_differences_by_hand() -> None:
    # Of 32 sign patterns two give a mean as large.
    p_value = sign_flip_p_value(np.full(5, 0.1), everyone(5), draws=40_000, seed=0)
    assert p_value == pytest.approx(2 / 32, abs=0.005)


def test_it_agrees_with_scipy() -> None:
    gaps = np.random.default_rng(1).standard_t(2, size=60) + 0.3
    theirs = permutation_test(
        (gaps, np.zeros(60)),
        lambda a, b, axis: (a - b).mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=20_000,
        rng=np.random.default_rng(2),
    ).pvalue
    ours = sign_flip_p_value(gaps, everyone(60), draws=20_000, seed=3)
    assert ours == pytest.approx(theirs, abs=0.02)


def test_a_small_bin_weighs_as_much_as_a_large_one() -> None:
    gaps = np.concatenate([np.full(8, 1.0), np.zeros(200)])
    strata = [np.arange(8), np.arange(8, 208)]
    by_bins = sign_flip_p_value(gaps, strata, draws=10_000, seed=0)
    assert by_bins == pytest.approx(2 / 2**8, abs=0.004)


@pytest.mark.parametrize("tails", ["normal", "heavy"])
def test_type_one_error_is_the_level(tails: str) -> None:
    """1,000 pairs of equally good methods, three bins of unequal size."""
    generator = np.random.default_rng(5)
    strata = [np.arange(40), np.arange(40, 60), np.arange(60, 70)]
    p_values = []
    for seed in range(1_000):
        draws = generator.standard_t(1.5, size=(70, 2)) if tails == "heavy" else None
        errors = generator.normal(size=(70, 2)) if draws is None else draws
        gaps = errors[:, 1] - errors[:, 0]
        p_values.append(sign_flip_p_value(gaps, strata, draws=400, seed=seed))
    assert 0.03 <= np.mean(np.array(p_values) <= 0.05) <= 0.07


def test_an_empty_bin_has_no_p_value() -> None:
    empty = np.array([], dtype=np.int64)
    assert np.isnan(sign_flip_p_value(np.ones(3), [np.arange(3), empty], draws=10, seed=0))
