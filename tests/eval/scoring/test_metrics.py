"""Metrics against values worked by hand and against independent implementations."""

import doctest
import math

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import trapezoid
from scipy.spatial.distance import cdist
from scipy.stats import bootstrap, ecdf

from eval.errors import ArrayError
from eval.scoring import metrics


def test_docstring_examples_are_true() -> None:
    assert doctest.testmod(metrics).failed == 0


def test_box_size_is_the_root_of_the_area_of_x_and_y_only() -> None:
    points = np.array([[[1.0, 2.0, -500.0], [5.0, 11.0, 500.0], [3.0, 4.0, 0.0]]])
    assert metrics.box_sizes(points) == pytest.approx([6.0])  # sqrt(4 * 9)


def test_nme_is_the_mean_distance_over_the_box() -> None:
    truth = np.array([[[0.0, 0.0], [10.0, 10.0]]])
    predicted = truth + np.array([[[3.0, 4.0], [0.0, 1.0]]])
    assert metrics.nme(predicted, truth, np.array([10.0])) == pytest.approx([0.3])  # (5 + 1) / 2


def test_nme_keeps_a_failed_face_nan() -> None:
    truth = np.zeros((2, 68, 2))
    predicted = np.stack([np.full((68, 2), np.nan), np.zeros((68, 2))])
    values = metrics.nme(predicted, truth, np.ones(2))
    assert np.isnan(values[0]) and values[1] == 0.0


def test_nme_leaves_its_inputs_unchanged() -> None:
    predicted, truth, box = np.ones((1, 2, 3)), np.zeros((1, 2, 3)), np.ones(1)
    metrics.nme(predicted, truth, box)
    metrics.align_depth(predicted, "mean")
    assert (predicted == 1).all() and (truth == 0).all() and (box == 1).all()


def test_nme_refuses_a_box_without_area() -> None:
    with pytest.raises(ValueError, match=r"every box_size must be positive"):
        metrics.nme(np.ones((1, 2, 2)), np.ones((1, 2, 2)), np.zeros(1))


@pytest.mark.parametrize("shape", [(1, 67, 2), (2, 68, 2), (1, 68, 3)])
def test_point_errors_refuse_shapes_that_differ(shape: tuple[int, ...]) -> None:
    with pytest.raises(ArrayError, match=r"must both be \(N, L, 2 or 3\)"):
        metrics.point_errors(np.zeros(shape), np.zeros((1, 68, 2)))


@pytest.mark.parametrize(
    ("rule", "depths"), [("mean", [-2.0, 0.0, 2.0]), ("min", [0.0, 2.0, 4.0]), ("none", [3, 5, 7])]
)
def test_depth_rules_shift_z_alone(rule: str, depths: list[float]) -> None:
    points = np.array([[[9.0, 8.0, 3.0], [7.0, 6.0, 5.0], [5.0, 4.0, 7.0]]])
    aligned = metrics.align_depth(points, rule)
    assert aligned[0, :, 2] == pytest.approx(depths)
    assert (aligned[..., :2] == points[..., :2]).all()


def test_an_unknown_depth_rule_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"mean, min, none, got 'max'"):
        metrics.align_depth(np.zeros((1, 2, 3)), "max")


def test_yaw_bins_include_their_upper_edge_and_keep_wrapped_angles_in_the_last() -> None:
    yaw = np.array([0, 30, -30, 30.01, 60, -60, 60.01, -90, 118.9, -351.2])
    assert metrics.yaw_bins(yaw).tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 2]


def test_distances_agree_with_scipys() -> None:
    generator = np.random.default_rng(2)
    predicted, truth = generator.normal(size=(2, 4, 68, 3))
    expected = [np.diag(cdist(p, t)) for p, t in zip(predicted, truth, strict=True)]
    assert metrics.point_errors(predicted, truth) == pytest.approx(np.array(expected))


def test_nme_agrees_with_plain_loops() -> None:
    generator = np.random.default_rng(3)
    predicted, truth = generator.uniform(0, 100, size=(2, 3, 68, 2))
    expected = []
    for ours, theirs in zip(predicted.tolist(), truth.tolist(), strict=True):
        xs, ys = [x for x, _ in theirs], [y for _, y in theirs]
        box = math.sqrt((max(xs) - min(xs)) * (max(ys) - min(ys)))
        expected.append(math.fsum(map(math.dist, ours, theirs)) / 68 / box)
    assert metrics.nme(predicted, truth, metrics.box_sizes(truth)) == pytest.approx(expected)


def test_group_means_leave_out_failed_faces_and_faces_in_no_group() -> None:
    values = np.array([1.0, 3.0, np.nan, 10.0, 99.0])
    means = metrics.group_means(values, np.array([0, 0, 0, 2, -1]), 3)
    assert means[[0, 2]].tolist() == [2.0, 10.0] and np.isnan(means[1])


def test_group_means_agree_with_pandas() -> None:
    generator = np.random.default_rng(5)
    values, groups = generator.uniform(size=200), generator.integers(0, 4, size=200)
    values[::17] = np.nan
    expected = pd.Series(values).groupby(groups).mean()
    assert metrics.group_means(values, groups, 4) == pytest.approx(expected.to_numpy())


