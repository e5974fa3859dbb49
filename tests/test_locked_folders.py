"""Folders that may not be read or written: one clear line, and no traceback."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PHOTO = ROOT / "space" / "examples" / "astronaut.jpg"
RECORD = ROOT / "eval" / "records" / "aflw2000-3d_3ddfa_v2_mb05.json"

pytestmark = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0,
    reason="a superuser may read and write everywhere: run it as another user, "
    "such as with setpriv --reuid=65534 --regid=65534 --clear-groups",
)


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """`shut` may not be looked into, `full` may not be written; `photos` has a shut photo."""
    for name in ("shut", "full", "photos"):
        (tmp_path / name).mkdir()
    for place in ("shut/a.jpg", "photos/a.jpg", "photos/shut.jpg"):
        (tmp_path / place).write_bytes(PHOTO.read_bytes())
    modes = {"shut": 0o000, "full": 0o555, "photos/shut.jpg": 0o000}
    for name, mode in modes.items():
        (tmp_path / name).chmod(mode)
    yield tmp_path
    for name in modes:
        (tmp_path / name).chmod(0o755)


def program(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    around = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": around, "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "words",
    [
        ("dasl", "reconstruct", "photos/a.jpg", "--output", "full"),
        ("dasl", "reconstruct", "photos/a.jpg", "--output", "full/heads"),
        ("dasl", "reconstruct", "photos/a.jpg", "--output", "shut/heads"),
        ("dasl", "reconstruct", "shut/a.jpg", "--output", "heads"),
        ("dasl", "annotate", "photos", "--output", "full/set"),
        ("dasl", "train", str(ROOT / "configs/smoke.yaml"), "--set", "run.output=full/run"),
        ("eval", "table", "--records", "shut"),
        ("eval", "add", str(RECORD), "--to", "full"),
        ("eval", "export", "aflw2000-3d", "--format", "csv", "--output", "full/table.csv"),
        ("eval", "score", "aflw2000-3d", "mine.npz", "--root", "shut"),
        ("space", "pending", "--board", "shut"),
    ],
    ids=lambda words: " ".join(words[:2]) + " " + words[-1].rpartition("/")[2],
)
def test_a_locked_folder_is_named_in_one_line(locked: Path, words: tuple[str, ...]) -> None:
    done = program(locked, *words)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert any(name in last for name in ("full", "shut", "mine.npz"))


def test_a_photo_that_may_not_be_read_is_left_out_and_named(locked: Path) -> None:
    done = program(locked, "dasl", "annotate", "photos", "--output", "set")
    assert done.returncode == 0, done.stderr
    left_out = (locked / "set" / "left_out.csv").read_text()
    assert "shut.jpg" in left_out and "Permission denied" in left_out
