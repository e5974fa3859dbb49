"""Texts that others wrote."""

from pathlib import Path

import pytest

from eval.errors import MapError, SubmissionError
from eval.untrusted.text import listed, printable, read_bytes, read_text


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffä".encode())
    assert read_bytes(path, 5, MapError) == path.read_bytes()
    assert read_text(path, 5) == "ä"
    with pytest.raises(MapError, match=r"a.txt is larger than 4 bytes.*take another"):
        read_bytes(path, 4, MapError, "take another")


def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(MapError, match=r"cannot read .*gone.txt: No such file.*check the path"):
        read_bytes(tmp_path / "gone.txt", 4, MapError)
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(SubmissionError, match="UTF-8"):
        read_text(tmp_path / "a.txt", 4)


def test_a_text_is_shown_on_one_line_and_cut() -> None:
    assert printable("a\n\x1b[2J\u202eb") == "a??[2J?b"
    assert printable("x" * 81) == "x" * 77 + "..."
    assert listed(("a", "b")) == "a, b"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
