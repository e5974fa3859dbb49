import pytest

from space.__main__ import main


def test_the_commands_explain_themselves_with_examples(capsys):
    for command in ("deploy", "pending", "approve", "reject"):
        with pytest.raises(SystemExit) as left:
            main([command, "--help"])
        assert left.value.code == 0
        assert f"python -m space {command}" in capsys.readouterr().out


def test_without_a_command_the_way_to_start_the_demo_is_told(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    assert "python app.py" in capsys.readouterr().out
    with pytest.raises(SystemExit) as left:
        main([])
    assert left.value.code == 2


def test_a_setting_that_means_nothing_is_an_error_in_words(monkeypatch, capsys):
    monkeypatch.setenv("DASL_PUBLISH", "perhaps")
    assert main(["pending"]) == 1
    assert "DASL_PUBLISH must be" in capsys.readouterr().err
