"""Publications behind rows, and citations that nobody's text can break."""

import re
from dataclasses import replace

import pytest

from eval.leaderboard.board import BoardRow, board_rows
from eval.leaderboard.papers import citations, paper_of, papers
from eval.leaderboard.quoted import load_quoted
from eval.results.record import MethodFacts
from tests.eval.invented_results import invented_result


def quoted(method: str) -> BoardRow:
    return BoardRow("aflw2000-3d", "quoted", method, "", {})


def measured(method: str, link: str = "not stated") -> BoardRow:
    result = replace(invented_result("x"), facts=MethodFacts(method, link=link))
    return board_rows("aflw2000-3d", [result], [])[0]


@pytest.mark.parametrize(
    ("method", "year"),
    [
        ("3DDFA", "2016"),
        ("3DDFA (TPAMI)", "2019"),
        ("3DDFA-V2: VDC", "2020"),
        ("3DDFA+SDM", "2016"),
        ("2DASL(cyc)", "2021"),
        ("FAN (12 pts)", "2017"),
    ],
)
def test_a_quoted_row_is_known_by_how_its_name_begins(method: str, year: str) -> None:
    found = paper_of(quoted(method))
    assert found is not None and found.year == year


@pytest.mark.parametrize("method", ["2DAL", "PRNetwork", "HPE", ""])
def test_a_name_that_only_looks_alike_has_no_paper(method: str) -> None:
    assert paper_of(quoted(method)) is None


def test_a_measured_row_is_known_by_its_link_not_by_its_name() -> None:
    assert paper_of(measured("PRNet")) is None
    found = paper_of(measured("mine", "https://github.com/XgTu/2DASL/"))
    assert found is not None and found.method == "2DASL"


def test_every_known_paper_stands_behind_a_row_of_some_board() -> None:
    names = {paper.method for r in load_quoted() if (paper := paper_of(quoted(r.method)))}
    assert names == {paper.method for paper in papers()}
    addresses = [address for paper in papers() for address in (paper.paper, paper.code) if address]
    assert all(re.fullmatch(r"https://(arxiv\.org|github\.com)/\S+", a) for a in addresses)


def test_a_measured_row_is_cited_with_its_paper_and_its_measurement() -> None:
    text = citations(measured("2DASL", "https://github.com/XgTu/2DASL"))
    assert text.startswith("@article{2dasl-2021,")
    assert "@misc{2dasl-2026-aflw2000-3d," in text
    assert "3 of 3 images" in text


def test_a_strangers_text_cannot_leave_its_field() -> None:
    text = citations(measured("evil}, note = {x\\input{y}\n%"))
    assert text.count("@") == 1
    assert r"evil\}, note = \{x\textbackslash{}input\{y\}" in text


def test_an_unknown_quoted_row_has_nothing_to_cite() -> None:
    assert citations(quoted("HPE")) == ""
