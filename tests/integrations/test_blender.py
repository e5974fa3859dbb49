"""Tests of the Blender extension: with Blender as a Python module, and of its command alone."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dasl.head.morphable_model import MorphableModel

ROOT = Path(__file__).parents[2]
EXTENSIONS = ROOT / "integrations" / "blender"
PHOTO = ROOT / "space" / "examples" / "young_woman_in_mauve.jpg"
BLENDER_PYTHON = "DASL_BLENDER_PYTHON"
HOW = (
    f"no Python with bpy: in a Python 3.11, pip install bpy==4.2.0, and set {BLENDER_PYTHON} to it"
)


@pytest.fixture(scope="module")
def blender_python() -> str:
    """A Python that can import Blender; asked for, since it weighs 500 MB."""
    chosen = os.environ.get(BLENDER_PYTHON)
    if chosen:
        return chosen
    if importlib.util.find_spec("bpy"):
        return sys.executable
    pytest.skip(HOW)


@pytest.fixture(scope="module")
def dasl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `dasl` command of this checkout, as an installed program."""
    program = tmp_path_factory.mktemp("bin") / "dasl"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m dasl "$@"\n')
    program.chmod(0o755)
    return program


@pytest.fixture(scope="module")
def answers(
    blender_python: str, dasl: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What the extension answered for a face, for no photo at all and for a text file."""
    photo = tmp_path_factory.mktemp("photos") / "-my face.jpg"
    shutil.copy(PHOTO, photo)
    photos = [photo, "missing.jpg", ROOT / "LICENSE"]
    script = Path(__file__).with_name("blender_session.py")
    words = [blender_python, script, EXTENSIONS, dasl, "-", *photos]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("ANSWER ")]
    found = [json.loads(line.removeprefix("ANSWER ")) for line in lines]
    return {answer["photo"]: answer for answer in found}


def test_blender_gets_a_head_with_every_arkit_shape_key(answers: dict[str, Any]) -> None:
    answer = answers["-my face.jpg"]
    assert answer["status"] == ["FINISHED"] and answer["error"] is None
    head, *_ = answer["objects"]
    names = MorphableModel.load().expression_names
    assert set(head["keys"]) == {"Basis", *names}
    assert all(head["moved"][name] > 1e-4 for name in names)
    assert head["keys"]["browInnerUp"] > 0  # set to the photo's expression
    assert head["name"] == "-my face" and head["material"] == "-my face skin"
    assert head["packed"] == [True, True]  # nothing refers to the removed files
    # z up in Blender, metres; the face looks along -y, so the nose is in front of the ears
    height = head["high"][2] - head["low"][2]
    assert 0.2 < height < 0.35


def test_blender_gets_the_hair_as_an_object_of_its_own(answers: dict[str, Any]) -> None:
    head, hair = answers["-my face.jpg"]["objects"]
    assert hair["parent"] == head["name"] and hair["name"] == "-my face hair"
    assert hair["keys"].keys() == head["keys"].keys()
    assert hair["packed"] == [True]


def test_blender_reports_what_dasl_says(answers: dict[str, Any]) -> None:
    assert "there is no photo" in answers["missing.jpg"]["error"]
    assert "is not an image" in answers["LICENSE"]["error"]
    assert not answers["missing.jpg"]["objects"] and not answers["LICENSE"]["objects"]


def test_the_manifest_says_what_blender_asks_for() -> None:
    manifest = tomllib.loads((EXTENSIONS / "dasl_head" / "blender_manifest.toml").read_text())
    assert manifest["id"] == "dasl_head" and manifest["type"] == "add-on"
    assert len(manifest["tagline"]) <= 64 and manifest["tagline"][-1].isalnum()
    assert all(not reason.endswith(".") for reason in manifest["permissions"].values())


@pytest.fixture(scope="module")
def command() -> ModuleType:
    """The extension's module that knows nothing of Blender."""
    path = EXTENSIONS / "dasl_head" / "command.py"
    spec = importlib.util.spec_from_file_location("dasl_head_command", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look there
    spec.loader.exec_module(module)
    return module


def _program(folder: Path, script: str) -> str:
    path = folder / "dasl"
    path.write_text(f"#!{sys.executable}\nimport sys, time, pathlib\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_the_options_are_those_of_reconstruct(command: ModuleType, tmp_path: Path) -> None:
    from dasl.commands import main

    with pytest.raises(SystemExit) as ended:
        choices = command.Choices(hair=False, fine=True, as_photo=True, texture_size=2048)
        main(["reconstruct", str(PHOTO), *choices.arguments(), "--output", str(tmp_path), "--help"])
    assert ended.value.code == 0


def test_a_missing_command_says_how_to_get_one(command: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(command.DaslFailed, match="pip install dasl"):
        command.Reconstruction(str(tmp_path / "none"), PHOTO, command.Choices())


def test_a_failed_command_gives_its_last_line(command: ModuleType, tmp_path: Path) -> None:
    program = _program(tmp_path, "sys.exit('a bar\\ndasl: no face found in x.jpg; say where')")
    work = command.Reconstruction(program, PHOTO, command.Choices())
    with pytest.raises(command.DaslFailed, match=r"^no face found in x\.jpg; say where"):
        work.heads()
    work.close()


def test_closing_ends_the_command_and_removes_its_files(
    command: ModuleType, tmp_path: Path
) -> None:
    note = tmp_path / "folder.txt"
    script = (
        f"folder = sys.argv[sys.argv.index('--output') + 1]\n"
        f"pathlib.Path({str(note)!r}).write_text(folder)\ntime.sleep(600)"
    )
    work = command.Reconstruction(_program(tmp_path, script), PHOTO, command.Choices())
    while not (note.exists() and note.read_text()):
        time.sleep(0.02)
    assert work.is_running() and Path(note.read_text()).is_dir()
    work.close()
    assert not work.is_running() and not Path(note.read_text()).exists()
