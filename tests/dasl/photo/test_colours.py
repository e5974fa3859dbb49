"""Photos with ICC profiles come out in sRGB."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from dasl.photo.load import load_photo
from tests.dasl.icc_profiles import ADOBE_RGB, DISPLAY_P3, SRGB, grey_profile, rgb_profile

STORED = np.array([[234, 51, 35], [120, 130, 140], [0, 0, 0], [255, 255, 255]], np.uint8)


def _saved(path: Path, image: Image.Image, profile: bytes) -> np.ndarray:
    image.save(path, icc_profile=profile)
    return load_photo(path)[0, ::16].astype(int)


def _patches(mode: str = "RGB") -> Image.Image:
    return Image.fromarray(np.tile(np.repeat(STORED, 16, axis=0), (16, 1, 1))).convert(mode)


def test_red_of_srgb_stored_as_display_p3_is_red_again(tmp_path: Path) -> None:
    # (234, 51, 35) in Display P3 is sRGB's (255, 0, 0), by the primaries of both standards
    seen = _saved(tmp_path / "p3.png", _patches(), rgb_profile(DISPLAY_P3, 2.2))
    assert np.abs(seen[0] - [255, 0, 0]).max() <= 8
    assert np.abs(seen[1] - STORED[1]).max() <= 3  # close to grey
    assert seen[2:].tolist() == [[0, 0, 0], [255, 255, 255]]


def test_green_stored_as_adobe_rgb_gets_stronger(tmp_path: Path) -> None:
    green = Image.new("RGB", (64, 16), (144, 255, 60))  # sRGB's (0, 255, 0) in Adobe RGB (1998)
    seen = _saved(tmp_path / "adobe.jpg", green, rgb_profile(ADOBE_RGB, 2.2))
    assert np.abs(seen[0] - [0, 255, 0]).max() <= 8


def test_a_profile_that_is_srgb_by_another_name_changes_no_pixel(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(pixels).save(tmp_path / "srgb.png", icc_profile=profile)
    np.testing.assert_array_equal(load_photo(tmp_path / "srgb.png"), pixels)


def test_a_grey_photo_follows_its_own_gamma(tmp_path: Path) -> None:
    grey = Image.new("L", (64, 16), 128)
    seen = _saved(tmp_path / "grey.png", grey, grey_profile(1.0))
    assert np.abs(seen[0] - 188).max() <= 2  # half of the light, in sRGB's curve


def test_transparent_photos_are_converted_before_they_lie_on_white(tmp_path: Path) -> None:
    clear = _patches("RGBA")
    clear.putalpha(255)
    clear.paste((0, 0, 0, 0), (48, 0, 64, 16))
    seen = _saved(tmp_path / "clear.png", clear, rgb_profile(DISPLAY_P3, 2.2))
    assert np.abs(seen[0] - [255, 0, 0]).max() <= 8 and seen[3].tolist() == [255, 255, 255]


def test_a_palette_is_converted(tmp_path: Path) -> None:
    palette = _patches().convert("P", palette=Image.Palette.ADAPTIVE)
    seen = _saved(tmp_path / "palette.png", palette, rgb_profile(DISPLAY_P3, 2.2))
    assert np.abs(seen[0] - [255, 0, 0]).max() <= 8


def test_an_image_in_memory_is_converted_as_its_file_is(tmp_path: Path) -> None:
    _patches().save(tmp_path / "p3.png", icc_profile=rgb_profile(DISPLAY_P3, 2.2))
    with Image.open(tmp_path / "p3.png") as photo:
        np.testing.assert_array_equal(load_photo(photo), load_photo(tmp_path / "p3.png"))


@pytest.mark.parametrize(
    "profile",
    [b"no profile", rgb_profile(SRGB, 2.2)[:200], grey_profile(1.0)],
    ids=["not one", "damaged", "for grey photos"],
)
def test_a_profile_that_does_not_fit_is_ignored(tmp_path: Path, profile: bytes) -> None:
    seen = _saved(tmp_path / "photo.png", _patches(), profile)
    np.testing.assert_array_equal(seen, STORED)
