"""Boards as CSV, Markdown and LaTeX."""

import csv
import io
import re
from dataclasses import replace

import pytest

from eval.leaderboard.board import BoardRow, board_rows
from eval.leaderboard.export import TABLES, csv_text, latex_text, markdown_text
from eval.leaderboard.quoted import load_quoted
from eval.results.record import MethodFacts
from tests.eval.invented_results import invented_result, partial_result

BOARD = "aflw2000-3d"


@pytest.fixture
def rows() -> list[BoardRow]:
    records = [
        invented_result("first", 0.0312345678901),
        invented_result("second", 0.05),
        partial_result("partial", 0.01),
    ]
    return board_rows(BOARD, records, load_quoted())


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_holds_every_row_with_unrounded_figures(rows: list[BoardRow]) -> None:
    table = read_csv(csv_text(BOARD, rows))
    assert len(table) == len(rows)
    assert table[0]["2D: mean of bins, %"] == "3.123456789"
    assert table[0]["board"] == BOARD
    assert [line["rank"] for line in table[:4]] == ["1", "2", "", ""]
    assert [line["origin"] for line in table[:4]] == ["measured"] * 3 + ["quoted"]
    assert all(line["source"] for line in table)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a"])
def test_csv_does_not_hand_formulas_to_a_spreadsheet(text: str) -> None:
    rows = board_rows(BOARD, [invented_result("x", facts=MethodFacts(text))], [])
    assert read_csv(csv_text(BOARD, rows))[0]["method"] == f"'{text}"


def test_markdown_tables_are_rectangular_and_tell_quoted_apart(rows: list[BoardRow]) -> None:
    measured, quoted = markdown_text(BOARD, rows).split("quoted, as their sources print them")
    for part in (measured, quoted):
        lines = [line for line in part.splitlines() if line.startswith("| ")]
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1
        assert lines[1].replace(" ", "").strip("|-") == ""
    assert "| 1 | first |" in measured and "SynergyNet" in quoted
    assert "\\[1\\] scored by dasl 9" in quoted  # the notes stand at the end


def test_bold_is_the_best_ranked_figure_of_each_column(rows: list[BoardRow]) -> None:
    text = markdown_text(BOARD, rows)
    assert "**3.123**" in text and "**5.000**" not in text
    assert "**1.000**" not in text  # the partial row is lower, and unranked
    assert text.count("**3.55**") == 0  # nor is a quoted figure
    assert r"\textbf{3.123}" in latex_text(BOARD, rows)


def test_a_strangers_name_is_no_markup() -> None:
    name = r"<img src=x>|a_b*c* [x](y) `z` 5 % & #1 {d} ~ ^ \input{x}"
    rows = board_rows(BOARD, [invented_result("x", facts=MethodFacts(name))], [])
    markdown = markdown_text(BOARD, rows)
    assert r"\<img src=x\>\|a\_b\*c\* \[x\](y) \`z\` 5 % & \#1 {d}" in markdown
    latex = latex_text(BOARD, rows)
    assert (
        r"5 \% \& \#1 \{d\} \textasciitilde{} \textasciicircum{} \textbackslash{}input\{x\}"
        in latex
    )


def test_latex_rows_have_as_many_cells_as_columns(rows: list[BoardRow]) -> None:
    text = latex_text(BOARD, rows)
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 2
    for tabular in re.findall(r"\\begin\{tabular\}\{(.*?)\}(.*?)\\end", text, re.DOTALL):
        layout, body = tabular
        lines = [line for line in body.splitlines() if line.endswith(r"\\")]
        for line in lines:
            spans = [int(width) for width in re.findall(r"\\multicolumn\{(\d+)\}", line)]
            cells = len(re.findall(r"(?<!\\)&", line)) + 1 + sum(spans) - len(spans)
            assert cells == len(layout), line
    assert not re.search(r"^\s*\[", text, re.MULTILINE)  # LaTeX would take it for an option of \\


def test_every_shipped_board_can_be_exported_in_every_form() -> None:
    quoted = load_quoted()
    for board in {result.board for result in quoted}:
        rows = board_rows(board, [], quoted)
        assert all(len(text(board, rows)) > 100 for text in TABLES.values())


def test_a_row_without_a_source_has_no_mark(rows: list[BoardRow]) -> None:
    assert "| 3 of 3 | scored here |  |" in markdown_text(
        BOARD, [replace(rows[0], source="", remark="")]
    )
