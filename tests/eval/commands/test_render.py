"""`eval render florence`: pictures and their manifest from scans in a folder."""

import argparse
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from eval.commands import render
from eval.errors import BenchmarkError
from tests.eval.florence_files import Head, invented_head, write_scans


@pytest.fixture(scope="module")
def head() -> Head:
    """Coarse, for speed."""
    return invented_head(rows=30)


def run(*arguments: str) -> str:
    """The command as the shell calls it."""
    parser = argparse.ArgumentParser()
    render.add(parser.add_subparsers())
    return render.run(parser, parser.parse_args(["render", "florence", *arguments]))


def test_every_pose_of_a_scan_becomes_a_picture(tmp_path: Path, head: Head) -> None:
    write_scans(tmp_path / "scans", {"subject_01": head}, flat=False)
    output = tmp_path / "new" / "photos"
    text = run("--scans", str(tmp_path / "scans"), "--output", str(output))
    assert text.startswith("15 pictures of 1 scans in ") and "has 53 scans" in text
    manifest = json.loads((output / "florence.json").read_text())
    assert manifest["poses"] == "vrn" and manifest["pixels_per_mm"] == 1.5
    assert set(manifest["images"]) == {path.stem for path in output.glob("*.png")}
    assert manifest["images"]["subject_01_20_-40"]["yaw_deg"] == -40
    with Image.open(output / "subject_01_20_0.png") as picture:
        pixels = np.asarray(picture)
    assert pixels.shape == (600, 600, 3)
    x0, y0, x1, y1 = manifest["images"]["subject_01_20_0"]["face_box"]
    assert pixels[round((y0 + y1) / 2), round((x0 + x1) / 2)].any()
    # The box is that of the crop, in the middle of the picture.
    assert (x0 + x1) / 2 == pytest.approx(299.5, abs=0.01) and 150 < y1 - y0 < 285


def test_a_scan_without_landmarks_writes_nothing(tmp_path: Path, head: Head) -> None:
    write_scans(tmp_path / "scans", {"subject_01": head})
    (tmp_path / "scans" / "landmarks.json").unlink()
    with pytest.raises(BenchmarkError, match="the scans come without landmarks"):
        run("--scans", str(tmp_path / "scans"), "--output", str(tmp_path / "photos"))
    assert not (tmp_path / "photos").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, head: Head) -> None:
    write_scans(tmp_path / "scans", {"subject_01": head})
    (tmp_path / "photos").write_text("a file")
    with pytest.raises(BenchmarkError, match=r"cannot write into .*photos: File exists"):
        run("--scans", str(tmp_path / "scans"), "--output", str(tmp_path / "photos"))


def test_a_scan_without_texture_is_named(tmp_path: Path, head: Head) -> None:
    write_scans(tmp_path / "scans", {"subject_01": head})
    (tmp_path / "scans" / "subject_01.png").unlink()
    with pytest.raises(BenchmarkError, match=r"subject_01\.obj has neither a texture"):
        run("--scans", str(tmp_path / "scans"), "--output", str(tmp_path / "photos"))


def test_without_scans_the_command_line_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DASL_DATA_ROOT", raising=False)
    with pytest.raises(SystemExit) as stop:
        run("--output", str(tmp_path))
    assert stop.value.code == 2
