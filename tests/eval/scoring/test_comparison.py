"""Paired comparisons: by hand, against SciPy, and of the two public systems."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import bootstrap

from eval.benchmarks.aflw2000.data import load_benchmark
from eval.benchmarks.aflw2000.landmarks import AFLW2000_3D, score
from eval.errors import ComparisonError
from eval.leaderboard.report import comparison_text
from eval.results.record import ProtocolResult
from eval.scoring.comparison import compare
from eval.scoring.summary import Bootstrap, Errors, Groups, summarise
from eval.submissions.submission import read_submission
from tests.eval.invented_results import invented_result

FEW = Bootstrap(draws=500)


def result_of(
    method: str, errors: Sequence[float], bins: Sequence[int] | None = None, name: str = "2d"
) -> ProtocolResult:
    """A result of one score; `bins` are places in near and far."""
    ids = [f"image{number}" for number in range(len(errors))]
    groups = None if bins is None else Groups(np.array(bins), ("near", "far"))
    part = summarise(
        Errors(ids, np.array(errors)), name=name, label=name, groups=groups, bootstrap=FEW
    )
    return replace(invented_result(method), scores=(part,), expected=len(ids))


def test_the_difference_is_that_of_the_means_of_bins() -> None:
    first = result_of("one", [0.01, 0.02, 0.03, 0.10], [0, 0, 0, 1])
    second = result_of("two", [0.02, 0.03, 0.04, 0.07], [0, 0, 0, 1])
    (comparison,) = compare(first, second, bootstrap=FEW)
    assert comparison.difference.mean == pytest.approx((0.01 - 0.03) / 2)
    assert [part.mean for part in comparison.bins] == pytest.approx([0.01, -0.03])
    assert [(part.label, part.count) for part in comparison.bins] == [("near", 3), ("far", 1)]
    assert comparison.first.headline == pytest.approx((0.02 + 0.10) / 2)
    assert comparison.second.headline == pytest.approx((0.03 + 0.07) / 2)
    assert (
        comparison.better is comparison.second and comparison.compared == comparison.expected == 4
    )


def test_pairing_removes_what_makes_an_image_hard() -> None:
    hard = np.random.default_rng(0).uniform(0.01, 0.2, size=50)
    (comparison,) = compare(result_of("a", hard), result_of("b", hard + 0.001), bootstrap=FEW)
    interval = comparison.difference.interval
    assert (interval.low, interval.high) == pytest.approx((0.001, 0.001))
    assert comparison.excludes_zero and comparison.better is comparison.first


def test_the_interval_agrees_with_scipys_paired_bootstrap() -> None:
    generator = np.random.default_rng(1)
    ours = generator.gamma(2.0, 0.02, size=300)
    theirs = ours + generator.normal(0.001, 0.01, size=300)
    settings = Bootstrap(draws=5_000)
    (comparison,) = compare(result_of("a", ours), result_of("b", theirs), bootstrap=settings)
    expected = bootstrap(
        (ours, theirs),
        lambda a, b, axis: (b - a).mean(axis=axis),
        paired=True,
        n_resamples=5_000,
        method="percentile",
        rng=np.random.default_rng(2),
    ).confidence_interval
    interval = comparison.difference.interval
    width = expected.high - expected.low
    assert (interval.low, interval.high) == pytest.approx(
        (expected.low, expected.high), abs=0.06 * width
    )


def test_the_sign_test_worked_by_hand() -> None:
    # Five of five: p = 2 * 0.5 ** 5; the tie is left out.
    (comparison,) = compare(
        result_of("a", [0.1, 0.1, 0.1, 0.1, 0.1, 0.1]),
        result_of("b", [0.2, 0.2, 0.2, 0.2, 0.2, 0.1]),
        bootstrap=FEW,
    )
    assert (comparison.first.won, comparison.second.won, comparison.ties) == (5, 0, 1)
    assert comparison.sign_p_value == pytest.approx(2 * 0.5**5)


def test_equal_methods_are_told_to_be_equal() -> None:
    result = result_of("a", [0.1, 0.2])
    (comparison,) = compare(result, replace(result), bootstrap=FEW)
    assert (
        comparison.better is None
        and comparison.sign_p_value == 1.0
        and not comparison.excludes_zero
    )
    assert "A and B have the same mean of images" in comparison_text([comparison])


def test_only_images_that_both_scored_count_and_the_others_are_named() -> None:
    nan = float("nan")
    first = result_of("a", [0.01, nan, 0.03, 0.05], [0, 0, 0, 1])
    second = result_of("b", [0.02, 9.9, nan, 0.05], [0, 0, 0, 1])
    (comparison,) = compare(first, second, bootstrap=FEW)
    assert comparison.compared == 2 and comparison.difference.mean == pytest.approx(0.005)
    assert (comparison.first.failed_ids, comparison.second.failed_ids) == (("image1",), ("image2",))
    text = comparison_text([comparison])
    assert "2 of 4 images compared" in text
    assert "left out  2 images: A failed on 1 (image1); B failed on 1 (image2)" in text


def test_a_bin_without_a_common_image_leaves_no_headline() -> None:
    nan = float("nan")
    first = result_of("a", [0.01, 0.02, nan, 0.05], [0, 0, 1, 1])
    second = result_of("b", [0.02, 0.03, 0.04, nan], [0, 0, 1, 1])
    (comparison,) = compare(first, second, bootstrap=FEW)
    assert (
        np.isnan(comparison.difference.mean)
        and comparison.better is None
        and not comparison.excludes_zero
    )
    assert comparison.bins[0].mean == pytest.approx(0.01)
    assert "no mean of bins: in some bin no image was scored by both" in comparison_text(
        [comparison]
    )


def test_nothing_in_common_is_refused() -> None:
    nan = float("nan")
    with pytest.raises(ComparisonError, match=r"no image was scored by both methods under 2d"):
        compare(result_of("a", [nan, 0.1]), result_of("b", [0.1, nan]), bootstrap=FEW)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"protocol": "florence"}, "protocol must be the same, got aflw2000-3d for a and florence"),
        (
            {"truth_sha256": "2" * 64},
            "truth must be the same, got published for a and sha",
        ),
        ({"options": {"yaw": "mine.csv", "z_rule": "mean"}}, "yaw must be the same, got yaw.npy"),
        ({"options": {"yaw": "yaw.npy"}}, "z_rule must be the same, got mean for a and - for b"),
    ],
)
def test_results_made_in_different_ways_are_refused(changed: dict[str, object], said: str) -> None:
    first, second = result_of("a", [0.1, 0.2]), result_of("b", [0.1, 0.2])
    with pytest.raises(ComparisonError, match=said):
        compare(first, replace(second, **changed))


def test_results_on_other_images_are_refused() -> None:
    with pytest.raises(ComparisonError, match="were not scored on the same images"):
        compare(result_of("a", [0.1, 0.2]), result_of("b", [0.1, 0.2, 0.3]))


def test_the_words_say_when_the_images_do_not_tell() -> None:
    first = result_of("a", [0.1, 0.2, 0.1, 0.2])
    second = result_of("b", [0.2, 0.1, 0.2, 0.1001])
    text = comparison_text(compare(first, second, bootstrap=FEW))
    assert "no significant difference: A is ahead by 0.002 percentage points" in text
    assert "interval includes 0, permutation test p = " in text


def test_failing_where_one_loses_does_not_pay() -> None:
    """A fails on each of the images on which it would lose."""
    generator = np.random.default_rng(4)
    theirs = generator.gamma(2.0, 0.02, size=200)
    ours = theirs * generator.uniform(0.8, 1.6, size=200)
    honest, cheating = result_of("a", ours), result_of("a", np.where(ours > theirs, np.nan, ours))
    other = result_of("b", theirs)
    (fair,) = compare(honest, other, bootstrap=FEW)
    assert fair.better is fair.second and fair.failed == 0 and fair.withheld == ""
    (comparison,) = compare(cheating, other, bootstrap=FEW)
    assert comparison.difference.mean > 0  # on the images that are left, A is the better one
    assert comparison.better is None and "failed on" in comparison.withheld
    assert comparison.with_failures.mean < 0 and comparison.with_failures.count == 200
    text = comparison_text([comparison])
    assert "no verdict: one of the two failed on" in text and "more than 1 %" in text
    assert "failures as the worst error: mean of images" in text


def test_a_few_failures_that_turn_the_difference_round_withhold_the_verdict() -> None:
    errors = np.full(400, 0.03)
    ours = errors - 1e-5
    ours[:3], errors[:3] = 0.5, 0.1
    ours[3] = errors[3] = 0.6
    (fair,) = compare(result_of("a", ours), result_of("b", errors), bootstrap=FEW)
    assert fair.difference.mean < 0
    ours[:3] = np.nan
    (comparison,) = compare(result_of("a", ours), result_of("b", errors), bootstrap=FEW)
    assert comparison.failed_share < 0.01 and comparison.difference.mean > 0
    assert comparison.better is None and "the difference changes its sign" in comparison.withheld


def test_failures_are_counted_in_the_bin_that_has_most() -> None:
    ours = np.full(400, 0.03)
    ours[:3] = np.nan
    bins = [1] * 20 + [0] * 380
    pair = result_of("a", ours, bins), result_of("b", np.full(400, 0.04), bins)
    (comparison,) = compare(*pair, bootstrap=FEW)
    assert comparison.failed == 3 and comparison.failed_share == pytest.approx(3 / 20)
    assert comparison.better is None and "15.0 % of a bin" in comparison.withheld


def test_the_mean_and_the_wins_may_say_different_things() -> None:
    """A wins nearly all images by little and loses a few by much."""
    theirs = np.full(100, 0.03)
    ours = theirs - 0.0001
    ours[:3] = 0.3
    (comparison,) = compare(result_of("a", ours), result_of("b", theirs), bootstrap=FEW)
    assert comparison.first.won == 97 and comparison.sign_p_value < 1e-9
    assert comparison.difference.mean < 0 and comparison.mean_p_value > 0.05
    assert not comparison.is_significant
    assert "sign test, of wins and not of the mean" in comparison_text([comparison])


def test_the_two_public_systems_differ_by_what_the_issue_says(data_root: Path) -> None:
    benchmark = load_benchmark(data_root)
    first, second = (
        score(AFLW2000_3D, benchmark, read_submission(data_root / "submissions" / f"{name}.npz"))
        for name in ("2dasl_released", "3ddfa_v2_mb05")
    )
    comparison = compare(first, second)[0]
    assert (
        comparison.compared == 1998
        and comparison.better is comparison.first
        and comparison.excludes_zero
    )
    assert 100 * comparison.difference.mean == pytest.approx(0.137, abs=0.002)
    assert 100 * comparison.difference.interval.low == pytest.approx(0.07, abs=0.01)
    assert 100 * comparison.difference.interval.high == pytest.approx(0.22, abs=0.01)
    assert comparison.first.won + comparison.second.won + comparison.ties == 1998
