import math
from dataclasses import replace

import gradio as gr
import pandas as pd
import pytest

from eval.results import BinScore, Interval, ProtocolResult, Score, save_result
from space import text
from space.results_tab import HEADLINE, ResultsTab, datatypes, styled, table


def score(mean: float) -> Score:
    return Score(
        z_rule=None,
        mean_of_bins=mean,
        std_of_bins=0.01,
        mean_of_images=mean - 0.002,
        interval=Interval(mean - 0.001, mean + 0.001, level=0.95, draws=100, seed=0),
        failure_rate=0.0,
        failure_threshold=0.1,
        bins=tuple(BinScore(label, 10, mean) for label in ("0-30", "30-60", "60-90")),
        regions={},
        per_image={},
    )


def record(method: str, mean: float, **changed) -> ProtocolResult:
    result = ProtocolResult(
        protocol="aflw2000-3d",
        protocol_version=1,
        method=method,
        link="https://example.org/a",
        weights_revision="",
        training_data="",
        boxes="benchmark",
        submission_sha256="0",
        landmark_source="",
        yaw_source="",
        normaliser="",
        alignment="",
        expected=30,
        scored=30,
        failed_ids=(),
        score_2d=score(mean),
        score_3d=None,
        warnings=(),
    )
    return replace(result, **changed)


PARTIAL = record("partial", 0.01, scored=29, failed_ids=("image1",))


def test_the_best_method_is_first_and_partial_coverage_is_unranked():
    frame = table([record("worse", 0.05), PARTIAL, record("better", 0.03671)])
    assert list(frame["Method"]) == ["better", "worse", "partial"]
    assert list(frame["Rank"]) == ["1", "2", "–"]
    assert list(frame[HEADLINE]) == [3.671, 5.0, 1.0]
    assert frame["95 % interval"][0] == "3.571 – 3.771"
    assert frame["Faces"][2] == "29 of 30"
    assert set(frame["Origin"]) == {"measured"}


def test_bold_is_the_lowest_ranked_error():
    html = styled(table([record("worse", 0.05), PARTIAL, record("better", 0.03)])).to_html()
    bold = html.split("font-weight: 700")[0].rsplit("}", 1)[-1]
    assert "row0_col2" in bold
    assert "row1" not in bold
    assert "row2" not in bold


def test_a_board_of_partial_records_has_no_best():
    assert "font-weight" not in styled(table([PARTIAL])).to_html()


def test_a_missing_3d_score_stays_missing():
    assert math.isnan(table([record("one", 0.05)])["3D, %"][0])


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
    assert table([record("one", 0.05, link=link)])["Link"][0] == shown


def test_nothing_that_others_wrote_is_rendered():
    frame = table([record("<img src=x onerror=alert(1)>", 0.05)])
    kinds = dict(zip(frame.columns, datatypes(frame), strict=True))
    assert kinds["Method"] == "str"
    assert [name for name, kind in kinds.items() if kind == "markdown"] == ["Link"]
    assert isinstance(frame, pd.DataFrame)


def shown(folder, benchmark=None):
    with gr.Blocks() as demo:
        tab = ResultsTab(folder, demo)
    return tab.show(benchmark)


def test_records_are_shown_by_benchmark(tmp_path):
    save_result(tmp_path / "one.json", record("one", 0.05))
    save_result(tmp_path / "two.json", record("two", 0.04, protocol="florence"))
    message, benchmark, results = shown(tmp_path, "florence")
    assert message == text.RESULTS
    assert (benchmark.value, results.visible) == ("florence", True)
    assert results.value["data"][0][1] == "two"


def test_an_empty_folder_says_how_to_get_a_record(tmp_path):
    message, benchmark, results = shown(tmp_path / "missing")
    assert message == text.NO_RECORDS
    assert not benchmark.visible
    assert not results.visible


def test_a_damaged_record_is_named_without_its_folder(tmp_path):
    (tmp_path / "bad.json").write_text("{")
    message, _, _ = shown(tmp_path)
    assert "bad.json" in message
    assert str(tmp_path) not in message
