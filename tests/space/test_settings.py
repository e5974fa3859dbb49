from pathlib import Path

import pytest

from eval.program.data_root import VARIABLE
from space.settings import (
    DEFAULT_BOARD,
    RECORDS_FOLDER,
    BoardSettings,
    Settings,
    SettingsError,
)


def boards_of(environment: dict[str, str]) -> BoardSettings:
    return Settings.from_environment(environment).boards


def test_settings_default_to_the_embedded_weights():
    assert Settings.from_environment({"DASL_WEIGHTS": ""}) == Settings(None, None, RECORDS_FOLDER)


def test_weights_and_revision_come_from_the_environment():
    given = {"DASL_WEIGHTS": "user/repo", "DASL_WEIGHTS_REVISION": "abc"}
    assert Settings.from_environment(given) == Settings("user/repo", "abc", RECORDS_FOLDER)


def test_boards_and_mcp_come_from_the_environment_too():
    settings = Settings.from_environment({"DASL_PUBLISH": "at-once", "DASL_MCP": "1"})
    assert settings.boards.publish == "at-once" and settings.mcp
    assert not Settings.from_environment({"DASL_MCP": "0"}).mcp


def test_the_process_environment_is_read_where_none_is_given(monkeypatch):
    monkeypatch.setenv("DASL_WEIGHTS", "user/repo")
    assert Settings.from_environment().weights == "user/repo"


def test_an_empty_environment_scores_nothing_and_asks_the_owner():
    settings = boards_of({VARIABLE: ""})
    assert settings == BoardSettings(None, str(DEFAULT_BOARD), "approve", 5, False)


def test_every_setting_comes_from_the_environment():
    given = {
        VARIABLE: "/data",
        "DASL_BOARD": "hf://datasets/user/board",
        "DASL_PUBLISH": "at-once",
        "DASL_SUBMISSIONS_PER_DAY": "7",
        "SPACE_ID": "user/space",
    }
    wanted = BoardSettings(Path("/data"), "hf://datasets/user/board", "at-once", 7, True)
    assert boards_of(given) == wanted


@pytest.mark.parametrize(
    ("name", "value"),
    [("DASL_PUBLISH", "yes"), ("DASL_SUBMISSIONS_PER_DAY", "0"), ("DASL_SUBMISSIONS_PER_DAY", "x")],
)
def test_a_value_that_means_nothing_is_named(name: str, value: str):
    with pytest.raises(SettingsError, match=rf"{name} must be .*got '{value}'"):
        boards_of({name: value})