def test_failure_rate_counts_failed_faces_and_what_lies_above_the_threshold() -> None:
    values = np.array([0.05, 0.1, 0.100001, np.nan])
    assert metrics.failure_rate(values, 0.1) == 0.5  # the threshold itself is a success


def test_failure_rate_agrees_with_scipys_distribution() -> None:
    values = np.random.default_rng(6).gamma(2.0, 0.02, size=500)
    for threshold in (0.02, 0.05, 0.1):
        expected = float(ecdf(values).sf.evaluate(threshold))
        assert metrics.failure_rate(values, threshold) == pytest.approx(expected)


def test_area_under_the_curve_worked_by_hand() -> None:
    # The curve steps to 1/4 at 0.02 and to 2/4 at 0.06; the third fails, the fourth is beyond 0.1.
    values = np.array([0.02, 0.06, np.nan, 0.3])
    area = 0.25 * (0.06 - 0.02) + 0.5 * (0.10 - 0.06)
    assert metrics.area_under_ced(values, 0.1) == pytest.approx(area / 0.1)


def test_area_under_the_curve_agrees_with_an_integral_over_scipys_distribution() -> None:
    values = np.random.default_rng(7).gamma(2.0, 0.02, size=300)
    places = np.linspace(0.0, 0.08, 200_001)
    expected = trapezoid(ecdf(values).cdf.evaluate(places), places) / 0.08
    assert metrics.area_under_ced(values, 0.08) == pytest.approx(expected, abs=1e-4)


def test_draws_of_equal_values_are_all_that_value() -> None:
    strata = [np.arange(5), np.arange(5, 15)]
    draws = metrics.bootstrap_means(np.full(15, 0.25), strata, draws=1_203, seed=0)
    assert draws.shape == (1_203,) and draws == pytest.approx(np.full(1_203, 0.25))


def test_draws_weigh_strata_equally_and_never_mix_them() -> None:
    values = np.array([1.0, 1.0, 1.0, 4.0])  # means 1 and 4, whatever is drawn
    draws = metrics.bootstrap_means(values, [np.array([0, 1, 2]), np.array([3])], draws=50, seed=0)
    assert draws == pytest.approx(np.full(50, 2.5))


def test_draws_of_two_values_have_the_binomial_distribution() -> None:
    draws = metrics.bootstrap_means(np.array([0.0, 1.0]), [np.arange(2)], draws=40_000, seed=3)
    shares = [(draws == mean).mean() for mean in (0.0, 0.5, 1.0)]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.01)


def test_columns_are_drawn_together() -> None:
    first = np.random.default_rng(8).uniform(size=30)
    pair = np.stack([first, first + 0.5], axis=1)
    draws = metrics.bootstrap_means(pair, [np.arange(30)], draws=700, seed=1)
    assert draws[:, 1] - draws[:, 0] == pytest.approx(np.full(700, 0.5))


def test_rows_outside_the_strata_change_nothing_and_a_seed_repeats() -> None:
    values = np.random.default_rng(3).uniform(size=120)
    strata = [np.arange(40), np.arange(40, 120)]
    once = metrics.bootstrap_means(values, strata, draws=700, seed=5)
    again = metrics.bootstrap_means(np.append(values, np.nan), strata, draws=700, seed=5)
    assert (once == again).all()
    assert (once != metrics.bootstrap_means(values, strata, draws=700, seed=6)).any()


def test_the_interval_agrees_with_scipys_bootstrap() -> None:
    values = np.random.default_rng(9).gamma(2.0, 0.02, size=400)
    draws = metrics.bootstrap_means(values, [np.arange(400)], draws=8_000, seed=0)
    ours = metrics.percentile_interval(draws)
    found = bootstrap(
        (values,), np.mean, n_resamples=8_000, method="percentile", rng=np.random.default_rng(1)
    )
    theirs = found.confidence_interval
    width = theirs.high - theirs.low
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.05 * width)


def test_the_stratified_interval_agrees_with_the_normal_approximation() -> None:
    sizes = [1_000, 300, 200]
    values = np.random.default_rng(0).normal(0.04, 0.02, size=1_500)
    strata = np.split(np.arange(1_500), np.cumsum(sizes)[:-1])
    low, high = metrics.percentile_interval(
        metrics.bootstrap_means(values, strata, draws=4_000, seed=0)
    )
    variance = sum(values[rows].var() / len(rows) for rows in strata) / 9
    assert (high - low) / 2 == pytest.approx(1.96 * np.sqrt(variance), rel=0.06)
    assert low < np.mean([values[rows].mean() for rows in strata]) < high


def test_percentiles_worked_by_hand() -> None:
    samples = np.arange(101.0)[::-1]
    assert metrics.percentile_interval(samples, 0.9) == pytest.approx((5.0, 95.0))
    assert metrics.percentile_interval(samples) == pytest.approx((2.5, 97.5))
