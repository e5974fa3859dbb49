"""The folder of annotated faces: whole files only, and nothing that is not ours."""

import errno
import os
from pathlib import Path

import pytest

from dasl.datasets.annotated_files import AnnotatedFolder, LeftOut, content_id
from dasl.errors import ConfigError, ExportError


def _row(name: str, content: str) -> dict[str, str]:
    return {"name": name, "photo_sha256": content}


def test_what_was_written_is_known_when_the_folder_is_opened_again(tmp_path: Path) -> None:
    folder = AnnotatedFolder.open(tmp_path / "mine")
    folder.add(
        [_row("a.jpg#1", "A"), _row("a.jpg#2", "A")], [LeftOut("b, c.jpg", 'said "no"', "B")]
    )
    folder.add([], [LeftOut("d.jpg#3", "small", "D")])
    folder.add([_row("e#x.jpg", "E")], [])
    again = AnnotatedFolder.open(tmp_path / "mine")
    assert again.done == folder.done == {"A", "B", "D", "E"}
    assert again.names == folder.names == {"a.jpg": "A", "e#x.jpg": "E"}
    assert (again.faces, again.left_out) == (3, 2)
    names = sorted(path.name for path in (tmp_path / "mine").iterdir())
    assert names == ["left_out.csv", "train-00000.parquet", "train-00001.parquet"]


def test_a_file_that_was_removed_is_not_missed(tmp_path: Path) -> None:
    folder = AnnotatedFolder.open(tmp_path)
    folder.add([_row("a.jpg", "A")], [])
    folder.add([_row("b.jpg", "B")], [])
    (tmp_path / "train-00000.parquet").unlink()
    again = AnnotatedFolder.open(tmp_path)
    assert again.done == {"B"}
    again.add([_row("a.jpg", "A")], [])
    names = sorted(path.name for path in tmp_path.glob("*.parquet"))
    assert names == ["train-00001.parquet", "train-00002.parquet"]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch) -> None:
    folder = AnnotatedFolder.open(tmp_path / "mine")
    folder.add([_row("a.jpg", "A")], [])
    before = {path.name: path.read_bytes() for path in (tmp_path / "mine").iterdir()}

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ExportError, match="No space left on device"):
        folder.add([_row("b.jpg", "B")], [])
    assert {path.name: path.read_bytes() for path in (tmp_path / "mine").iterdir()} == before
    assert folder.done == {"A"}


def test_files_that_are_not_ours_are_named(tmp_path: Path) -> None:
    (tmp_path / "train-00000.parquet").write_bytes(b"no parquet")
    with pytest.raises(ConfigError, match=r"cannot continue with .*train-00000\.parquet"):
        AnnotatedFolder.open(tmp_path)
    (tmp_path / "train-00000.parquet").unlink()
    (tmp_path / "left_out.csv").write_text("name,reason\na\n")
    with pytest.raises(ConfigError, match=r"cannot continue with .*left_out\.csv"):
        AnnotatedFolder.open(tmp_path)


def test_another_photo_of_a_known_name_gets_one_of_its_own(tmp_path: Path) -> None:
    folder = AnnotatedFolder.open(tmp_path)
    folder.add([_row("IMG_1.jpg#1", "one" * 8)], [])
    again = AnnotatedFolder.open(tmp_path)
    assert again.new_name("IMG_1.jpg", "one" * 8) == "IMG_1.jpg"
    assert again.new_name("IMG_1.jpg", "two" * 8) == "IMG_1.jpg@twotwotw"
    assert again.new_name("IMG_2.jpg", "three") == "IMG_2.jpg"


def test_what_could_not_be_read_is_looked_at_again_and_told_once(tmp_path: Path) -> None:
    folder = AnnotatedFolder.open(tmp_path)
    for _ in range(2):
        folder.add([], [LeftOut("locked", "the folder cannot be read")])
    assert folder.left_out == 1 and not folder.done


def test_a_photo_is_known_by_its_content(tmp_path: Path) -> None:
    for name, content in (("a", b"1"), ("b", b"1"), ("c", b"2")):
        (tmp_path / name).write_bytes(content)
    assert content_id(tmp_path / "a") == content_id(tmp_path / "b") != content_id(tmp_path / "c")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(OSError, match="save it to a file"):
        content_id(tmp_path / "pipe.jpg")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="cannot make the folder"):
        AnnotatedFolder.open(tmp_path / "file/mine")
