"""Video in BT.709 with colour tags, without which players guess the colour space."""

from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from dasl.arrays import RgbImage

PIXELS = "yuv420p"
"""The pixel format that browsers play."""


def tag_colours(stream: Any) -> None:
    """Tag a new video stream with the pixel format and colours of `film_picture`."""
    stream.pix_fmt = PIXELS
    stream.codec_context.colorspace = Colorspace.ITU709
    stream.codec_context.color_range = ColorRange.MPEG
    stream.codec_context.color_primaries = ColorPrimaries.BT709
    stream.codec_context.color_trc = ColorTrc.BT709


def film_picture(pixels: RgbImage) -> av.VideoFrame:
    """(H, W, 3) sRGB, H and W even, as a frame to encode."""
    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
    return picture.reformat(
        format=PIXELS,
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        dst_color_trc=ColorTrc.BT709,
        dst_color_primaries=ColorPrimaries.BT709,
    )
