"""Clips look as they do in a player, and films say how they are meant."""

from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from dasl.pictures.movie import mp4_bytes
from dasl.video.clip import Clip, Frame
from dasl.video.overlay import write_film

HLG, PQ = ColorTrc.ARIB_STD_B67, ColorTrc.SMPTE2084
BT2020_FROM_BT709 = np.array(
    [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
)
LUMINANCE = np.array([0.2627, 0.6780, 0.0593])


def _clip(path: Path, yuv: np.ndarray, size: tuple[int, int], **tags: int) -> Path:
    """Two frames of one colour, given as 8-bit Y, U, V."""
    width, height = size
    planes = np.repeat(yuv.round().astype(np.uint8), [width * height, *[width * height // 4] * 2])
    with av.open(str(path), "w") as container:
        film = container.add_stream("libx264", rate=10)
        film.width, film.height, film.pix_fmt = width, height, "yuv420p"
        for name, value in tags.items():
            setattr(film.codec_context, name, value)
        for _ in range(2):
            picture = planes.reshape(height * 3 // 2, width)
            container.mux(film.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p")))
        container.mux(film.encode())
    return path


def _seen(path: Path) -> np.ndarray:
    return next(Clip.open(path).frames()).pixels[8, 8].astype(int)


def _yuv(rgb: np.ndarray, red: float, blue: float) -> np.ndarray:
    """Limited range, by the weights of a matrix's red and blue."""
    luma = red * rgb[0] + (1 - red - blue) * rgb[1] + blue * rgb[2]
    u, v = (rgb[2] - luma) / (2 - 2 * blue), (rgb[0] - luma) / (2 - 2 * red)
    return np.array([16 + 219 * luma, 128 + 224 * u, 128 + 224 * v])


@pytest.mark.parametrize(
    ("trc", "signal", "seen"),
    [
        # BT.2408, table 1: grey card of 18 % at 26 cd/m2, diffuse white at 203 cd/m2
        (HLG, 0.38, 100),
        (HLG, 0.75, 255),
        (PQ, 0.38, 100),
        (PQ, 0.58, 255),
        (HLG, 1.0, 255),
        (HLG, 0.0, 0),
    ],
)
def test_hdr_is_brought_to_the_levels_of_the_standard(tmp_path, trc, signal, seen):
    tags = {"color_trc": trc, "color_primaries": 9, "colorspace": 9, "color_range": 1}
    grey = np.array([16 + 219 * signal, 128, 128])
    path = _clip(tmp_path / "hdr.mp4", grey, (64, 48), **tags)
    assert np.abs(_seen(path) - seen).max() <= 8  # white leaves some room for what is brighter


def test_a_colour_comes_back_from_hlg(tmp_path):
    srgb = np.array([200, 90, 60])  # of skin in the shade
    linear = ((srgb / 255 + 0.055) / 1.055) ** 2.4
    nits = 203 * BT2020_FROM_BT709 @ linear
    scene = nits / 1000 * (LUMINANCE @ nits / 1000) ** (1 / 1.2 - 1)
    high = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    signal = np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)
    tags = {"color_trc": HLG, "color_primaries": 9, "colorspace": 9, "color_range": 1}
    path = _clip(tmp_path / "hlg.mp4", _yuv(signal, 0.2627, 0.0593), (64, 48), **tags)
    assert np.abs(_seen(path) - srgb).max() <= 8


@pytest.mark.parametrize(
    ("size", "red", "blue"), [((1280, 720), 0.2126, 0.0722), ((640, 480), 0.299, 0.114)]
)
def test_a_clip_without_tags_is_read_by_its_size(tmp_path, size, red, blue):
    orange = np.array([0.9, 0.4, 0.1])
    path = _clip(tmp_path / "plain.mp4", _yuv(orange, red, blue), size)
    assert np.abs(_seen(path) - 255 * orange).max() <= 4


def _frames(count: int = 2) -> list[Frame]:
    return [
        Frame(n, n / 10, np.full((720, 1280, 3), (230, 102, 26), np.uint8)) for n in range(count)
    ]


def test_films_are_tagged_and_keep_their_colours(tmp_path):
    film = write_film(tmp_path / "film.mp4", _frames())
    turntable = tmp_path / "turntable.mp4"
    turntable.write_bytes(mp4_bytes([frame.pixels for frame in _frames()], 10))
    for path in (film, turntable):
        with av.open(str(path)) as container:
            codec = container.streams.video[0].codec_context
            assert codec.colorspace == Colorspace.ITU709
            assert codec.color_primaries == ColorPrimaries.BT709
            assert codec.color_trc == ColorTrc.BT709
            assert codec.color_range == ColorRange.MPEG
        assert np.abs(_seen(path) - (230, 102, 26)).max() <= 4


def test_the_hlg_clip_of_the_cases_looks_as_its_photo(data_root):
    cases = data_root / "cases"
    if not cases.is_dir():
        pytest.skip(f"{cases} is missing")
    with av.open(str(cases / "hlg.mp4")) as container:  # the photo's own values under a false tag
        photo = next(container.decode(video=0)).to_ndarray(format="rgb24").astype(int)
    seen = next(Clip.open(cases / "hlg_true.mp4").frames()).pixels
    assert np.abs(seen - photo).mean() < 4  # 15.8 where the tag is ignored
