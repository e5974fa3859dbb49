import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.results.truths import KNOWN_TRUTHS
from space.records import RecordSource
from space.settings import BoardSettings
from space.submit.form import Form
from space.submit.intake import Reading
from space.submit.service import Refused, SubmitService
from space.submit.tasks import TASKS
from tests.eval.conftest import invented_root, invented_submission

__all__ = ["invented_root", "invented_submission"]  # fixtures

TASK, SUBSET = TASKS[0].label, TASKS[1].label
FORM = Form("mine <b>", link="https://example.org")


@pytest.fixture
def settings(invented_root: Path, tmp_path: Path) -> BoardSettings:
    return BoardSettings(data_root=invented_root, place=str(tmp_path / "board"), per_day=2)


def service(settings: BoardSettings, tmp_path: Path) -> SubmitService:
    return SubmitService(settings, RecordSource(tmp_path / "own", settings.place))


def scored(of: SubmitService, file: Path, task: str = TASK, keep: bool = True, person: str = "ann"):
    return of.score(file, task, FORM, Reading(), person=person, keep=keep)


def test_a_submission_is_scored_ranked_and_waits(
    settings, tmp_path, invented_submission, monkeypatch
):
    monkeypatch.delitem(KNOWN_TRUTHS, "aflw2000-3d")  # the invented truth is not the published one
    ours = service(settings, tmp_path)
    result = scored(ours, invented_submission)
    assert result.record.headline.headline == pytest.approx(0, abs=1e-6)
    assert result.record.facts.method == "mine <b>"  # the form's words, not the file's
    assert (result.place, result.ranked, result.outcome) == (1, 1, "waiting")
    assert RecordSource(tmp_path / "own", settings.place).read().results == ()


def test_a_published_submission_is_on_the_board_at_the_next_look(
    settings, tmp_path, invented_submission
):
    open_board = replace(settings, publish="at-once")
    source = RecordSource(tmp_path / "own", settings.place)
    ours = SubmitService(open_board, source)
    assert source.read().results == ()
    assert scored(ours, invented_submission).outcome == "published"
    assert [result.facts.method for result in source.read().results] == ["mine <b>"]


def test_an_owners_other_truth_ranks_nobody(settings, tmp_path, invented_submission):
    result = scored(service(settings, tmp_path), invented_submission)
    assert (result.place, result.ranked) == (None, 0)
    assert result.record.provenance == "scored"


def test_what_is_not_for_the_board_is_not_kept(settings, tmp_path, invented_submission):
    assert scored(service(settings, tmp_path), invented_submission, keep=False).outcome is None
    assert not (tmp_path / "board").exists()


def test_partial_coverage_has_no_rank(settings, tmp_path, invented_submission):
    with np.load(invented_submission) as members:
        points = members["landmarks"].copy()
        points[7] = np.nan
        np.savez(tmp_path / "part.npz", ids=members["ids"], landmarks=points)
    result = scored(service(settings, tmp_path), tmp_path / "part.npz")
    assert (result.place, result.record.scored) == (None, 1999)


def test_one_person_is_held_to_the_limit_and_others_are_not(
    settings, tmp_path, invented_submission
):
    ours = service(settings, tmp_path)
    for _ in range(2):
        scored(ours, invented_submission, keep=False)
    with pytest.raises(Refused, match=r"2 submissions scored in the last 24 hours.*24 hours"):
        scored(ours, invented_submission, keep=False)
    assert scored(ours, invented_submission, keep=False, person="bob")


def test_a_bad_file_costs_nothing_and_is_refused_in_words(settings, tmp_path, invented_submission):
    ours = service(settings, tmp_path)
    bad = tmp_path / "bad.npz"
    bad.write_bytes(b"no zip")
    for _ in range(5):
        with pytest.raises(Refused, match=r"must be a complete \.npz file"):
            scored(ours, bad)
        with pytest.raises(Refused, match=r"must be a complete \.npz file"):
            ours.check(bad, TASK, Reading())
    assert scored(ours, invented_submission)
    ours.check(invented_submission, TASK, Reading())


def test_an_unknown_task_is_answered_with_the_known_ones(settings, tmp_path, invented_submission):
    with pytest.raises(Refused, match=f"it scores: {TASK}; {SUBSET}"):
        scored(service(settings, tmp_path), invented_submission, task="florence")
    nothing = service(BoardSettings(place=settings.place), tmp_path)
    with pytest.raises(Refused, match="no benchmark data"):
        scored(nothing, invented_submission)


def test_what_is_wrong_with_the_owners_data_goes_to_the_log_alone(
    settings, tmp_path, invented_submission, caplog
):
    ours = service(settings, tmp_path)
    (settings.data_root / "aflw2000_3d" / "pts68.npy").write_bytes(b"broken")
    with caplog.at_level(logging.ERROR), pytest.raises(Refused, match="are incomplete") as caught:
        scored(ours, invented_submission)
    assert "pts68" not in str(caught.value) and str(tmp_path) not in str(caught.value)
    assert "pts68.npy" in caplog.text


def test_a_place_that_takes_no_record_is_said_and_the_score_is_not_lost_silently(
    settings, tmp_path, invented_submission, caplog
):
    (tmp_path / "board").write_text("a file")
    with pytest.raises(Refused, match="scored, but this server cannot keep its record"):
        scored(service(settings, tmp_path), invented_submission)
    assert "cannot write" in caplog.text


def test_no_true_point_is_in_what_is_told(settings, tmp_path, invented_submission):
    from eval.leaderboard.files import per_image_csv, record_json

    truth = np.load(settings.data_root / "aflw2000_3d" / "pts68.npy")
    record = scored(service(settings, tmp_path), invented_submission).record
    told = record_json(record) + per_image_csv(record.scores).decode()
    numbers = {f"{value:.3f}" for value in truth[:50].ravel().tolist()}
    assert not any(number in told for number in numbers)


def test_on_a_space_records_in_a_folder_are_warned_of(settings, tmp_path, caplog):
    service(settings, tmp_path)
    assert not caplog.records
    service(replace(settings, on_space=True), tmp_path)
    assert "does not last: set DASL_BOARD=hf://datasets/USER/NAME" in caplog.text
