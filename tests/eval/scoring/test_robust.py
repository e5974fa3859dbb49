"""Figures that one image cannot move, and the images that move the mean."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import trim_mean

from eval.results.record import Score
from eval.scoring.robust import carriers_text, robust
from eval.scoring.summary import Bootstrap, Errors, Groups, summarise

FEW = Bootstrap(draws=50)


def score_of(values: list[float], bins: list[int] | None = None) -> Score:
    ids = [f"image{number}" for number in range(len(values))]
    groups = None if bins is None else Groups(np.array(bins), ("near", "far"))
    return summarise(
        Errors(ids, np.array(values)), name="2d", label="2D", groups=groups, bootstrap=FEW
    )


def test_median_and_trimmed_mean_are_averaged_over_the_bins() -> None:
    generator = np.random.default_rng(0)
    values = generator.gamma(2.0, 0.02, 60)
    figures = robust(score_of(values.tolist(), [0] * 20 + [1] * 40))
    near, far = values[:20], values[20:]
    assert figures.median == pytest.approx((np.median(near) + np.median(far)) / 2)
    expected = (trim_mean(near, 0.05) + trim_mean(far, 0.05)) / 2
    assert figures.trimmed_mean == pytest.approx(expected)
    assert figures.carriers == () and carriers_text(score_of(values.tolist())) == ""


def test_the_image_that_carries_the_mean_is_named_with_the_mean_without_it() -> None:
    values = [0.03 + 0.0001 * number for number in range(40)]
    values[31] = 0.64
    score = score_of(values, [0] * 20 + [1] * 20)
    rest = np.delete(values, 31)
    without = (rest[:20].mean() + rest[20:].mean()) / 2
    assert robust(score).carriers == ("image31",)
    assert robust(score).without == pytest.approx(without)
    assert carriers_text(score) == (
        "1 image holds half of the variance of the mean (image31); without it: "
        f"{100 * without:.3f} %"
    )


def test_failed_faces_and_empty_bins() -> None:
    values = [0.01, math.nan, 0.03, 0.05]
    assert robust(score_of(values)).median == pytest.approx(0.03)
    empty = robust(score_of(values, [0, 1, 0, 0]))
    assert math.isnan(empty.median) and math.isnan(empty.without) and empty.carriers == ()
    same = replace(score_of([0.02] * 5))
    assert robust(same).carriers == ()
