import pytest

from eval.leaderboard.storage import record_name
from space.__main__ import main
from space.submit.publish import Publisher
from tests.eval.invented_results import invented_result

RESULT = invented_result("mine \x1b[31m", 0.04)
NAME = record_name(RESULT)


@pytest.fixture
def board(tmp_path, monkeypatch) -> Publisher:
    monkeypatch.setenv("DASL_BOARD", str(tmp_path))
    publisher = Publisher(str(tmp_path))
    publisher.submit(RESULT, "approve", "")
    return publisher


def test_what_waits_is_listed_with_its_figures_and_harmless_words(board, capsys):
    assert main(["pending"]) == 0
    listed = capsys.readouterr().out
    assert listed.startswith(f"{NAME}\n") and "4.000 % on aflw2000-3d" in listed
    assert "\x1b" not in listed


def test_approving_empties_the_list(board, capsys):
    assert main(["approve", NAME]) == 0
    assert capsys.readouterr().out.startswith("approved mine")
    assert main(["pending"]) == 0
    assert capsys.readouterr().out == "nothing waits\n"


def test_rejecting_does_too_and_twice_is_an_error_in_words(board, capsys):
    assert main(["reject", NAME]) == 0
    assert main(["reject", NAME]) == 1
    assert "those that do: none" in capsys.readouterr().err


def test_another_place_can_be_named(board, tmp_path, capsys):
    assert main(["pending", "--board", str(tmp_path / "elsewhere")]) == 0
    assert capsys.readouterr().out == "nothing waits\n"
    assert main(["pending", "--board", "hf://models/x"]) == 1
    assert "hf://datasets/USER/NAME" in capsys.readouterr().err
