"""From errors to a score: every average once, by hand or by another library."""

import math

import numpy as np
import pandas as pd
import pytest

from eval.scoring.intervals import OVER_IMAGES, OVER_SUBJECTS
from eval.scoring.summary import Bootstrap, Errors, Groups, strata_of, summarise

IDS = ("a", "b", "c", "d", "e")
GROUPS = Groups(np.array([0, 0, 1, 1, -1]), ("near", "far"), np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
FEW = Bootstrap(draws=200)


def test_the_mean_of_bins_weighs_bins_and_the_mean_of_images_weighs_images() -> None:
    errors = Errors(IDS, np.array([0.01, 0.03, 0.06, 0.1, 0.2]))
    score = summarise(errors, name="2d", label="2D", groups=GROUPS, bootstrap=FEW)
    assert [(part.label, part.count) for part in score.bins] == [("near", 2), ("far", 2)]
    assert [part.mean for part in score.bins] == pytest.approx([0.02, 0.08])
    assert score.mean_of_bins == pytest.approx(0.05) == score.headline
    assert score.std_of_bins == pytest.approx(0.03)  # the population's, not the sample's 0.042
    assert score.mean_of_images == pytest.approx(0.08)
    assert score.aggregate == "mean_of_bins"


def test_without_groups_the_headline_is_the_mean_of_images() -> None:
    errors = Errors(IDS, np.array([1.0, 2.0, 3.0, 4.0, np.nan]))
    score = summarise(errors, name="pose", label="Pose", unit="deg", bootstrap=FEW)
    assert (score.headline, score.aggregate, score.unit) == (2.5, "mean_of_images", "deg")
    assert math.isnan(score.mean_of_bins) and math.isnan(score.std_of_bins) and score.bins == ()
    assert score.interval.low < 2.5 < score.interval.high
    assert score.bin_of == {} == score.angle_deg


def test_a_failed_face_is_in_no_mean_and_is_a_failure() -> None:
    values = np.array([0.01, np.nan, 0.06, 0.1, 0.2])
    score = summarise(
        Errors(IDS, values),
        name="2d",
        label="2D",
        groups=GROUPS,
        thresholds=(0.1,),
        bootstrap=FEW,
    )
    assert [part.mean for part in score.bins] == pytest.approx([0.01, 0.08])
    assert score.bins[0].count == 1 and math.isnan(score.per_image["b"])
    assert score.thresholds[0].failure_rate == pytest.approx(2 / 5)
    assert score.thresholds[0].auc == pytest.approx((0.9 + 0.4) / 5)


def test_an_empty_bin_leaves_neither_headline_nor_interval() -> None:
    values = np.array([0.01, 0.03, np.nan, np.nan, 0.2])
    score = summarise(Errors(IDS, values), name="2d", label="2D", groups=GROUPS, bootstrap=FEW)
    assert np.isnan([score.headline, score.interval.low, score.interval.high]).all()
    assert score.mean_of_images == pytest.approx(0.08)


def test_regions_and_points_are_averaged_as_the_headline_is() -> None:
    per_point = np.random.default_rng(0).uniform(size=(5, 6))
    errors = Errors(IDS, per_point.mean(axis=1), per_point, {"first": (0, 2), "rest": (2, 6)})
    score = summarise(errors, name="2d", label="2D", groups=GROUPS, bootstrap=FEW)
    frame = pd.DataFrame(per_point[:4]).groupby(GROUPS.index[:4]).mean()
    points = frame.mean(axis=0)
    assert score.per_point == pytest.approx(points.tolist())
    expected = {"first": points[:2].mean(), "rest": points[2:].mean()}
    assert dict(score.regions) == pytest.approx(expected)
    assert (2 * score.regions["first"] + 4 * score.regions["rest"]) / 6 == pytest.approx(
        score.mean_of_bins
    )


def test_each_image_keeps_its_bin_and_its_angle() -> None:
    score = summarise(Errors(IDS, np.ones(5)), name="2d", label="2D", groups=GROUPS, bootstrap=FEW)
    assert score.bin_of == {"a": "near", "b": "near", "c": "far", "d": "far"}
    assert score.angle_deg == {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "e": 5.0}
    plain = Groups(GROUPS.index, GROUPS.labels)
    score = summarise(Errors(IDS, np.ones(5)), name="2d", label="2D", groups=plain, bootstrap=FEW)
    assert score.angle_deg == {}


def test_the_interval_repeats_with_its_seed_and_says_how_it_was_drawn() -> None:
    values = np.random.default_rng(0).gamma(2.0, 0.02, 40)
    errors = Errors([f"image{n}" for n in range(40)], values)
    settings = Bootstrap(draws=300, seed=4)
    first, again, other = (
        summarise(errors, name="2d", label="2D", bootstrap=chosen).interval
        for chosen in (settings, settings, Bootstrap(draws=300, seed=5))
    )
    assert first == again and (first.level, first.draws, first.seed) == (0.95, 300, 4)
    assert first.low < values.mean() < first.high and first.method == OVER_IMAGES
    assert other.seed == 5 and other.low != first.low


def test_the_interval_draws_subjects_where_they_are_named() -> None:
    generator = np.random.default_rng(1)
    values = np.repeat(generator.gamma(2.0, 0.02, 12), 10) + generator.normal(0, 1e-4, 120)
    ids, groups = [f"image{n}" for n in range(120)], Groups(np.tile([0, 1], 60), ("near", "far"))
    subjects = np.repeat([f"subject{n}" for n in range(12)], 10)
    free, bound = (
        summarise(
            Errors(ids, values, subjects=who), name="2d", label="2D", groups=groups, bootstrap=FEW
        ).interval
        for who in (None, subjects)
    )
    assert bound.method == OVER_SUBJECTS
    assert bound.high - bound.low > 2 * (free.high - free.low)


def test_strata_hold_the_rows_that_every_column_scored() -> None:
    pairs = np.array([[1.0, 1.0], [1.0, np.nan], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    assert [rows.tolist() for rows in strata_of(pairs, GROUPS)] == [[0], [2, 3]]
    assert [rows.tolist() for rows in strata_of(pairs, None)] == [[0, 2, 3, 4]]
