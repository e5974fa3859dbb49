"""Mutated files: counted by what became of them, and kept where that is an error of ours."""

from pathlib import Path

import pytest

from dasl.errors import PhotoError
from tools.mutate_files import KINDS, Kind, measure


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_read_whole_and_refused_damaged(name: str, tmp_path: Path) -> None:
    kind = KINDS[name](tmp_path)
    for file, content in kind.contents.items():
        (tmp_path / file).write_bytes(content)
        kind.read(tmp_path / file)
        (tmp_path / file).unlink()
    result = measure(kind, 2 * len(kind.contents), tmp_path)
    assert result.read + result.refused == 2 * len(kind.contents)
    assert result.refused > 0 and result.failed == [] and result.slowest_s > 0


def test_an_error_that_is_not_in_words_is_counted_and_its_file_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def read(path: Path) -> None:
        if path.name == "a":
            raise RuntimeError("from deep inside")
        if path.name == "b":
            raise PhotoError("'b' is damaged; get a whole copy")

    result = measure(Kind({"a": b"1" * 99, "b": b"2" * 99, "c": b"3" * 99}, read), 6, tmp_path)
    assert (result.read, result.refused, len(result.failed)) == (2, 2, 2)
    assert [path.name for path in result.failed] == ["00000_a", "00003_a"]
    assert all(path.read_bytes() for path in result.failed)
    assert "from deep inside" in capsys.readouterr().err
