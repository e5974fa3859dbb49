import math
from dataclasses import replace

import pytest

import space.leaderboard.compare as module
from eval.results.record import MethodFacts
from space.leaderboard.compare import comparison_words
from tests.eval.invented_results import invented_result, spread_result


def test_the_verdict_names_the_better_one_and_how_sure_that_is():
    html = comparison_words(spread_result("worse", 1.2), spread_result("better", 1.0), "2D")
    assert "<b>better</b> is better than <b>worse</b> by 0.4" in html
    assert "statistically significant" in html and "permutation test, p = " in html
    assert "B on 60" in html


def test_methods_that_the_images_do_not_tell_apart_are_called_so():
    one = spread_result("one", 1.0)
    score = one.headline
    swapped = {
        name: score.per_image[f"image{(n + 7) % 60}"] * 1.0005
        for n, name in enumerate(score.per_image)
    }
    two = replace(spread_result("swapped", 1.0), scores=(replace(score, per_image=swapped),))
    assert "No significant difference" in comparison_words(one, two, "2D")
    equal = replace(spread_result("two", 1.0))
    assert "Both have the same error" in comparison_words(one, equal, "2D")


def test_images_that_one_of_them_failed_on_are_left_out_and_counted():
    score = spread_result("one", 1.2).headline
    errors = dict(score.per_image) | {"image0": math.nan}
    partial = replace(
        spread_result("one", 1.2), scores=(replace(score, per_image=errors),), scored=59
    )
    html = comparison_words(partial, spread_result("two", 1.0), "2D")
    assert "On the 59 images that both answered" in html
    assert "1 of 60 were not answered by both. With failures as the worst error" in html
    assert "No verdict: one of the two failed on 5.0 % of a bin, more than 1 %." in html


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (None, "Choose two measured methods"),
        (invented_result("one"), "Choose two different methods"),
        (invented_result("two", options={"subset": "some"}), "must be the same"),
    ],
)
def test_what_cannot_be_compared_is_said(second, words):
    assert words in comparison_words(invented_result("one"), second, "2D")


def test_names_are_escaped():
    hostile = replace(spread_result("x", 1.1), facts=MethodFacts("<img src=x onerror=alert(1)>"))
    html = comparison_words(hostile, spread_result("two", 1.0), "2D")
    assert "<img" not in html and "&lt;img" in html


def test_one_comparison_of_a_pair_serves_all_its_scores(monkeypatch):
    calls = []
    compare = module.compare
    monkeypatch.setattr(module, "compare", lambda *pair: calls.append(pair) or compare(*pair))
    pair = spread_result("asked once"), spread_result("asked twice", 1.2)
    assert "<th>2D</th>" in comparison_words(*pair, "2D")
    assert "<th>3D, z mean</th>" in comparison_words(*pair, "3D, z mean")
    assert len(calls) == 1
