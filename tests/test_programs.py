"""The console scripts that an installation makes, run as pip writes them."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DISTRIBUTIONS = (ROOT / "pyproject.toml", ROOT / "dasl-eval" / "pyproject.toml")
SCRIPTS: dict[str, str] = {
    name: function
    for path in DISTRIBUTIONS
    for name, function in tomllib.loads(path.read_text("utf-8"))["project"]["scripts"].items()
}

SCRIPT = """\
import sys
from {module} import {function}
if __name__ == "__main__":
    sys.exit({function}())
"""
"""What pip writes into the environment's folder of programs."""


def run_program(folder: Path, name: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs a program from `folder`, which holds files named as our packages."""
    module, function = SCRIPTS[name].split(":")
    programs, here = folder / "bin", folder / "here"
    programs.mkdir()
    here.mkdir()
    (programs / name).write_text(SCRIPT.format(module=module, function=function))
    for package in ("dasl", "eval", "space"):
        (here / f"{package}.py").write_text("raise RuntimeError('not this one')\n")
    return subprocess.run(
        [sys.executable, str(programs / name), *words],
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(ROOT)},  # stands in for the installation
        capture_output=True,
        text=True,
        timeout=600,  # a hang, not slowness
        check=False,
    )


def test_the_programs_are_those_of_the_contract() -> None:
    assert sorted(SCRIPTS) == ["dasl", "dasl-eval"]


@pytest.mark.parametrize("name", ["dasl", "dasl-eval"])
def test_a_program_takes_its_own_package_whatever_the_folder_holds(
    tmp_path: Path, name: str
) -> None:
    done = run_program(tmp_path, name, "--help")
    assert done.returncode == 0, done.stderr
    assert "examples:" in done.stdout


@pytest.mark.parametrize("name", ["dasl", "dasl-eval"])
def test_a_wrong_command_line_is_status_2(tmp_path: Path, name: str) -> None:
    assert run_program(tmp_path, name, "fly").returncode == 2


def test_work_that_fails_is_status_1_and_a_message(tmp_path: Path) -> None:
    done = run_program(tmp_path, "dasl", "push", "user/repo", "--model", "nowhere")
    assert done.returncode == 1
    assert done.stderr.startswith("dasl: nowhere: no such folder")
