"""`eval table`, `eval export` and `eval add` through their parsers."""

import argparse
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from eval.commands import add, export, table
from eval.errors import RecordError
from eval.leaderboard.files import load_records, save_record
from eval.leaderboard.storage import FolderStore
from tests.eval.invented_results import invented_result, partial_result


def ran(command: ModuleType, *arguments: object) -> str:
    parser = argparse.ArgumentParser()
    command.add(parser.add_subparsers(dest="command"))
    name = command.__name__.rpartition(".")[2]
    text = command.run(parser, parser.parse_args([name, *map(str, arguments)]))
    assert isinstance(text, str)
    return text


@pytest.fixture
def records(tmp_path: Path) -> Path:
    folder = tmp_path / "records"
    folder.mkdir()
    save_record(folder / "one.json", invented_result("one", 0.03))
    save_record(folder / "two.json", partial_result("two", 0.02))
    return folder


def test_the_table_shows_the_packages_own_records_and_every_quoted_board() -> None:
    text = ran(table)
    assert "aflw2000-3d: errors in percent" in text
    assert "measured by this scorer" in text and "PRNet (ECCV 2018) Table 1" in text
    assert "2.652  3.629  4.651  3.644" in text  # the released 2DASL coefficients, scored here


def test_the_table_shows_one_origin_on_request(records: Path) -> None:
    measured = ran(table, "aflw2000-3d", "--records", records, "--origin", "measured")
    assert "one" in measured and "quoted" not in measured
    quoted = ran(table, "aflw2000-3d", "--origin", "quoted")
    assert "measured by this scorer" not in quoted and "SynergyNet" in quoted


@pytest.mark.parametrize("format_name", ["csv", "markdown", "latex"])
def test_a_board_is_exported_to_a_file_or_to_stdout(records: Path, format_name: str) -> None:
    output = records.parent / "board"
    arguments = ("aflw2000-3d", "--format", format_name, "--records", records)
    assert ran(export, *arguments, "--output", output) == f"wrote {output}\n"
    assert output.read_text() == ran(export, *arguments)
    assert "SynergyNet" in output.read_text()


def test_a_result_is_exported_for_the_hub(records: Path) -> None:
    arguments = ("aflw2000-3d", "--records", records, "--method", "one", "--dataset", "user/data")
    entries = yaml.safe_load(ran(export, *arguments, "--format", "eval-results"))
    assert entries[0]["dataset"] == {"id": "user/data", "task_id": "aflw2000-3d-2d"}
    assert "model-index:" in ran(export, *arguments, "--format", "model-card")


@pytest.mark.parametrize(
    "arguments",
    [
        ["aflw2000-3d"],
        ["aflw2000-3d", "--format", "pdf"],
        ["aflw2000-3d", "--format", "csv", "--method", "one"],
        ["aflw2000-3d", "--format", "eval-results"],
        ["aflw2000-3d", "--format", "eval-results", "--dataset", "data"],
        ["aflw2000-3d", "--format", "csv", "--records", "/nowhere"],
    ],
)
def test_a_wrong_export_command_is_status_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        ran(export, *arguments)
    assert stop.value.code == 2


def test_an_export_of_nothing_or_to_nowhere_says_so(records: Path) -> None:
    arguments = ("aflw2000-3d-reannotated", "--format", "csv", "--records", records)
    with pytest.raises(RecordError, match="no results of aflw2000-3d-reannotated"):
        ran(export, *arguments, "--origin", "measured")
    with pytest.raises(RecordError, match=r"cannot write .*nowhere"):
        ran(export, *arguments, "--output", records / "nowhere" / "x.csv")


def test_records_are_added_to_a_folder_and_shown_from_there(records: Path) -> None:
    board = records.parent / "board"
    text = ran(add, records / "one.json", records / "two.json", "--to", board)
    assert text.count("added aflw2000-3d_") == 2 and text.count("reported: unranked") == 2
    assert {r.provenance for r in load_records(board)} == {"reported"}  # the files say "scored"
    assert [r.facts.method for r in load_records(board)] == ["one", "two"]
    assert "one" in ran(table, "--records", board, "--origin", "measured")


def test_a_reported_record_does_not_replace_one_that_was_scored(records: Path) -> None:
    board = records.parent / "board"
    FolderStore(board).add(invented_result("one", 0.05))
    with pytest.raises(RecordError, match="one is on this board, scored here; pass --submission"):
        ran(add, records / "one.json", "--to", board)
    assert [r.provenance for r in load_records(board)] == ["scored"]


def test_a_damaged_record_is_refused_before_any_is_added(records: Path) -> None:
    (records / "bad.json").write_text("{")
    with pytest.raises(RecordError, match=r"bad\.json"):
        ran(add, records / "one.json", records / "bad.json", "--to", records.parent / "board")
    assert not (records.parent / "board").exists()


def test_an_address_of_another_form_is_refused() -> None:
    with pytest.raises(RecordError, match="hf://datasets/USER/NAME, got hf://models/a/b"):
        ran(table, "--records", "hf://models/a/b")
