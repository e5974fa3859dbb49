"""Encodes frames as GIF or as MP4 with H.264."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from dasl.arrays import RgbImage

_PALETTE_FRAMES = 8
_CRF = 18
"""Quality of x264 (CRF): 18 is visually almost lossless, 51 the worst."""


def gif_bytes(frames: Sequence[RgbImage], fps: int) -> bytes:
    """A looping GIF; all frames share one palette, which avoids flicker.

    Args:
        frames: (H, W, 3) uint8 RGB, at least one.
        fps: frames per second; GIF times have a resolution of 0.01 s.
    """
    every = max(1, len(frames) // _PALETTE_FRAMES)
    palette = Image.fromarray(np.concatenate(frames[::every], axis=0)).quantize(255)
    pages = [
        Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
        for frame in frames
    ]
    buffer = io.BytesIO()
    duration_ms = 10 * round(100 / fps)
    pages[0].save(
        buffer, "GIF", save_all=True, append_images=pages[1:], duration=duration_ms, loop=0
    )
    return buffer.getvalue()


def mp4_bytes(frames: Sequence[RgbImage], fps: int) -> bytes:
    """An MP4 with H.264, 4:2:0, as browsers play it.

    Args:
        frames: (H, W, 3) uint8 RGB, at least one; H and W even.
        fps: frames per second.
    """
    import av  # here: photos need no films

    from dasl.pictures.film_colours import film_picture, tag_colours

    buffer = io.BytesIO()
    height, width = frames[0].shape[:2]
    with av.open(buffer, "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=fps, options={"crf": str(_CRF)})
        stream.width, stream.height = width, height
        tag_colours(stream)
        for frame in frames:
            container.mux(stream.encode(film_picture(frame)))
        container.mux(stream.encode(None))
    return buffer.getvalue()
