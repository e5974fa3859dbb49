import math
from dataclasses import replace

import gradio as gr
import pandas as pd
import pytest

from eval.leaderboard.board import board_rows
from eval.leaderboard.quoted import load_quoted
from eval.record_files import save_record
from eval.results import BinScore, Interval, MethodFacts, ProtocolResult, Score
from space import text
from space.results_tab import ORIGINS, ResultsTab, datatypes, styled, table


def score(mean: float) -> Score:
    return Score(
        name="2d",
        label="2D",
        unit="fraction",
        aggregate="mean_of_bins",
        mean_of_bins=mean,
        std_of_bins=0.01,
        mean_of_images=mean - 0.002,
        interval=Interval(mean - 0.001, mean + 0.001, level=0.95, draws=100, seed=0),
        thresholds=(),
        bins=tuple(BinScore(label, 10, mean) for label in ("0-30", "30-60", "60-90")),
        regions={},
        per_point=(),
        per_image={},
    )


def record(method: str, mean: float, link: str = "https://example.org/a", **changed):
    result = ProtocolResult(
        protocol="aflw2000-3d",
        protocol_version=1,
        options={},
        facts=MethodFacts(method, link=link, boxes="benchmark"),
        submission_sha256="0",
        truth_sha256="0",
        truth_source="",
        normaliser="",
        alignment="",
        expected=30,
        scored=30,
        failed_ids=(),
        scores=(score(mean),),
        warnings=(),
        package_version="0",
        created="2026-01-01",
    )
    return replace(result, **changed)


PARTIAL = record("partial", 0.01, scored=29, failed_ids=("image1",))
HEADLINE = "2D: mean of bins, %"


def rows(*records):
    return board_rows("aflw2000-3d", records, [])


def test_the_best_method_is_first_and_partial_coverage_is_unranked():
    frame = table(rows(record("worse", 0.05), PARTIAL, record("better", 0.03671)))
    assert list(frame["Method"]) == ["better", "worse", "partial"]
    assert list(frame["Rank"]) == ["1", "2", "–"]
    assert list(frame[HEADLINE].round(6)) == [3.671, 5.0, 1.0]
    assert frame["95 % interval"][0] == "3.571 – 3.771"
    assert frame["Faces"][2] == "29 of 30"
    assert set(frame["Origin"]) == {"measured"}


def test_quoted_rows_come_last_and_say_where_they_were_read():
    frame = table(board_rows("aflw2000-3d", [record("ours", 0.09)], load_quoted()))
    assert frame["Method"][0] == "ours"
    quoted = frame[frame["Method"] == "PRNet"].iloc[0]
    assert quoted["Origin"] == "quoted (published)"
    assert quoted["Rank"] == "–"
    assert quoted[HEADLINE] == 3.62
    assert "PRNet" in quoted["Source"]


def test_a_quoted_figure_shows_only_the_digits_that_were_printed():
    frame = table(board_rows("aflw2000-3d", [record("ours", 0.0361)], load_quoted()))
    html = styled(frame).to_html()
    assert ">3.610</td>" in html
    assert ">3.62</td>" in html
    assert ">3.620</td>" not in html


def test_bold_is_the_lowest_ranked_error():
    frame = table(rows(record("worse", 0.05), PARTIAL, record("better", 0.03)))
    html = styled(frame).to_html()
    bold = html.split("font-weight: 700")[0].rsplit("}", 1)[-1]
    assert f"row0_col{list(frame.columns).index(HEADLINE)}" in bold
    assert "row1" not in bold
    assert "row2" not in bold


def test_a_board_of_partial_records_has_no_best():
    assert "font-weight" not in styled(table(rows(PARTIAL))).to_html()


def test_a_figure_that_is_not_known_stays_missing():
    frame = table(board_rows("aflw2000-3d", [record("one", 0.05)], load_quoted()))
    known = frame[frame["Method"] == "one"].iloc[0]
    assert math.isnan(known["3D, z mean: mean of images, %"])


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://example.org/a", "[example.org](https://example.org/a)"),
        ("http://example.org/a)<b>", "[example.org](http://example.org/a%29%3Cb%3E)"),
        ("javascript:alert(1)", ""),
        ("//example.org", ""),
        ("https://[broken", ""),
        ("", ""),
    ],
)
def test_only_web_addresses_become_links(link, shown):
    assert table(rows(record("one", 0.05, link=link)))["Link"][0] == shown


def test_nothing_that_others_wrote_is_rendered():
    frame = table(rows(record("<img src=x onerror=alert(1)>", 0.05)))
    kinds = dict(zip(frame.columns, datatypes(frame), strict=True))
    assert kinds["Method"] == "str"
    assert [name for name, kind in kinds.items() if kind == "markdown"] == ["Link"]
    assert isinstance(frame, pd.DataFrame)


def shown(folder, benchmark=None, origins=ORIGINS[0]):
    with gr.Blocks() as demo:
        tab = ResultsTab(folder, demo)
    return tab.show(benchmark, origins)


def test_records_are_shown_by_benchmark(tmp_path):
    save_record(tmp_path / "one.json", record("one", 0.05))
    save_record(tmp_path / "two.json", record("two", 0.04, protocol="florence"))
    message, benchmark, results = shown(tmp_path, "florence", "Measured")
    assert message == text.RESULTS
    assert (benchmark.value, results.visible) == ("florence", True)
    assert [row[1] for row in results.value["data"]] == ["two"]


def test_an_empty_folder_shows_the_quoted_rows_and_says_how_to_get_a_record(tmp_path):
    message, benchmark, results = shown(tmp_path / "missing")
    assert message == text.RESULTS
    assert results.visible
    message, benchmark, results = shown(tmp_path / "missing", "aflw2000-3d", "Measured")
    assert message == text.NO_RECORDS
    assert benchmark.value == "aflw2000-3d"
    assert not results.visible


def test_a_damaged_record_is_named_without_its_folder(tmp_path):
    (tmp_path / "bad.json").write_text("{")
    message, _, _ = shown(tmp_path)
    assert "bad.json" in message
    assert str(tmp_path) not in message
