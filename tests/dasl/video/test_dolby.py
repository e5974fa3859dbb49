"""Dolby Vision clips: told from others by the record in their sample entry."""

import struct
from pathlib import Path

import av
import numpy as np
import pytest

from dasl.errors import DaslWarning
from dasl.video.clip import Clip
from dasl.video.dolby import closed_profile

AROUND = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1")
"""Boxes around a sample entry's own."""


def _clip(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        film = container.add_stream("libx264", rate=10)
        film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
        for _ in range(3):
            picture = np.full((48, 64, 3), 90, np.uint8)
            container.mux(film.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(film.encode())
    return path


def _record(profile: int, compatible_with: int) -> bytes:
    numbers = profile << 9 | 5 << 3 | 0b101  # level 5; picture and its metadata are there
    return bytes([1, 0]) + struct.pack(">H", numbers) + bytes([compatible_with << 4]) + bytes(19)


def _with_record(path: Path, profile: int, compatible_with: int) -> Path:
    """The box at the end of the sample entry; everything around grows by it."""
    content = bytearray(path.read_bytes())
    box = struct.pack(">I", 32) + b"dvcC" + _record(profile, compatible_with)
    at = 0
    for name in AROUND:
        at = content.index(name, at)
        size = int.from_bytes(content[at - 4 : at], "big")
        end = at - 4 + size
        content[at - 4 : at] = struct.pack(">I", size + len(box))
    content[end:end] = box  # of the innermost; the pictures lie before moov
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(("profile", "compatible_with", "closed"), [(5, 0, 5), (8, 4, None)])
def test_profile_5_is_told_from_one_with_an_hlg_picture(
    tmp_path: Path, profile: int, compatible_with: int, closed: int | None
) -> None:
    path = _with_record(_clip(tmp_path / "dolby.mp4"), profile, compatible_with)
    assert closed_profile(path) == closed


def test_colours_that_cannot_be_decoded_are_told_and_the_frames_come(tmp_path: Path) -> None:
    path = _with_record(_clip(tmp_path / "dolby.mp4"), 5, 0)
    with pytest.warns(DaslWarning, match=r"Dolby Vision of profile 5.*save it as SDR"):
        clip = Clip.open(path)
    assert len(list(clip.frames())) == 3


def test_matroska_has_the_record_in_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "dolby.mkv"
    path.write_bytes(b"\x1a\x45\xdf\xa3" + bytes(40) + b"dvcC\x41\xed\x98" + _record(5, 0))
    assert closed_profile(path) == 5


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.mov", "clip.avi"])
def test_ordinary_clips_are_none_of_them(tmp_path: Path, name: str) -> None:
    assert closed_profile(_clip(tmp_path / name)) is None


def test_a_damaged_header_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    for content in (b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\2free", b"\0\0\0\1mdat", b""):
        path.write_bytes(content)
        assert closed_profile(path) is None
