import json
from dataclasses import replace

import pytest

from eval.leaderboard.board import BoardRow
from eval.results.record import MethodFacts
from space.leaderboard.table import (
    BEST,
    CHOICES,
    INTERVAL,
    LINKS,
    MEASURED_ROW,
    METHOD,
    MISSING,
    NOTHING,
    ON_AT_FIRST,
    RANK,
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


def column(shown: Table, title: str) -> dict[str, object]:
    place, names = shown.titles.index(title), shown.titles.index(METHOD)
    return {line[names].text: line[place] for line in shown.lines}


def test_the_best_ranked_figure_and_its_interval_are_bold():
    shown = made(invented_result("worse", 0.05), invented_result("better", 0.03))
    for title in (HEADLINE, INTERVAL):
        cells = column(shown, title)
        assert BEST in cells["better"].style
        assert BEST not in cells["worse"].style
    assert column(shown, INTERVAL)["better"].text == "2.900 – 3.200"


def test_partial_coverage_is_shown_unranked_and_never_bold():
    shown = made(invented_result("full", 0.05), partial_result("partial", 0.01))
    assert [column(shown, RANK)[name].text for name in ("full", "partial")] == ["1", NOTHING]
    assert BEST not in column(shown, HEADLINE)["partial"].style
    assert column(shown, "Faces")["partial"].text == "2 of 3"


def test_measured_rows_are_marked_and_quoted_ones_say_how_they_came_about():
    shown = made(invented_result("ours", 0.05))
    origin = column(shown, "Origin")
    assert origin["ours"].text == "measured · scored here" and MEASURED_ROW in origin["ours"].style
    assert origin["PRNet"].text == "quoted · published" and origin["PRNet"].style == ""


def test_a_quoted_figure_shows_only_the_digits_that_were_printed():
    cells = column(made(invented_result("ours", 0.0361)), HEADLINE)
    assert (cells["ours"].text, cells["SADRNet"].text) == ("3.610", "3.46")


def test_what_is_not_known_is_a_dash_that_sorts_behind_every_figure():
    shown = made(invented_result("ours"))
    dashes = [c for line in shown.lines for c in line if c.text == NOTHING]
    figures = [
        c.value
        for line in shown.lines
        for c, kind in zip(line, shown.kinds, strict=True)
        if kind == "number" and c.text != NOTHING
    ]
    assert dashes and {cell.value for cell in dashes} == {MISSING}
    assert max(figures) < MISSING
    json.dumps(shown.for_gradio(), allow_nan=False)


def test_columns_can_be_chosen_and_other_scores_carry_their_name():
    few = made(invented_result("ours"), chosen=["Faces"])
    assert few.titles == (RANK, METHOD, HEADLINE, "Faces")
    every = made(invented_result("ours"))
    assert "3D, z mean: mean of bins, %" in every.titles
    assert every.titles[every.titles.index(HEADLINE) + 1] == INTERVAL
    assert set(ON_AT_FIRST) < set(EVERYTHING)
    assert len(every.widths) == len(every.titles)


def test_another_score_has_figures_and_intervals_of_its_own():
    cells = made(invented_result("ours", 0.04), score="3D, z mean")
    assert column(cells, HEADLINE)["ours"].text == "5.000"
    assert column(cells, INTERVAL)["ours"].text == "4.900 – 5.200"


def test_only_links_may_render():
    shown = made(invented_result("<img src=x onerror=alert(1)>"))
    kinds = dict(zip(shown.titles, shown.kinds, strict=True))
    assert [title for title, kind in kinds.items() if kind == "markdown"] == [LINKS]


def linked(link: str) -> BoardRow:
    result = replace(invented_result("x"), facts=MethodFacts("x", link=link))
    return view_of([result], Asked("aflw2000-3d")).rows[0]


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://example.org/a", "[link](https://example.org/a)"),
        ("http://example.org/a)<b>", "[link](http://example.org/a%29%3Cb%3E)"),
        ("javascript:alert(1)", ""),
        ("//example.org", ""),
        ("https://[broken", ""),
        ("", ""),
    ],
)
def test_only_web_addresses_become_links(link: str, shown: str):
    assert links(linked(link)) == shown


def test_a_known_method_links_to_its_paper_and_its_code():
    assert links(linked("https://github.com/XgTu/2DASL")) == (
        "[paper](https://arxiv.org/abs/1903.09359) · [code](https://github.com/XgTu/2DASL)"
    )


def test_no_address_can_leave_an_attribute():
    assert '"' not in web_address('https://example.org/"onmouseover="alert(1)')
    assert "'" not in web_address("https://example.org/'x")
