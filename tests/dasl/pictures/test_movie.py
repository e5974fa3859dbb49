"""Tests of moving pictures, opened again by other readers."""

import io

import av
import numpy as np
from PIL import Image

from dasl.pictures.movie import gif_bytes, mp4_bytes

GREYS = (40, 120, 200)
FRAMES = [np.full((32, 48, 3), grey, np.uint8) for grey in GREYS]


def test_an_mp4_is_h264_for_browsers_with_every_frame() -> None:
    with av.open(io.BytesIO(mp4_bytes(FRAMES, 10))) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert stream.average_rate == 10
        found = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
    assert [frame.shape for frame in found] == [(32, 48, 3)] * 3
    np.testing.assert_allclose([frame.mean() for frame in found], GREYS, atol=3)


def test_a_gif_is_endless_with_every_frame() -> None:
    with Image.open(io.BytesIO(gif_bytes(FRAMES, 16))) as picture:
        assert picture.n_frames == 3
        assert picture.info["loop"] == 0
        assert picture.info["duration"] == 60  # 1000 / 16, in hundredths of a second
        means = []
        for index in range(3):
            picture.seek(index)
            means.append(np.asarray(picture.convert("RGB")).mean())
    np.testing.assert_allclose(means, GREYS, atol=3)


def test_one_frame_is_enough() -> None:
    assert gif_bytes(FRAMES[:1], 10)[:3] == b"GIF"
    assert mp4_bytes(FRAMES[:1], 10)[4:8] == b"ftyp"
