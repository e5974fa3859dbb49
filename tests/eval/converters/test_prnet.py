"""PRNet's landmark folders."""

from pathlib import Path

import numpy as np
import pytest

from eval.converters.frames import PhotoFrame
from eval.converters.prnet import read_prnet_folder
from eval.errors import SubmissionError

FRAME = PhotoFrame(0, "down", "towards", 450)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files as PRNet's demo writes them, and one of its others."""
    points = np.random.default_rng(5).uniform(0.0, 400.0, (2, 68, 3))
    for name, face in zip(("image00004", "image00002"), points, strict=True):
        np.savetxt(tmp_path / f"{name}_kpt.txt", face)
    np.savetxt(tmp_path / "image00002_pose.txt", np.zeros(3))
    np.save(tmp_path / "points.npy", points)
    return tmp_path


def test_files_become_rows_in_the_1_based_frame(folder: Path) -> None:
    read = read_prnet_folder(folder, FRAME)
    assert read.ids == ("image00002", "image00004")
    wanted = np.load(folder / "points.npy")[::-1] + np.array([1.0, 1.0, 0.0])
    assert read.landmarks is not None and np.array_equal(read.landmarks, wanted)
    assert read.facts["frame"] == "photo pixels, 0-based, y down, z towards"


def test_another_suffix_can_be_named(folder: Path) -> None:
    (folder / "image00002_kpt.txt").rename(folder / "image00002.lm.txt")
    assert read_prnet_folder(folder, FRAME, ".lm").ids == ("image00002",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"1 2 3\n" * 67, "must hold 68 lines of x y z, got 67 lines"),
        (b"1 2\n" * 68, "three numbers on each line"),
        (b"1 2 x\n" * 68, "three numbers on each line"),
        (b"\xff\xfe" * 100, "must be UTF-8 text"),
        (b"1 2 3\n" * 20_000, "larger than 65,536 bytes"),
        (b"1 2 nan\n" + b"1 2 3\n" * 67, r"partly NaN in 1 rows \(image00002\)"),
        (b"1 2 1e9\n" * 68, r"beyond 100000 pixels in 1 rows \(image00002\)"),
    ],
)
def test_each_wrong_file_is_named(folder: Path, content: bytes, message: str) -> None:
    (folder / "image00002_kpt.txt").write_bytes(content)
    with pytest.raises(SubmissionError, match=message):
        read_prnet_folder(folder, FRAME)


def test_an_empty_or_absent_folder_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match=r"holds 0 files \*_kpt.txt"):
        read_prnet_folder(tmp_path, FRAME)
    with pytest.raises(SubmissionError, match="cannot list"):
        read_prnet_folder(tmp_path / "none", FRAME)
