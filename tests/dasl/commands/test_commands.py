"""`python -m dasl` as a person at the shell meets it."""

import os
import subprocess
import sys

import pytest

from dasl.commands import COMMANDS
from tests.dasl.conftest import run_command


def test_a_wrong_command_line_is_status_2(capsys):
    for words in (["reconstruct"], ["resurrect"], []):
        with pytest.raises(SystemExit) as stopped:
            run_command(*words)
        assert stopped.value.code == 2


def test_an_error_of_the_scorers_is_a_message_too(monkeypatch, tmp_path, capsys):
    monkeypatch.delenv("DASL_DATA_ROOT", raising=False)
    assert run_command("predict", "aflw2000-3d", "--output", tmp_path / "ours.npz") == 1
    assert "--root" in capsys.readouterr().err


def test_help_gives_examples_without_loading_torch():
    code = "import sys, dasl.commands as c\ntry: c.main(['--help'])\nexcept SystemExit: pass\n"
    code += "print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "examples:" in done.stdout
    assert done.stdout.rstrip().endswith("False")


def test_numpy_uses_one_thread_unless_the_shell_says_otherwise():
    code = "import os, sys, dasl.commands as c\nprint('numpy' in sys.modules)\n"
    code += "try: c.main(['predict', '--help'])\nexcept SystemExit: pass\n"
    code += "print(os.environ['OPENBLAS_NUM_THREADS'])"
    for given, wanted in ({}, "1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3"):
        environment = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment | given,
            capture_output=True,
            text=True,
            check=True,
        )
        first, *_, last = done.stdout.split()
        assert (first, last) == ("False", wanted)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name, capsys):
    with pytest.raises(SystemExit) as stopped:
        run_command(name, "--help")
    assert stopped.value.code == 0
    assert f"python -m dasl {name}" in capsys.readouterr().out
