"""Rows of a board: units, ranks, order, and flat rows."""

import math
from dataclasses import replace

import pytest

from eval.commands.table import RECORDS
from eval.leaderboard.board import (
    AFTER,
    BEFORE,
    BoardRow,
    Column,
    board_rows,
    columns_of,
    flat_row,
    flat_titles,
)
from eval.leaderboard.files import load_records
from eval.leaderboard.quoted import QuotedFigure, QuotedResult, load_quoted
from eval.results.truths import ORIGINAL_MATS
from tests.eval.invented_results import invented_result, invented_score, partial_result

BOARD = "aflw2000-3d"


def quoted(method: str, mean: str, images: str = "", score: str = "2D") -> QuotedResult:
    figure = QuotedFigure(score, "%", dict.fromkeys(("0-30", "30-60", "60-90"), ""), mean, images)
    return QuotedResult(BOARD, method, "2018", "published", (figure,), "remark", "Table 1")


def ranks(rows: list[BoardRow]) -> list[tuple[int | None, str]]:
    return [(row.rank, row.method) for row in rows]


def test_measured_rows_are_ranked_and_partial_coverage_is_not() -> None:
    records = [
        invented_result("worse", 0.05),
        partial_result("partial", 0.01),
        invented_result("best", 0.03),
    ]
    rows = board_rows(BOARD, records, [])
    assert ranks(rows) == [(1, "best"), (2, "worse"), (None, "partial")]
    assert rows[2].faces == "2 of 3"
    assert "1 of its faces failed" in rows[2].remark


def test_quoted_rows_follow_unranked_even_when_they_are_better() -> None:
    rows = board_rows(
        BOARD, [invented_result("ours", 0.05)], [quoted("b", "3.6"), quoted("a", "2")]
    )
    assert ranks(rows) == [(1, "ours"), (None, "a"), (None, "b")]
    assert [row.origin for row in rows] == ["measured", "quoted", "quoted"]


def test_quoted_rows_without_the_first_figure_come_after_those_with_it() -> None:
    rows = board_rows(
        BOARD, [], [quoted("none", ""), quoted("images", "", "1.0"), quoted("bins", "9")]
    )
    assert [row.method for row in rows] == ["bins", "images", "none"]


def test_a_record_against_another_truth_stands_apart_without_a_rank() -> None:
    records = [
        invented_result("honest", 0.05),
        invented_result("other form", 0.04, truth_sha256=ORIGINAL_MATS),
        invented_result("own truth", 0.001, truth_sha256="2" * 64),
    ]
    rows = board_rows(BOARD, records, [])
    assert {row.method: row.rank for row in rows} == {
        "other form": 1,
        "honest": 2,
        "own truth": None,
    }
    apart = next(row for row in rows if row.method == "own truth")
    assert "another truth (sha256 222222222222)" in apart.remark
    assert apart.choices not in {row.choices for row in rows if row.rank}


def test_a_protocol_without_a_known_truth_ranks_each_truth_by_itself() -> None:
    records = [
        invented_result(method, mean, protocol="florence", truth_sha256=truth * 64)
        for method, mean, truth in (("a", 0.05, "1"), ("b", 0.04, "1"), ("c", 0.001, "2"))
    ]
    rows = board_rows("florence", records, [])
    assert {row.method: row.rank for row in rows} == {"b": 1, "a": 2, "c": 1}
    assert {"truth: sha256 111111111111" in row.choices for row in rows} == {True, False}


def test_a_record_that_leaves_images_out_of_all_is_not_ranked() -> None:
    few = invented_result("easy images", 0.001, options={"subset": "all"})
    (row,) = board_rows(BOARD, [few], [])
    assert row.rank is None and "says all images and has 3 of 2,000" in row.remark


def test_a_reported_record_is_shown_without_a_rank() -> None:
    records = [
        invented_result("seen", 0.05),
        invented_result("made up", 0.001, provenance="reported"),
    ]
    rows = board_rows(BOARD, records, [])
    assert ranks(rows) == [(1, "seen"), (None, "made up")]
    assert [row.kind for row in rows] == ["scored here", "reported"]
    assert "has not seen its predictions" in rows[1].remark


def test_the_first_place_names_the_quoted_figures_that_are_better() -> None:
    read = [quoted("far better", "2.5"), quoted("better", "4.9"), quoted("worse", "5.1")]
    read.append(quoted("of another mean", "", "1.0"))
    rows = board_rows(BOARD, [invented_result("ours", 0.05), invented_result("b", 0.06)], read)
    assert rows[0].remark == "first of the measured; better as quoted: far better 2.5, better 4.9"
    assert rows[1].remark == ""
    (alone,) = board_rows(BOARD, [invented_result("ours", 0.02)], read[1:2])[:1]
    assert alone.remark == ""


