"""Results and boards as text for the terminal."""

import math

from eval.leaderboard.board import board_rows
from eval.leaderboard.quoted import load_quoted
from eval.leaderboard.report import protocol_text, result_text, table_text
from eval.results.record import MethodFacts
from tests.eval.invented_results import invented_result, invented_score, partial_result

BOARD = "aflw2000-3d"


def row_of(text: str, start: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(start))


def test_the_report_shows_percent_coverage_choices_and_warnings() -> None:
    text = result_text(partial_result("shifted", 0.01))
    assert "2 of 3 scored, coverage 66.7 %" in text
    assert "failed      image3; means are over the scored faces" in text
    assert row_of(text, "yaw").split() == ["yaw", "yaw.npy"]
    assert "warning: systematic offset" in text
    assert row_of(text, "2D, %").split()[2:7] == ["0.000", "1.000", "0.500", "0.500", "0.500"]


def test_the_report_shows_failures_area_and_regions() -> None:
    text = result_text(invented_result("one", 0.04))
    assert row_of(text, "thresholds").split() == ["thresholds", "failures", ">", "5", "AUC", "5"]
    assert row_of(text, "2D ").split() == ["2D", "0.00", "%", "0.200"]
    assert row_of(text, "regions").split() == ["regions", "jaw"]


def test_degrees_are_shown_with_two_decimals() -> None:
    score = invented_score(
        math.nan,
        label="yaw",
        unit="deg",
        aggregate="mean_of_images",
        bins=(),
        std_of_bins=math.nan,
        mean_of_images=3.456,
    )
    text = result_text(invented_result("pose", scores=(score,)))
    assert row_of(text, "yaw, deg").split()[2:5] == ["-", "-", "3.46"]


def test_the_table_tells_measured_from_quoted() -> None:
    rows = board_rows(BOARD, [invented_result("ours", 0.04)], load_quoted())
    text = table_text({BOARD: rows})
    measured, quoted = text.split("quoted, as their sources print them")
    assert "measured by this scorer; yaw: yaw.npy, protocol version: 1" in measured
    assert row_of(measured, "1 ").split()[1:9] == [
        *("ours", "2026", "3.000", "4.000", "5.000", "4.000", "[3.900,", "4.200]")
    ]
    assert "rank" in measured and "rank  " not in quoted
    assert row_of(quoted, "2DASL ").split()[1:6] == ["2019", "2.75", "3.46", "4.45", "3.55"]


def test_every_row_of_the_table_refers_to_its_source_and_remark() -> None:
    rows = board_rows(BOARD, [partial_result("ours", 0.04)], load_quoted())
    text = table_text({BOARD: rows})
    for row in rows:
        assert f"] {row.source}\n" in text
        assert not row.remark or f" {row.remark}\n" in text
    number = row_of(text, "3DSTN").split()[-1]
    assert f"{number} PRNet (ECCV 2018) Table 1;" in text


def test_choices_that_do_not_compare_stand_in_blocks_of_their_own() -> None:
    other = invented_result("b", options={"yaw": "mine.npy"})
    text = table_text({BOARD: board_rows(BOARD, [invented_result("a"), other], [])})
    assert text.count("measured by this scorer") == 2
    assert [line[:7] for line in text.splitlines() if line.startswith("1 ")] == [
        "1     b",
        "1     a",
    ]


def test_a_record_cannot_send_control_characters_to_the_terminal() -> None:
    bad = "\x1b[2J\nrank 1"
    record = invented_result(
        "x", facts=MethodFacts(bad, boxes=bad, link=bad), options={bad: bad}, created=bad
    )
    text = table_text({BOARD: board_rows(BOARD, [record], [])})
    assert "\x1b" not in text
    assert not any(line.startswith("rank 1") for line in text.splitlines())


def test_a_long_method_name_is_cut() -> None:
    rows = board_rows(BOARD, [invented_result("m" * 100)], [])
    assert "m" * 41 + "..." in table_text({BOARD: rows})


def test_a_board_with_remarks_only_is_shown() -> None:
    rows = [row for row in board_rows(BOARD, [], load_quoted()) if row.method == "CDM"]
    assert "AFLW, 21 points, only" in table_text({BOARD: rows})


def test_an_empty_table_says_how_to_fill_it() -> None:
    assert "no results yet; add one with python -m eval score" in table_text({BOARD: []})


def test_protocols_without_any_choice_are_no_text() -> None:
    assert protocol_text([]) == "\n"
