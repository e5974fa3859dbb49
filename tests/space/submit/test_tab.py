from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest

from space.records import RecordSource
from space.settings import BoardSettings
from space.submit import text
from space.submit.tab import USUAL, SubmitTab, _address
from space.submit.tasks import TASKS
from tests.eval.conftest import invented_root, invented_submission

__all__ = ["invented_root", "invented_submission"]  # fixtures

TASK = TASKS[0].label
WORDS = ("mine", "", "", "", "", "not stated")
READING = (USUAL, False)
REQUEST = SimpleNamespace(client=SimpleNamespace(host="10.0.0.1"), headers={})


def tab(settings: BoardSettings, tmp_path: Path) -> tuple[SubmitTab, gr.Blocks]:
    with gr.Blocks() as demo:
        made = SubmitTab(settings, RecordSource(tmp_path / "own", settings.place))
    return made, demo


@pytest.fixture
def ready(invented_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SubmitTab:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "files"))
    settings = BoardSettings(data_root=invented_root, place=str(tmp_path / "board"))
    return tab(settings, tmp_path)[0]


def wrong(verdicts: list) -> list[str]:
    return [verdict["message"] for verdict in verdicts if not verdict["is_valid"]]


def test_without_data_the_tab_says_how_to_score_at_home(tmp_path):
    _, demo = tab(BoardSettings(place=str(tmp_path)), tmp_path)
    (words,) = [block.value for block in demo.blocks.values() if isinstance(block, gr.Markdown)]
    for task in TASKS:
        assert task.command() in words
    assert "DASL_DATA_ROOT" in words
    assert not demo.fns


def test_a_good_submission_passes_the_check_and_is_scored(ready, invented_submission):
    file = str(invented_submission)
    assert wrong(ready.validate(file, TASK, *WORDS, *READING, True)) == []
    card, files, _, record = ready.submit(REQUEST, file, TASK, *WORDS, *READING, True)
    assert "0.000 %" in card
    names = [Path(f["path"]).name for f in files.value]
    assert [name.partition("_mine_")[2][12:] for name in names] == [".json", ".per_image.csv"]
    assert '"method": "mine"' in record


def test_every_wrong_word_is_told_at_its_field_before_the_file_is_opened(ready):
    verdicts = ready.validate(None, TASK, "", "javascript:x", "soon", "", "", "x", *READING, True)
    assert len(verdicts) == 11
    assert [verdict["is_valid"] for verdict in verdicts[2:8]] == [
        False,
        False,
        False,
        True,
        True,
        False,
    ]
    assert verdicts[0]["is_valid"]


def test_a_missing_or_bad_file_is_told_at_the_file(ready, tmp_path):
    assert wrong(ready.validate(None, TASK, *WORDS, *READING, True)) == [
        "Choose a file with predictions first."
    ]
    bad = tmp_path / "bad.pkl"
    bad.touch()
    (words,) = wrong(ready.validate_only(str(bad), TASK, "mine"))
    assert words.startswith("bad.pkl is a pickle")


def test_a_failure_of_ours_is_told_without_details(ready, invented_submission, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError("secret path /srv/x")

    monkeypatch.setattr(type(ready._service), "score", fail)
    monkeypatch.setattr(type(ready._service), "check", fail)
    file = str(invented_submission)
    card, *_ = ready.submit(REQUEST, file, TASK, *WORDS, *READING, True)
    assert text.SERVER_PROBLEM in card and "secret" not in card
    assert wrong(ready.validate(file, TASK, *WORDS, *READING, True)) == [text.SERVER_PROBLEM]
    with pytest.raises(gr.Error, match="Something went wrong"):
        ready.score(file, TASK, "mine", REQUEST)
    assert "secret path" in caplog.text


def test_a_program_gets_the_record_and_nothing_is_kept(ready, invented_submission, tmp_path):
    record = ready.score(str(invented_submission), TASK, "mine", REQUEST)
    assert record["facts"]["method"] == "mine"
    assert not (tmp_path / "board").exists()


def test_on_a_space_only_those_who_signed_in_submit(ready, invented_submission):
    values = (str(invented_submission), TASK, *WORDS, *READING, True)
    card, *_ = ready.submit_signed_in(None, *values)
    assert "sign in" in card
    card, *_ = ready.submit_signed_in(SimpleNamespace(username="ann"), *values)
    assert "0.000 %" in card


def test_a_person_behind_a_proxy_is_told_from_others_and_cannot_choose_the_address():
    headers = {"x-forwarded-for": "1.1.1.1 (invented), 10.0.0.7"}
    forwarded = SimpleNamespace(client=REQUEST.client, headers=headers)
    assert _address(forwarded, behind_proxy=True) == "10.0.0.7"
    assert _address(forwarded, behind_proxy=False) == "10.0.0.1"
    assert _address(REQUEST, behind_proxy=True) == "10.0.0.1"


def test_nobody_is_asked_to_sign_in_outside_of_a_space(invented_root, tmp_path):
    _, demo = tab(BoardSettings(data_root=invented_root, place=str(tmp_path)), tmp_path)
    assert not any(isinstance(block, gr.LoginButton) for block in demo.blocks.values())
    assert not demo.expects_oauth
