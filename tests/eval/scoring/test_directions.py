"""The way back: what it leaves out, and when a result is one-sided."""

from dataclasses import replace

import numpy as np
import pytest

from eval.results.record import ProtocolResult, Score
from eval.scoring.directions import counted_back, one_sided, way_back
from eval.scoring.summary import Bootstrap, Errors, summarise
from tests.eval.invented_results import invented_result


def score_of(name: str, values: list[float]) -> Score:
    ids = [f"image{number}" for number in range(len(values))]
    errors = Errors(ids, np.array(values))
    return summarise(errors, name=name, label=name, bootstrap=Bootstrap(draws=20))


def result_of(there: list[float], back: list[float]) -> ProtocolResult:
    return replace(
        invented_result("one"), scores=(score_of("icp", there), score_of("icp-back", back))
    )


def test_the_farthest_tenth_is_left_out() -> None:
    assert way_back(np.array([5.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])) == 1.0
    assert way_back(np.array([3.0])) == 3.0


def test_a_result_is_one_sided_where_more_than_a_fifth_of_its_images_are() -> None:
    there = [0.01] * 10
    assert one_sided(result_of(there, [0.015] * 10)) == ""
    assert one_sided(result_of(there, [0.015] * 8 + [0.03] * 2)) == ""
    assert one_sided(result_of(there, [0.015] * 7 + [0.03] * 3)).startswith("on 30 % of the images")


def test_a_failed_image_counts_on_neither_side() -> None:
    there, back = [np.nan, 0.01, 0.01], [np.nan, 0.012, 0.012]
    assert one_sided(result_of(there, back)) == ""


def test_a_shorter_way_back_or_none_is_no_reason() -> None:
    assert one_sided(result_of([0.03] * 4, [0.001] * 4)) == ""
    assert one_sided(invented_result("one")) == ""


@pytest.mark.parametrize("play", [0.0, 0.004])
def test_small_distances_may_differ(play: float) -> None:
    assert one_sided(result_of([1e-6] * 4, [play] * 4)) == ""


def test_the_way_to_points_spread_over_the_surface_counts_where_it_is_much_longer() -> None:
    assert counted_back(there=0.01, back=0.002, spread=0.019) == 0.002
    assert counted_back(there=0.01, back=0.002, spread=0.021) == 0.021
    assert counted_back(there=0.01, back=0.05, spread=0.021) == 0.05
