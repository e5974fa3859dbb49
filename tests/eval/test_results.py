"""Records: JSON both ways, and the texts made from them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.aflw2000_data import Aflw2000
from eval.errors import RecordError
from eval.protocols.aflw2000 import AFLW2000_3D, score
from eval.report import result_text, table_text
from eval.results import ProtocolResult, from_json, load_records, save_result, to_json
from eval.submission import Submission


@pytest.fixture
def result(benchmark: Aflw2000) -> ProtocolResult:
    """A shift of one pixel, with the fifth face failed."""
    landmarks = benchmark.landmarks68 + np.array([1.0, 0.0, 0.0])
    landmarks[4] = np.nan
    submission = Submission(benchmark.ids, landmarks, {"method": "shifted"})
    return score(AFLW2000_3D, benchmark, submission, draws=20)


def test_a_record_survives_the_way_through_json(result: ProtocolResult) -> None:
    again = from_json(to_json(result))
    assert repr(again) == repr(result)  # repr: NaN differs from itself
    assert json.loads(to_json(result))["score_2d"]["per_image"]["image00004"] is None


def test_records_come_by_name_and_an_absent_folder_has_none(
    tmp_path: Path, result: ProtocolResult
) -> None:
    save_result(tmp_path / "b.json", replace(result, method="second"))
    save_result(tmp_path / "a.json", result)
    assert [record.method for record in load_records(tmp_path)] == ["shifted", "second"]
    assert load_records(tmp_path / "nowhere") == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 99}, "schema_version must be 1, got 99"),
        ({"surprise": 1}, "missing or unknown fields: surprise"),
        ({"scored": "many"}, "scored must be int, got 'many'"),
        ({"score_2d": None}, "score_2d must be Score, got None"),
        ({"warnings": "none"}, "warnings must be tuple"),
    ],
)
def test_a_record_that_does_not_fit_is_refused(
    tmp_path: Path, result: ProtocolResult, change: dict[str, object], message: str
) -> None:
    data = json.loads(to_json(result)) | change
    (tmp_path / "bad.json").write_text(json.dumps(data))
    with pytest.raises(RecordError, match=f"bad.json: .*{message}"):
        load_records(tmp_path)


def test_the_report_shows_percent_coverage_and_sources(result: ProtocolResult) -> None:
    text = result_text(result)
    assert "5 of 6 scored, coverage 83.3 %" in text and "image00004" in text
    row = next(line for line in text.splitlines() if line.startswith("2D"))
    assert row.split()[:5] == ["2D", "1.000", "1.000", "1.000", "1.000"]
    assert "yaw         invented" in text and "warning: systematic offset" in text


def test_the_table_ranks_by_mean_of_bins_and_leaves_partial_coverage_unranked(
    result: ProtocolResult,
) -> None:
    full = replace(result, scored=6, failed_ids=())
    worse = replace(full, method="worse", score_2d=replace(full.score_2d, mean_of_bins=0.02))
    partial = replace(result, method="partial")
    lines = table_text([partial, worse, full]).splitlines()[2:]
    assert [line.split()[:2] for line in lines] == [
        ["1", "shifted"],
        ["2", "worse"],
        ["-", "partial"],
    ]
    assert all("measured" in line for line in lines)


def test_an_empty_table_says_how_to_fill_it() -> None:
    assert "no records yet" in table_text([])
