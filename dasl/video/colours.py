"""Colours of clips to sRGB: HDR (HLG, PQ) and wide gamuts as they look on an ordinary screen."""

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
    """A frame as an ordinary screen shows it, (height, width, 3) uint8; its tags are believed.

    Args:
        frame: as decoded.
        width: of the picture wanted, pixels.
        height: likewise.
    """
    size: dict[str, Any] = {
        "width": width,
        "height": height,
        "interpolation": "AREA" if width < frame.width else "BICUBIC",
        "src_colorspace": _yuv_matrix(frame),
    }
    if max(component.bits for component in frame.format.components) > 8:
        # FFmpeg cuts the last bits off on its way to 8, and counts white as 255 x 256 in 16
        deep = frame.to_ndarray(format="gbrp16le", **size).astype(np.uint32)
        pixels = np.minimum((deep + 128) >> 8, 255).astype(np.uint8)
    else:
        pixels = np.asarray(frame.to_ndarray(format="rgb24", **size), np.uint8)
    table = srgb_table(int(frame.color_trc), int(frame.color_primaries))
    return pixels if table is None else np.asarray(Image.fromarray(pixels).filter(table))


def _yuv_matrix(frame: VideoFrame) -> int | None:
    """The matrix of a file that does not name it: by its size, as players do."""
    if frame.colorspace != _UNSPECIFIED:
        return None
    is_hd = frame.height > _SD_HEIGHT or frame.width > _SD_WIDTH
    return int(Colorspace.ITU709 if is_hd else Colorspace.ITU601)
