import shutil
from pathlib import Path

import pytest

import space.records as module
from eval.errors import RecordError
from eval.leaderboard.files import save_record
from eval.leaderboard.storage import open_store
from space.records import PUBLISHED, RecordSource
from tests.eval.invented_results import invented_result


def methods(source: RecordSource) -> list[str]:
    return sorted(result.facts.method for result in source.read().results)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    save_record(folder / "ours.json", invented_result("ours"))
    return folder


def test_records_of_the_project_and_submitted_ones_come_together(own, tmp_path):
    source = RecordSource(own, str(tmp_path / "board"))
    assert methods(source) == ["ours"]
    open_store(str(tmp_path / "board"), PUBLISHED).add(invented_result("theirs"))
    assert methods(source) == ["ours", "theirs"]


def test_the_same_run_counts_once_and_the_submitted_record_wins(own, tmp_path):
    open_store(str(tmp_path / "board"), PUBLISHED).add(
        invented_result("ours", created="2030-01-01")
    )
    (result,) = RecordSource(own, str(tmp_path / "board")).read().results
    assert result.created == "2030-01-01"


def test_nothing_is_read_again_while_nothing_changes(own, tmp_path, monkeypatch):
    source = RecordSource(own, str(tmp_path / "board"))
    first = source.read().results
    monkeypatch.setattr(module, "read_records", None)  # would fail if it were called
    assert source.read().results == first


def test_a_damaged_record_is_named_without_its_folder_and_the_others_stay(own, tmp_path):
    (own / "bad.json").write_text("{")
    records = RecordSource(own, str(tmp_path / "board")).read()
    assert [result.facts.method for result in records.results] == ["ours"]
    assert records.problems == ("A record cannot be read: bad.json.",)


def test_a_damaged_submitted_record_is_named_and_the_others_stay(own, tmp_path):
    board = tmp_path / "board"
    open_store(str(board), PUBLISHED).add(invented_result("theirs"))
    (board / PUBLISHED / "broken.json").write_text("{")
    source = RecordSource(own, str(board))
    assert methods(source) == ["ours", "theirs"]
    assert source.read().problems == ("A record cannot be read: broken.json.",)


def test_what_was_read_stays_where_the_place_stops_answering(own, tmp_path, monkeypatch):
    board = tmp_path / "board"
    store = open_store(str(board), PUBLISHED)
    store.add(invented_result("theirs"))
    source = RecordSource(own, str(board))
    assert methods(source) == ["ours", "theirs"]

    def locked(self):
        raise RecordError(f"{board} was locked by another process")

    monkeypatch.setattr(type(store), "load", locked)
    (board / PUBLISHED / "new.json").touch()  # so that it is read again
    assert methods(source) == ["ours", "theirs"]
    (problem,) = source.read().problems
    assert "cannot be read right now" in problem and str(tmp_path) not in problem


def test_a_hub_that_is_away_leaves_the_projects_own_records(own, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    source = RecordSource(own, "hf://datasets/user/board")
    assert methods(source) == ["ours"]
    assert source.read().problems
    shutil.rmtree(own)
    assert methods(source) == []


def test_a_place_of_another_form_is_refused_at_once(own):
    with pytest.raises(RecordError, match="hf://datasets/USER/NAME"):
        RecordSource(own, "hf://models/user/board")


def test_a_reported_record_does_not_hide_the_projects_own(tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    save_record(own / "a.json", invented_result("one", 0.05))
    place = tmp_path / "board"
    reported = invented_result("one", 0.02, provenance="reported")
    open_store(str(place), PUBLISHED).add(reported)
    (result,) = RecordSource(own, str(place)).read().results
    assert result.provenance == "scored"
