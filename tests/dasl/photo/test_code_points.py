"""Photos whose colours are given by numbers: PNG's cICP, and nclx in AVIF and HEIC."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dasl.photo.code_points import CodePoints, code_points
from dasl.photo.load import load_photo
from dasl.photo.transfer import BT709, BT2020, DISPLAY_P3, HLG, LINEAR, PQ, SRGB
from tests.dasl.icc_profiles import ADOBE_RGB, rgb_profile

FILES = Path(__file__).parent / "files"
RED = (234, 51, 35)
"""sRGB's (255, 0, 0) in Display P3."""


def _photo(colour: tuple[int, int, int], file_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(buffer, file_format, **options)
    return buffer.getvalue()


def _png(colour: tuple[int, int, int], codes: bytes, **options: object) -> bytes:
    """A PNG with the chunk cICP behind its header."""
    content = _photo(colour, "PNG", **options)
    end = 8 + 12 + 13  # signature, IHDR
    body = b"cICP" + codes
    chunk = struct.pack(">I", len(codes)) + body + struct.pack(">I", zlib.crc32(body))
    return content[:end] + chunk + content[end:]


def _avif(colour: tuple[int, int, int], primaries: int, transfer: int) -> bytes:
    """An AVIF without a profile whose nclx has these numbers; decoders leave RGB as it is."""
    content = _photo(colour, "AVIF", quality=100, subsampling="4:4:4")
    at = content.index(b"colrnclx") + 8
    return content[:at] + struct.pack(">HH", primaries, transfer) + content[at + 4 :]


def _seen(path: Path, content: bytes) -> np.ndarray:
    path.write_bytes(content)
    return load_photo(path)[24, 32].astype(int)


def test_red_in_a_png_of_display_p3_is_red_again(tmp_path: Path) -> None:
    seen = _seen(tmp_path / "p3.png", _png(RED, bytes([DISPLAY_P3, SRGB, 0, 1])))
    assert np.abs(seen - [255, 0, 0]).max() <= 8


def test_red_in_an_avif_of_display_p3_without_a_profile_is_red_again(tmp_path: Path) -> None:
    seen = _seen(tmp_path / "p3.avif", _avif(RED, DISPLAY_P3, SRGB))
    assert np.abs(seen - [255, 0, 0]).max() <= 10
    as_stored = _seen(tmp_path / "srgb.avif", _avif(RED, BT709, SRGB))
    assert np.abs(as_stored - RED).max() <= 4


def test_hdr_photos_are_brought_to_the_levels_of_the_standard(tmp_path: Path) -> None:
    # BT.2408, table 1: diffuse white at 0.58 in PQ and 0.75 in HLG
    for number, (transfer, white) in enumerate([(PQ, 148), (HLG, 191)]):
        content = _png((white,) * 3, bytes([BT2020, transfer, 0, 1]))
        seen = _seen(tmp_path / f"{number}.png", content)
        assert np.abs(seen - 255).max() <= 8
        seen = _seen(tmp_path / f"{number}.avif", _avif((white,) * 3, BT2020, transfer))
        assert np.abs(seen - 255).max() <= 8


def test_linear_light_and_a_narrow_range_are_understood(tmp_path: Path) -> None:
    seen = _seen(tmp_path / "linear.png", _png((55, 55, 55), bytes([BT709, LINEAR, 0, 1])))
    assert np.abs(seen - 128).max() <= 2  # 0.216 of the light
    narrow = bytes([BT709, SRGB, 0, 0])
    assert _seen(tmp_path / "white.png", _png((235,) * 3, narrow)).tolist() == [255] * 3
    assert _seen(tmp_path / "black.png", _png((16,) * 3, narrow)).tolist() == [0] * 3


def test_in_png_the_numbers_count_before_a_profile(tmp_path: Path) -> None:
    profile = rgb_profile(ADOBE_RGB, 2.2)
    codes = bytes([DISPLAY_P3, SRGB, 0, 1])
    seen = _seen(tmp_path / "both.png", _png(RED, codes, icc_profile=profile))
    assert np.abs(seen - [255, 0, 0]).max() <= 8


def test_ordinary_numbers_change_no_pixel(tmp_path: Path) -> None:
    assert _seen(tmp_path / "a.png", _png(RED, bytes([BT709, SRGB, 0, 1]))).tolist() == list(RED)


def test_an_image_in_memory_is_converted_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "p3.png"
    path.write_bytes(_png(RED, bytes([DISPLAY_P3, SRGB, 0, 1])))
    with Image.open(path) as photo:
        np.testing.assert_array_equal(load_photo(photo), load_photo(path))
        assert photo.getpixel((0, 0)) == RED


def test_heic_says_its_numbers() -> None:
    from pi_heif import HeifImageFile

    with HeifImageFile(FILES / "four_to_three.heic") as photo:
        assert code_points(photo) == CodePoints(BT709, SRGB)


@pytest.mark.parametrize(
    "content",
    [
        _png(RED, bytes([DISPLAY_P3, SRGB]))[:-40],
        _photo(RED, "AVIF").replace(b"colr", b"free"),
        _photo(RED, "AVIF").replace(b"iprp", b"free"),
        _photo(RED, "JPEG"),
    ],
    ids=["short chunk", "no colr", "no iprp", "another format"],
)
def test_a_file_that_does_not_say_has_no_numbers(content: bytes) -> None:
    class Opened:
        format = {b"\x89P": "PNG", b"\xff\xd8": "JPEG"}.get(content[:2], "AVIF")
        info: dict[str, object] = {}  # noqa: RUF012
        fp = io.BytesIO(content)

    assert code_points(Opened()) is None  # type: ignore[arg-type]
