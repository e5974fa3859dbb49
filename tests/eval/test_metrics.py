"""Metrics against values worked by hand."""

import doctest

import numpy as np
import pytest

from eval import metrics
from eval.errors import ShapeError


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
    with pytest.raises(ShapeError, match=r"must both be \(N, L, 2 or 3\)"):
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


def test_an_empty_bin_has_no_mean_and_no_interval() -> None:
    values, bins = np.array([0.1, 0.2]), np.array([0, 1])
    assert np.isnan(metrics.bin_means(values, bins)[2])
    assert np.isnan(metrics.bootstrap_interval(values, bins, draws=10, seed=0)).all()


def test_interval_of_equal_values_has_no_width() -> None:
    bins = np.repeat([0, 1, 2], 5)
    interval = metrics.bootstrap_interval(np.full(15, 0.25), bins, draws=50, seed=0)
    assert interval == pytest.approx((0.25, 0.25))


def test_interval_agrees_with_the_normal_approximation() -> None:
    bins = np.repeat([0, 1, 2], [1000, 300, 200])
    values = np.random.default_rng(0).normal(0.04, 0.02, size=1500)
    low, high = metrics.bootstrap_interval(values, bins, draws=4000, seed=0)
    variance = sum(values[bins == b].var() / (bins == b).sum() for b in range(3)) / 9
    assert (high - low) / 2 == pytest.approx(1.96 * np.sqrt(variance), rel=0.06)
    assert low < metrics.bin_means(values, bins).mean() < high


def test_interval_repeats_with_its_seed_and_leaves_failed_faces_out() -> None:
    bins = np.repeat([0, 1, 2], 40)
    values = np.random.default_rng(3).uniform(size=120)
    with_failure = np.append(values, np.nan)
    once = metrics.bootstrap_interval(values, bins, draws=700, seed=5)
    again = metrics.bootstrap_interval(with_failure, np.append(bins, 2), draws=700, seed=5)
    assert once == again
