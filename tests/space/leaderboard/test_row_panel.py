import csv
from pathlib import Path

import gradio as gr
import pytest

from eval.leaderboard.board import BoardRow
from eval.leaderboard.files import load_record
from space.leaderboard.row_panel import ERRORS, RECORD, RowPanel, row_file
from space.leaderboard.view import Asked, view_of
from tests.eval.invented_results import invented_result


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))


def test_the_files_of_a_row_are_its_record_and_the_error_of_each_image():
    record = invented_result("mine")
    as_json, as_csv = row_file(RECORD, record), row_file(ERRORS, record)
    assert as_csv.name == f"{as_json.stem}.per_image.csv"
    assert load_record(row_file(RECORD, record)).facts.method == "mine"
    rows = list(csv.reader(as_csv.read_text().splitlines()))
    assert len(rows) == 1 + len(record.headline.per_image)


def test_a_forgotten_row_has_no_file(monkeypatch):
    told = []
    monkeypatch.setattr(gr, "Warning", told.append)
    assert row_file(RECORD, None) is None
    assert "Choose the row again" in told[0]


def test_only_measured_rows_offer_files():
    with gr.Blocks():
        panel = RowPanel()
    measured = view_of([invented_result("mine")], Asked("aflw2000-3d")).rows[0]
    quoted = BoardRow("aflw2000-3d", "quoted", "PRNet", "2018", {})
    offered = [
        panel.shown(row, "2D")[panel._downloads.row].visible for row in (measured, quoted, None)
    ]
    assert offered == [True, False, False]