def test_the_pose_boards_first_place_names_the_quoted_one_that_is_better() -> None:
    records = [r for r in load_records(RECORDS) if r.protocol == "aflw2000-3d-pose"]
    first = board_rows("aflw2000-3d-pose", records, load_quoted())[0]
    assert first.rank == 1
    assert first.remark.endswith("better as quoted: DSFNet-f 3.25")


def test_results_of_other_choices_have_a_ranking_of_their_own() -> None:
    balanced = {"yaw": "yaw.npy", "subset": "balanced", "z_rule": "mean"}
    records = [
        invented_result("a", 0.05),
        invented_result("b", 0.01, options=balanced),
        invented_result("c", 0.02, protocol_version=2),
        invented_result("d", 0.04, options={"yaw": "yaw.npy", "z_rule": "min"}),
    ]
    found = {row.method: row.rank for row in board_rows(BOARD, records, [])}
    # the z rule shapes the 3D score only, and its label names it
    assert found == {"d": 1, "a": 2, "b": 1, "c": 1}


def test_other_boards_are_left_out() -> None:
    other = invented_result("other", protocol="florence")
    assert board_rows(BOARD, [other], [replace(quoted("x", "1"), board="florence")]) == []


def test_fractions_become_percent_and_quoted_figures_keep_their_digits() -> None:
    measured, read = board_rows(
        BOARD, [invented_result("ours", 0.0364395898)], [quoted("a", "4.50")]
    )
    column = Column("2D", "mean of bins", "%")
    assert measured.cells[column].value == pytest.approx(3.64395898)
    assert measured.cells[column].text == "3.644"
    assert (read.cells[column].value, read.cells[column].text) == (4.5, "4.50")


def test_degrees_stay_degrees() -> None:
    score = invented_score(
        math.nan, label="yaw", unit="deg", aggregate="mean_of_images", bins=(), mean_of_images=3.456
    )
    (row,) = board_rows(BOARD, [invented_result("pose", scores=(score,))], [])
    assert {c.title: cell.text for c, cell in row.cells.items()} == {
        "yaw: mean of images, deg": "3.46"
    }


def test_columns_go_score_by_score_with_bins_before_means() -> None:
    rows = board_rows(
        BOARD,
        [invented_result("ours")],
        [quoted("a", "", "1", score="3D, z none"), quoted("b", "2")],
    )
    statistics = [
        "0-30",
        "30-60",
        "60-90",
        "mean of bins",
        "95 % low",
        "95 % high",
        "mean of images",
    ]
    wanted = [(score, s) for score in ("2D", "3D, z mean") for s in statistics]
    found = [(column.score, column.statistic) for column in columns_of(rows)]
    assert found == [*wanted, ("3D, z none", "mean of images")]


def test_a_measured_row_says_what_was_scored_by_what_and_when() -> None:
    (row,) = board_rows(BOARD, [invented_result("ours")], [])
    assert row.source == "scored by dasl 9 on 2026-01-02, submission 6f7572730000"
    assert row.link == ""  # "not stated" is not a link
    assert row.choices == "yaw: yaw.npy, protocol version: 1"


def test_flat_rows_have_numbers_and_gaps() -> None:
    rows = board_rows(BOARD, [invented_result("ours", 0.04)], [quoted("a", "4.50")])
    ours, theirs = map(flat_row, rows)
    assert set(theirs) < set(ours) == set(flat_titles(rows))
    assert [row["rank"] for row in (ours, theirs)] == [1, None]
    assert [row["2D: mean of bins, %"] for row in (ours, theirs)] == [4.0, 4.5]
    assert "2D: 95 % low, %" in ours and "2D: 95 % low, %" not in theirs
    assert theirs["source"] == "Table 1"


def test_titles_of_no_rows_are_those_without_figures() -> None:
    assert flat_titles([]) == [*BEFORE, *AFTER]


def test_every_shipped_board_has_flat_rows() -> None:
    results = load_quoted()
    for board in {result.board for result in results}:
        rows = board_rows(board, [], results)
        assert len(rows) == sum(result.board == board for result in results)
        titles = flat_titles(rows)
        assert all(set(flat_row(row)) <= set(titles) for row in rows)
        assert all(any(title in flat_row(row) for row in rows) for title in titles)


def test_the_variant_with_the_most_images_comes_first() -> None:
    fewer = invented_result("fewer", 0.01, options={"subset": "a"}, expected=2, scored=2)
    rows = board_rows("aflw2000-3d", [fewer, invented_result("every", 0.05)], [])
    assert [(row.method, row.rank) for row in rows] == [("every", 1), ("fewer", 1)]
