from dataclasses import replace

from eval.results.record import MethodFacts
from space.submit.card import problem_card, scored_card
from space.submit.service import Scored
from tests.eval.invented_results import invented_result, partial_result


def test_a_result_shows_headline_interval_rank_and_all_scores():
    html = scored_card(Scored(invented_result("mine", 0.04), 2, 5, "published"))
    for words in (
        "4.000 %",
        "3.900 to 4.200",
        "Rank 2 of 5",
        "It is on the board now",
        "3D, z mean",
    ):
        assert words in html
    assert "systematic offset" in html


def test_partial_coverage_and_what_becomes_of_it_are_said():
    html = scored_card(Scored(partial_result("mine", 0.04), None, 5, "waiting"))
    assert "Unranked: 1 of its faces failed." in html and "owner" in html
    assert "not kept" in scored_card(Scored(invented_result("mine"), 1, 1, None))


def test_nothing_that_others_wrote_is_rendered():
    hostile = replace(
        invented_result("x"), facts=MethodFacts("<script>1</script>"), warnings=("<img src=x>",)
    )
    html = scored_card(Scored(hostile, 1, 1, None)) + problem_card("<img src=x onerror=alert(1)>")
    assert "<script" not in html and "<img" not in html
