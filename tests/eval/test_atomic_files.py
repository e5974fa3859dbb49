"""Files that are written whole, and what a user is told where that fails."""

from pathlib import Path

import pytest

from eval.atomic_files import writing
from eval.errors import PictureError


def test_a_file_is_written_under_its_name(tmp_path: Path) -> None:
    with writing(tmp_path / "a.png", PictureError) as temporary:
        temporary.write_bytes(b"new")
    assert (tmp_path / "a.png").read_bytes() == b"new"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    message = r"cannot write .*a.png: No such file.*; choose another place"
    with (
        pytest.raises(PictureError, match=message),
        writing(tmp_path / "gone" / "a.png", PictureError) as temporary,
    ):
        temporary.write_bytes(b"new")
