import json
from dataclasses import replace

import pytest

from eval.leaderboard.board import BoardRow
from eval.results.record import MethodFacts
from space.leaderboard.table import (
    CHOICES,
    INTERVAL,
    LINKS,
    METHOD,
    NOTHING,
    ON_AT_FIRST,
    OURS_LINK,
    RANK,
    Cell,
    Table,
    links,
    table,
    web_address,
)
from space.leaderboard.view import Asked, view_of
from tests.eval.invented_results import invented_result, partial_result

EVERYTHING = [choice.name for choice in CHOICES]
HEADLINE = "mean of bins, %"


def made(*records, chosen=EVERYTHING, score="2D") -> Table:
    return table(view_of(records, Asked("aflw2000-3d", score=score)).rows, score, chosen)


def column(shown: Table, title: str) -> dict[str, Cell]:
    place, names = shown.titles.index(title), shown.titles.index(METHOD)
    return {line.cells[names].text: line.cells[place] for line in shown.lines}


def test_the_best_ranked_figure_and_its_interval_are_bold():
    shown = made(invented_result("worse", 0.05), invented_result("better", 0.03))
    for title in (HEADLINE, INTERVAL):
        cells = column(shown, title)
        assert cells["better"].is_best and not cells["worse"].is_best
    assert column(shown, INTERVAL)["better"].text == "2.900 – 3.200"


def test_partial_coverage_is_shown_unranked_and_never_bold():
    shown = made(invented_result("full", 0.05), partial_result("partial", 0.01))
    assert [column(shown, RANK)[name].text for name in ("full", "partial")] == ["1", NOTHING]
    assert not column(shown, HEADLINE)["partial"].is_best
    assert column(shown, "Faces")["partial"].text == "2 of 3"


def test_measured_rows_are_marked_and_quoted_ones_say_how_they_came_about():
    shown = made(invented_result("ours", 0.05))
    origin = column(shown, "Origin")
    assert origin["ours"].text == "measured · scored here"
    assert origin["PRNet"].text == "quoted · published"
    measured = {
        line.cells[shown.titles.index(METHOD)].text: line.is_measured for line in shown.lines
    }
    assert measured["ours"] and not measured["PRNet"]


def test_a_quoted_figure_shows_only_the_digits_that_were_printed():
    cells = column(made(invented_result("ours", 0.0361)), HEADLINE)
    assert (cells["ours"].text, cells["SADRNet"].text) == ("3.610", "3.46")


def test_what_is_not_known_has_no_value_to_sort_by():
    shown = made(invented_result("ours"))
    figures = [
        cell
        for line in shown.lines
        for cell, kind in zip(line.cells, shown.kinds, strict=True)
        if kind in ("rank", "number") and cell.text in (NOTHING, "")
    ]
    assert figures and {cell.value for cell in figures} == {None}
    json.dumps(shown.for_browser("label", {"board": "x"}), allow_nan=False)


def test_the_score_comes_first_so_that_a_phone_shows_it():
    assert made(invented_result("ours")).titles[:4] == (RANK, METHOD, HEADLINE, INTERVAL)
    assert {"Boxes", "Training data", "Year", LINKS} < set(ON_AT_FIRST)


def test_columns_can_be_chosen_and_other_scores_carry_their_name():
    few = made(invented_result("ours"), chosen=["Faces"])
    assert few.titles == (RANK, METHOD, HEADLINE, "Faces")
    every = made(invented_result("ours"))
    assert "3D, z mean: mean of bins, %" in every.titles
    assert every.titles[every.titles.index(HEADLINE) + 1] == INTERVAL
    assert set(ON_AT_FIRST) < set(EVERYTHING)


def test_another_score_has_figures_and_intervals_of_its_own():
    cells = made(invented_result("ours", 0.04), score="3D, z mean")
    assert column(cells, HEADLINE)["ours"].text == "5.000"
    assert column(cells, INTERVAL)["ours"].text == "4.900 – 5.200"


def test_only_links_have_addresses():
    shown = made(invented_result("<img src=x onerror=alert(1)>"))
    titled = (zip(shown.titles, line.cells, strict=True) for line in shown.lines)
    assert {title for cells in titled for title, cell in cells if cell.links} == {LINKS}


def linked(link: str) -> BoardRow:
    result = replace(invented_result("x"), facts=MethodFacts("x", link=link))
    return view_of([result], Asked("aflw2000-3d")).rows[0]


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://example.org/a", [("link", "https://example.org/a")]),
        ("http://example.org/a)<b>", [("link", "http://example.org/a%29%3Cb%3E")]),
        ("javascript:alert(1)", []),
        ("//example.org", []),
        ("https://[broken", []),
        ("", []),
    ],
)
def test_only_web_addresses_become_links(link: str, shown: list[tuple[str, str]]):
    assert list(links(linked(link))) == shown


def test_a_known_method_links_to_its_paper_and_its_code():
    assert links(linked("https://github.com/XgTu/2DASL")) == (
        ("paper", "https://arxiv.org/abs/1903.09359"),
        ("code", "https://github.com/XgTu/2DASL"),
    )


def test_a_row_of_the_embedded_weights_has_a_year_and_leads_to_the_method():
    facts = MethodFacts("dasl", weights_revision="embedded@16b2bd7d3e7e")
    shown = made(replace(invented_result("x"), facts=facts, created="2026-02-03"))
    assert column(shown, "Year")["dasl"].text == "2026"
    assert column(shown, LINKS)["dasl"].links == (OURS_LINK,)


def test_no_address_can_leave_an_attribute():
    assert '"' not in web_address('https://example.org/"onmouseover="alert(1)')
    assert "'" not in web_address("https://example.org/'x")
