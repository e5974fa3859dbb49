from pathlib import Path

import pytest

from space.submit_settings import DEFAULT_BOARD, BoardSettings, SettingsError


def test_an_empty_environment_scores_nothing_and_asks_the_owner():
    settings = BoardSettings.from_environment({"DASL_DATA_ROOT": ""})
    assert settings == BoardSettings(None, str(DEFAULT_BOARD), "approve", 5, False)


def test_every_setting_comes_from_the_environment():
    given = {
        "DASL_DATA_ROOT": "/data",
        "DASL_BOARD": "hf://datasets/user/board",
        "DASL_PUBLISH": "at-once",
        "DASL_SUBMISSIONS_PER_DAY": "7",
        "SPACE_ID": "user/space",
    }
    wanted = BoardSettings(Path("/data"), "hf://datasets/user/board", "at-once", 7, True)
    assert BoardSettings.from_environment(given) == wanted


@pytest.mark.parametrize(
    ("name", "value"),
    [("DASL_PUBLISH", "yes"), ("DASL_SUBMISSIONS_PER_DAY", "0"), ("DASL_SUBMISSIONS_PER_DAY", "x")],
)
def test_a_value_that_means_nothing_is_named(name: str, value: str):
    with pytest.raises(SettingsError, match=rf"{name} must be .*got '{value}'"):
        BoardSettings.from_environment({name: value})
