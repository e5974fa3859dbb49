from pathlib import Path

from eval.program.data_root import VARIABLE, data_root


def test_the_folder_given_wins_over_the_variable():
    assert data_root("mine", {VARIABLE: "theirs"}) == Path("mine")


def test_the_variable_stands_in_and_empty_counts_as_unset():
    assert data_root(None, {VARIABLE: "theirs"}) == Path("theirs")
    assert data_root(None, {VARIABLE: ""}) is None
    assert data_root(None, {}) is None


def test_the_process_environment_is_read_when_asked(monkeypatch):
    monkeypatch.setenv(VARIABLE, "/data")
    assert data_root() == Path("/data")
