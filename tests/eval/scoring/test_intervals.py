"""Intervals: what they cover, against worlds with a known mean."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import t as student

from eval.errors import ArrayError
from eval.scoring.intervals import FEWEST, bootstrap_t, cluster_values

Floats = NDArray[np.float64]


def whole(values: Floats) -> list[NDArray[np.int64]]:
    return [np.arange(len(values))]


def test_of_normal_errors_it_is_students_interval() -> None:
    values = np.random.default_rng(0).normal(5.0, 1.0, 200)
    low, high = bootstrap_t(values, whole(values), draws=20_000, seed=0, tails="both")
    half = student.ppf(0.975, 199) * values.std(ddof=1) / math.sqrt(200)
    expected = (values.mean() - half, values.mean() + half)
    assert (low, high) == pytest.approx(expected, abs=0.06 * half)


def test_it_reaches_the_mean_of_a_bin_whose_one_gross_failure_was_not_drawn() -> None:
    generator = np.random.default_rng(1)
    quiet, failing = generator.gamma(4.0, 0.01, 300), generator.gamma(4.0, 0.01, 300)
    unseen = (failing.sum() - failing[0] + 0.6) / 300  # of the bin with its failure
    failing_seen = failing.copy()
    quiet[0] = 0.6  # the other bin has one
    values = np.concatenate([quiet, failing_seen])
    strata = [np.arange(300), np.arange(300, 600)]
    low, high = bootstrap_t(values, strata, draws=2_000, seed=0)
    assert low < (quiet.mean() + unseen) / 2 < high
    calm = np.concatenate([np.delete(quiet, 0), failing_seen])
    short = bootstrap_t(calm, [np.arange(299), np.arange(299, 599)], draws=2_000, seed=0)[1]
    assert high - low > 1.5 * (short - low)


def test_too_few_or_equal_values() -> None:
    values = np.array([0.01, 0.02, 0.03, 0.05])
    assert not math.isnan(bootstrap_t(values, whole(values), draws=500, seed=0)[0])
    few = values[: FEWEST - 1]
    assert np.isnan(bootstrap_t(few, whole(few), draws=500, seed=0)).all()
    assert np.isnan(bootstrap_t(values, [np.arange(4), np.array([], int)], draws=9, seed=0)).all()
    same = np.full(9, 0.25)
    assert bootstrap_t(same, whole(same), draws=50, seed=0) == (0.25, 0.25)


def test_a_seed_repeats_and_units_and_shifts_go_through() -> None:
    values = np.random.default_rng(2).gamma(2.0, 1.0, 60)
    strata = [np.arange(20), np.arange(20, 60)]
    once = bootstrap_t(values, strata, draws=400, seed=3)
    assert once == bootstrap_t(values, strata, draws=400, seed=3)
    assert once != bootstrap_t(values, strata, draws=400, seed=4)
    moved = bootstrap_t(100 * values + 7, strata, draws=400, seed=3)
    assert moved == pytest.approx([100 * end + 7 for end in once])


def test_the_interval_of_differences_turns_round_with_them() -> None:
    gaps = np.random.default_rng(4).gamma(1.0, 1.0, 80)
    low, high = bootstrap_t(gaps, whole(gaps), draws=900, seed=0, tails="both")
    turned = bootstrap_t(-gaps, whole(gaps), draws=900, seed=0, tails="both")
    assert turned == pytest.approx((-high, -low))


def test_values_of_subjects_have_the_headline_as_their_mean() -> None:
    generator = np.random.default_rng(5)
    values = generator.gamma(2.0, 0.02, 30)
    values[3] = np.nan
    groups, subjects = np.tile([0, 1, 2], 10), np.repeat(np.arange(5), 6)
    per_subject = cluster_values(values, groups, 3, subjects)
    means = [np.nanmean(values[groups == n]) for n in range(3)]
    assert len(per_subject) == 5
    assert per_subject.mean() == pytest.approx(np.mean(means))


def test_a_subjects_value_moves_the_mean_as_leaving_it_out_would() -> None:
    values = np.arange(12.0)
    per_subject = cluster_values(values, np.tile([0, 1], 6), 2, np.repeat(["b", "a", "c"], 4))
    means = np.array([5.5, 1.5, 9.5])  # by name: a, b, c
    assert per_subject == pytest.approx(5.5 + 1.5 * (means - 5.5))


def test_an_empty_group_is_refused() -> None:
    with pytest.raises(ArrayError, match="every group needs"):
        cluster_values(np.ones(4), np.zeros(4, np.int64), 2, np.arange(4))
    with pytest.raises(ArrayError, match="one entry for each image"):
        cluster_values(np.ones(4), np.zeros(3, np.int64), 1, np.arange(4))
