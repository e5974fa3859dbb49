"""The folder of annotated faces: whole files only, and nothing that is not ours."""

import errno
import os
from pathlib import Path

import pytest

from dasl.datasets.annotated_files import AnnotatedFolder
from dasl.errors import ConfigError, ExportError


def test_what_was_written_is_known_when_the_folder_is_opened_again(tmp_path: Path) -> None:
    folder = AnnotatedFolder.open(tmp_path / "mine")
    folder.add([{"name": "a.jpg#1"}, {"name": "a.jpg#2"}], [("b, c.jpg", 'said "no"')])
    folder.add([], [("d.jpg#3", "small")])
    folder.add([{"name": "e#x.jpg"}], [])
    again = AnnotatedFolder.open(tmp_path / "mine")
    assert again.done == folder.done == {"a.jpg", "b, c.jpg", "d.jpg", "e#x.jpg"}
    assert (again.faces, again.left_out) == (3, 2)
    names = sorted(path.name for path in (tmp_path / "mine").iterdir())
    assert names == ["left_out.csv", "train-00000.parquet", "train-00001.parquet"]


def test_a_file_that_was_removed_is_not_missed(tmp_path: Path) -> None:
    folder = AnnotatedFolder.open(tmp_path)
    folder.add([{"name": "a.jpg"}], [])
    folder.add([{"name": "b.jpg"}], [])
    (tmp_path / "train-00000.parquet").unlink()
    again = AnnotatedFolder.open(tmp_path)
    assert again.done == {"b.jpg"}
    again.add([{"name": "a.jpg"}], [])
    names = sorted(path.name for path in tmp_path.glob("*.parquet"))
    assert names == ["train-00001.parquet", "train-00002.parquet"]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch) -> None:
    folder = AnnotatedFolder.open(tmp_path / "mine")
    folder.add([{"name": "a.jpg"}], [])
    before = {path.name: path.read_bytes() for path in (tmp_path / "mine").iterdir()}

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ExportError, match="No space left on device"):
        folder.add([{"name": "b.jpg"}], [])
    assert {path.name: path.read_bytes() for path in (tmp_path / "mine").iterdir()} == before
    assert folder.done == {"a.jpg"}


def test_files_that_are_not_ours_are_named(tmp_path: Path) -> None:
    (tmp_path / "train-00000.parquet").write_bytes(b"no parquet")
    with pytest.raises(ConfigError, match=r"cannot go on with .*train-00000\.parquet"):
        AnnotatedFolder.open(tmp_path)
    (tmp_path / "train-00000.parquet").unlink()
    (tmp_path / "left_out.csv").write_text("name,reason\na\n")
    with pytest.raises(ConfigError, match=r"cannot go on with .*left_out\.csv"):
        AnnotatedFolder.open(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="cannot make the folder"):
        AnnotatedFolder.open(tmp_path / "file/mine")
