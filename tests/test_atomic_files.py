"""The same promises for both packages: a file is whole, or as it was before."""

import os
import stat
from pathlib import Path

import pytest

import dasl.atomic_files
import eval.atomic_files

both = pytest.mark.parametrize(
    "files", [dasl.atomic_files, eval.atomic_files], ids=["dasl", "eval"]
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@both
def test_the_new_contents_take_the_place_of_the_old(files, tmp_path: Path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with files.replacing(path) as temporary:
        temporary.write_bytes(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["a.bin"]


@both
def test_an_error_leaves_the_old_file_and_nothing_else(files, tmp_path: Path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), files.replacing(path) as temporary:
        temporary.write_bytes(b"half")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


@both
def test_bytes_are_on_the_disk_before_the_name_changes(files, tmp_path: Path, monkeypatch):
    order = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (order.append("fsync"), fsync(handle)))
    monkeypatch.setattr(os, "replace", lambda *a: (order.append("replace"), replace(*a)))
    with files.replacing(tmp_path / "a.bin") as temporary:
        temporary.write_bytes(b"new")
    assert order == ["fsync", "replace"]


@both
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_file_has_the_permissions_of_any_new_file(files, tmp_path: Path, mask: int, mode: int):
    before = os.umask(mask)
    try:
        with files.replacing(tmp_path / "a.bin") as temporary:
            temporary.write_bytes(b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.bin").stat().st_mode) == mode


@both
def test_the_longest_name_that_a_folder_takes_is_written(files, tmp_path: Path):
    path = tmp_path / ("a" * 255)
    with files.replacing(path) as temporary:
        temporary.write_bytes(b"new")
    assert path.read_bytes() == b"new"


@both
def test_a_missing_folder_is_an_os_error(files, tmp_path: Path):
    with pytest.raises(OSError), files.replacing(tmp_path / "missing" / "a.bin"):
        pytest.fail("there is nothing to write to")


def test_files_that_belong_together_are_written_all_or_none(tmp_path: Path):
    good, bad = tmp_path / "a.obj", tmp_path / "missing" / "a.mtl"
    with pytest.raises(OSError):
        dasl.atomic_files.write_files({good: b"mesh", bad: b"material"})
    assert names(tmp_path) == []
    dasl.atomic_files.write_files({good: b"mesh", tmp_path / "a.mtl": b"material"})
    assert names(tmp_path) == ["a.mtl", "a.obj"]
    assert good.read_bytes() == b"mesh"


def test_files_that_belong_together_get_their_names_in_order(tmp_path: Path, monkeypatch):
    named, replace = [], os.replace
    monkeypatch.setattr(os, "replace", lambda a, b: (named.append(b.name), replace(a, b)))
    contents = {tmp_path / name: b"" for name in ("faces", "log", "card")}
    dasl.atomic_files.write_files(contents)
    assert named == ["faces", "log", "card"]
