"""Tests of reading photos: every kind of image, and every kind of bad one."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from dasl.errors import PhotoError
from dasl.photo.load import MAX_PIXELS, load_photo

RED, WHITE = [255, 0, 0], [255, 255, 255]
EXIF_ORIENTATION = 0x0112


@pytest.fixture
def rgb() -> np.ndarray:
    """(24, 32, 3): red at the top left, a grey ramp elsewhere."""
    ramp = np.linspace(0, 255, 32).round().astype(np.uint8)
    image = np.repeat(np.tile(ramp, (24, 1))[..., None], 3, axis=2)
    image[:8, :8] = RED
    return image


def test_a_png_file_comes_back_exactly(tmp_path: Path, rgb: np.ndarray) -> None:
    path = tmp_path / "face.png"
    Image.fromarray(rgb).save(path)
    for source in (path, str(path), Image.open(path), rgb):
        loaded = load_photo(source)
        assert loaded.dtype == np.uint8
        np.testing.assert_array_equal(loaded, rgb)


@pytest.mark.parametrize(
    ("orientation", "row", "column"),
    [
        (1, 0, 0),
        (2, 0, -1),
        (3, -1, -1),
        (4, -1, 0),
        (5, 0, 0),
        (6, 0, -1),
        (7, -1, -1),
        (8, -1, 0),
    ],
)
def test_exif_orientation_moves_the_first_stored_pixel_to_its_corner(
    tmp_path: Path, rgb: np.ndarray, orientation: int, row: int, column: int
) -> None:
    path = tmp_path / "turned.png"
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = orientation
    Image.fromarray(rgb).save(path, exif=exif)
    loaded = load_photo(path)
    assert loaded.shape == ((24, 32, 3) if orientation <= 4 else (32, 24, 3))
    assert loaded[row, column].tolist() == RED


def test_grey_files_and_arrays_become_three_equal_channels(tmp_path: Path, rgb: np.ndarray) -> None:
    grey = rgb[..., 1]
    Image.fromarray(grey).save(tmp_path / "grey.png")
    for source in (tmp_path / "grey.png", grey):
        loaded = load_photo(source)
        for channel in range(3):
            np.testing.assert_array_equal(loaded[..., channel], grey)


def test_transparency_is_composited_on_white(tmp_path: Path, rgb: np.ndarray) -> None:
    alpha = np.full((24, 32, 1), 255, np.uint8)
    alpha[:8, :8] = 0
    alpha[-1, 0] = 102  # 40 % of black over white: 153
    rgba = np.concatenate([rgb, alpha], axis=2)
    Image.fromarray(rgba).save(tmp_path / "cut.png")
    for source in (tmp_path / "cut.png", rgba):
        loaded = load_photo(source)
        assert loaded[0, 0].tolist() == WHITE
        assert loaded[-1, 0].tolist() == [153, 153, 153]
        np.testing.assert_array_equal(loaded[:, 8:], rgb[:, 8:])


def test_palette_files_keep_their_colours_and_transparent_entries_turn_white(
    tmp_path: Path, rgb: np.ndarray
) -> None:
    palette = Image.fromarray(rgb).convert("P", palette=Image.Palette.ADAPTIVE, colors=64)
    palette.save(tmp_path / "opaque.png")
    np.testing.assert_array_equal(load_photo(tmp_path / "opaque.png"), palette.convert("RGB"))
    palette.save(tmp_path / "clear.png", transparency=palette.getpixel((0, 0)))
    assert load_photo(tmp_path / "clear.png")[0, 0].tolist() == WHITE


def test_sixteen_bit_grey_is_scaled_and_not_clipped(tmp_path: Path) -> None:
    deep = np.tile(np.array([0, 257, 25700, 65535], np.uint16), (20, 5))
    Image.fromarray(deep).save(tmp_path / "deep.png")
    Image.fromarray(deep).save(tmp_path / "deep.tif")
    for name in ("deep.png", "deep.tif"):
        assert load_photo(tmp_path / name)[0, :4, 0].tolist() == [0, 1, 100, 255]


def test_one_bit_files_become_black_and_white(tmp_path: Path) -> None:
    bits = np.zeros((16, 16), bool)
    bits[:, 8:] = True
    Image.fromarray(bits).save(tmp_path / "bits.png")
    loaded = load_photo(tmp_path / "bits.png")
    assert loaded[0, 0].tolist() == [0, 0, 0]
    assert loaded[0, 8].tolist() == WHITE


def test_cmyk_files_become_rgb(tmp_path: Path) -> None:
    cyan = Image.new("CMYK", (32, 32), (255, 0, 0, 0))
    cyan.save(tmp_path / "print.tif")
    cyan.save(tmp_path / "print.jpg", quality=95)
    assert load_photo(tmp_path / "print.tif")[5, 5].tolist() == [0, 255, 255]
    assert np.abs(load_photo(tmp_path / "print.jpg")[5, 5].astype(int) - [0, 255, 255]).max() < 8


@pytest.mark.parametrize("name", ["moving.gif", "moving.png", "moving.webp", "pages.tif"])
def test_of_an_animated_file_the_first_frame_is_taken(tmp_path: Path, name: str) -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    lossless = {"lossless": True} if name.endswith("webp") else {}
    frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], **lossless)
    assert load_photo(tmp_path / name)[3, 3].tolist() == RED


def test_a_pil_image_passed_in_is_left_unchanged(tmp_path: Path, rgb: np.ndarray) -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = 6
    Image.fromarray(rgb).save(tmp_path / "turned.png", exif=exif)
    photo = Image.open(tmp_path / "turned.png")
    load_photo(photo)
    assert photo.size == (32, 24)
    assert photo.getexif()[EXIF_ORIENTATION] == 6


def test_loading_leaves_pillows_global_state_alone(tmp_path: Path, rgb: np.ndarray) -> None:
    limit, truncated = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
    Image.fromarray(rgb).save(tmp_path / "face.png")
    load_photo(tmp_path / "face.png")
    assert limit == Image.MAX_IMAGE_PIXELS
    assert truncated == ImageFile.LOAD_TRUNCATED_IMAGES


def _refusal(source: object, *words: str) -> None:
    with pytest.raises(PhotoError) as caught:
        load_photo(source)  # type: ignore[arg-type]
    for word in words:
        assert word in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    _refusal(tmp_path / "gone.jpg", "gone.jpg", "does not exist")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    _refusal(tmp_path, tmp_path.name, "is a folder", "name one photo")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    _refusal(tmp_path / "empty.jpg", "empty.jpg", "0 bytes")


def test_a_file_that_is_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_text("not an image at all")
    _refusal(tmp_path / "notes.jpg", "notes.jpg", "not an image", "JPEG")


@pytest.mark.parametrize("name", ["cut.jpg", "cut.png", "cut.webp", "cut.gif", "cut.tif"])
@pytest.mark.parametrize("share", [0.3, 0.6])
def test_a_truncated_file_is_refused(tmp_path: Path, name: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    path = tmp_path / name
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    _refusal(path, name)


def test_a_photo_of_one_pixel_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    _refusal(tmp_path / "dot.png", "dot.png", "1x1", "at least 16")


def _png_header(width: int, height: int) -> bytes:
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part))
        for part in (chunk, data, b"IEND")
    )


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [20_000, 10_000, 8_950])
def test_a_decompression_bomb_is_refused_by_its_declared_size(tmp_path: Path, side: int) -> None:
    (tmp_path / "bomb.png").write_bytes(_png_header(side, side))
    _refusal(tmp_path / "bomb.png", "bomb.png", f"at most {MAX_PIXELS // 10**6} megapixels")


def test_no_photo_within_the_limit_makes_pillow_warn() -> None:
    assert Image.MAX_IMAGE_PIXELS is not None
    assert MAX_PIXELS <= Image.MAX_IMAGE_PIXELS


def test_a_damaged_heic_photo_is_refused(tmp_path: Path) -> None:
    (tmp_path / "IMG_1.HEIC").write_bytes(b"\x00\x00\x00\x18ftypheic" + b"\x00" * 64)
    _refusal(tmp_path / "IMG_1.HEIC", "IMG_1.HEIC", "cannot be read", "whole copy")


def test_postscript_is_refused_before_it_could_run(tmp_path: Path) -> None:
    Image.new("RGB", (32, 32)).save(tmp_path / "page.eps")
    _refusal(tmp_path / "page.eps", "page.eps", "EPS file")


def test_float_tiff_is_refused(tmp_path: Path) -> None:
    Image.fromarray(np.ones((32, 32), np.float32)).save(tmp_path / "depth.tif")
    _refusal(tmp_path / "depth.tif", "depth.tif", "8-bit RGB")


def test_float_arrays_are_refused_with_the_conversion() -> None:
    _refusal(np.ones((32, 32, 3)), "uint8", "float64", "array * 255")


def test_nan_arrays_are_refused_as_such() -> None:
    _refusal(np.full((32, 32, 3), np.nan, np.float32), "float32", "NaN")


@pytest.mark.parametrize("shape", [(3, 32, 32), (2, 32, 32, 3), (32,), (32, 32, 2)])
def test_arrays_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    _refusal(np.zeros(shape, np.uint8), "(H, W, 3)", str(shape))


def test_sixteen_bit_arrays_are_refused() -> None:
    _refusal(np.zeros((32, 32, 3), np.uint16), "uint16", "0..255")


def test_other_types_are_refused() -> None:
    _refusal(12, "path", "int")
