"""Photos' files in the states that they arrive in."""

import os
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from dasl.errors import DaslWarning, PhotoError, notices_to
from dasl.photo.files import MIN_SHARE
from dasl.photo.load import load_photo
from tests.mutation import mutated

HEIC = Path(__file__).parent / "files"
"""Made once with pillow-heif, which can write: a red square of 16 at the top left of 64 x 48."""


def _textured(side: int = 256) -> np.ndarray:
    small = np.random.default_rng(0).integers(0, 255, (16, 16, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC))


def _jpeg(path: Path, progressive: bool = False) -> bytes:
    Image.fromarray(_textured()).save(path, quality=90, progressive=progressive)
    return path.read_bytes()


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_lacks_only_its_end_marker_is_whole(tmp_path: Path, progressive: bool) -> None:
    path = tmp_path / "cut.jpg"
    content = _jpeg(path, progressive)
    whole, heard = load_photo(path), []
    path.write_bytes(content[:-2])
    with notices_to(heard.append):
        np.testing.assert_array_equal(load_photo(path), whole)
    assert len(heard) == 1 and "cut.jpg" in heard[0] and "all rows are there" in heard[0]


def test_of_a_jpeg_cut_near_its_end_the_rest_is_used(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    content = _jpeg(path)
    whole, heard = load_photo(path), []
    path.write_bytes(content[: int(0.9 * len(content))])
    with notices_to(heard.append):
        loaded = load_photo(path)
    rows = int(MIN_SHARE * 256)
    np.testing.assert_array_equal(loaded[:rows], whole[:rows])
    assert loaded.shape == whole.shape and "rows are missing" in heard[0]


def test_of_a_jpeg_cut_early_nothing_is_used(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    content = _jpeg(path)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(PhotoError, match=r"is cut: \d+% of its rows are there, wanted 75%"):
        load_photo(path)


def test_a_library_user_gets_a_python_warning(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    path.write_bytes(_jpeg(path)[:-2])
    with pytest.warns(DaslWarning, match="cut short"):
        load_photo(path)


def test_a_png_with_three_megabytes_of_text_is_read(tmp_path: Path) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "x" * 3_000_000, zip=True)
    texts.add_itxt("XML:com.adobe.xmp", "y" * 3_000_000, zip=True)
    Image.fromarray(_textured(32)).save(tmp_path / "long.png", pnginfo=texts)
    np.testing.assert_array_equal(load_photo(tmp_path / "long.png"), _textured(32))


def test_heic_is_read_upright() -> None:
    plain, turned = load_photo(HEIC / "four_to_three.heic"), load_photo(HEIC / "turned.heic")
    assert plain.shape == (48, 64, 3) and turned.shape == (64, 48, 3)
    assert plain[4, 4, 0] > 180 and plain[4, 60, 0] < 80
    assert turned[4, 44, 0] > 180 and turned[4, 4, 0] < 80


def test_reading_heic_leaves_pillows_formats_alone() -> None:
    load_photo(HEIC / "four_to_three.heic")
    assert "HEIF" not in Image.OPEN


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_photo_comes_through_a_pipe(tmp_path: Path) -> None:
    Image.fromarray(_textured(32)).save(tmp_path / "photo.png")
    os.mkfifo(tmp_path / "pipe")
    content = (tmp_path / "photo.png").read_bytes()
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=[content])
    writer.start()
    np.testing.assert_array_equal(load_photo(tmp_path / "pipe"), _textured(32))
    writer.join()


def test_a_name_with_a_nul_is_told() -> None:
    with pytest.raises(PhotoError, match="cannot be a path"):
        load_photo("a\0b.jpg")


def test_a_name_too_long_and_a_loop_of_links_are_told(tmp_path: Path) -> None:
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    for name in ("loop.jpg", "x" * 300 + ".jpg"):
        with pytest.raises(PhotoError, match="cannot be read"):
            load_photo(tmp_path / name)


SAVED_AS = {
    "jpg": {},
    "jp2": {},
    "png": {},
    "webp": {},
    "avif": {},
    "tif": {"compression": "tiff_lzw"},
    "bmp": {},
    "gif": {},
    "ppm": {},
    "heic": None,
}


@pytest.mark.parametrize("kind", SAVED_AS)
def test_a_damaged_file_gives_a_photo_or_says_what_is_wrong(tmp_path: Path, kind: str) -> None:
    path, random = tmp_path / f"photo.{kind}", np.random.default_rng(7)
    if kind == "heic":
        path.write_bytes((HEIC / "four_to_three.heic").read_bytes())
    else:
        Image.fromarray(_textured(48)).save(path, **SAVED_AS[kind])
    content = path.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's own, of EXIF and the like
        for _ in range(60):
            path.write_bytes(mutated(content, random))
            try:
                loaded = load_photo(path)
            except PhotoError as error:
                assert "photo." in str(error)
            else:
                assert loaded.dtype == np.uint8 and loaded.shape[2] == 3
