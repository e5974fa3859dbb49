"""Inference needs no torch: the shell's `reconstruct` in a process where it cannot be imported."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PHOTO = ROOT / "space/examples/astronaut.jpg"
PROGRAM = """
import importlib.util, sys
class Absent:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
sys.meta_path.insert(0, Absent())
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name == "torch" else find_spec(name)
import dasl.video.track, dasl.video.animation, space.reconstruct.service
from dasl.commands import main
sys.exit(main({words}))
"""


def run_without_torch(*words: object) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(words=[str(word) for word in words])
    return subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )


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
