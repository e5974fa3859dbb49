"""Inference needs no torch: the shell's `reconstruct` in a process where it cannot be imported."""

import json
import subprocess
from pathlib import Path

from tests.dasl.without_packages import ROOT, run_without

PHOTO = ROOT / "space/examples/astronaut.jpg"
PROGRAM = """
import dasl.video.track, dasl.video.animation, space.reconstruct.service
from dasl.commands import main
sys.exit(main({words}))
"""


def run_without_torch(*words: object) -> subprocess.CompletedProcess[str]:
    return run_without({"torch"}, PROGRAM.format(words=[str(word) for word in words]))


def test_a_photo_becomes_a_head(tmp_path: Path) -> None:
    done = run_without_torch("reconstruct", PHOTO, "--output", tmp_path, "--format", "glb,json")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "astronaut.glb").read_bytes()[:4] == b"glTF"
    assert json.loads((tmp_path / "astronaut.json").read_text())["confidence"] > 0.5


def test_a_command_that_needs_it_says_what_to_install(tmp_path: Path) -> None:
    done = run_without_torch("export", "--output", tmp_path / "x.onnx")
    assert done.returncode == 1
    assert "needs the package torch" in done.stderr
    assert "pip install 'dasl[train]'" in done.stderr
    assert "Traceback" not in done.stderr
