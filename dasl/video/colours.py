"""Converts colours of clips to sRGB, including HDR (HLG, PQ) and wide gamuts."""

from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace
from PIL import Image

from dasl.arrays import RgbImage
from dasl.photo.transfer import srgb_table

_SD_WIDTH, _SD_HEIGHT = 1024, 576
_UNSPECIFIED = 2


def srgb_pixels(frame: VideoFrame, width: int, height: int) -> RgbImage:
    """A frame in sRGB, (height, width, 3) uint8, according to its colour tags.

    Args:
        frame: as decoded.
        width: of the result, pixels.
        height: of the result, pixels.
    """
    size: dict[str, Any] = {
        "width": width,
        "height": height,
        "interpolation": "AREA" if width < frame.width else "BICUBIC",
        "src_colorspace": _yuv_matrix(frame),
    }
    if max(component.bits for component in frame.format.components) > 8:
        # FFmpeg truncates when reducing to 8 bits, and its 16-bit white is 255 x 256
        deep = frame.to_ndarray(format="gbrp16le", **size).astype(np.uint32)
        pixels = np.minimum((deep + 128) >> 8, 255).astype(np.uint8)
    else:
        pixels = np.asarray(frame.to_ndarray(format="rgb24", **size), np.uint8)
    table = srgb_table(int(frame.color_trc), int(frame.color_primaries))
    return pixels if table is None else np.asarray(Image.fromarray(pixels).filter(table))


def _yuv_matrix(frame: VideoFrame) -> int | None:
    """The matrix for a file that does not state it, chosen by size as in players."""
    if frame.colorspace != _UNSPECIFIED:
        return None
    is_hd = frame.height > _SD_HEIGHT or frame.width > _SD_WIDTH
    return int(Colorspace.ITU709 if is_hd else Colorspace.ITU601)
