"""Colours of clips to sRGB: HDR (HLG, PQ) and wide gamuts as they look on an ordinary screen.

Sources: ITU-R BT.2100-2 tables 4 and 5 (PQ, HLG and its OOTF), BT.2408 section 2 (diffuse white at
203 cd/m2), BT.2020, SMPTE RP 431-2 and EG 432-1 (primaries).
"""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, Colorspace, ColorTrc
from PIL import Image, ImageFilter

from dasl.arrays import RgbImage

Array = npt.NDArray[np.float64]

WHITE_NITS = 203.0
"""What SDR shows as white."""
HLG_PEAK_NITS = 1000.0
HLG_GAMMA = 1.2
PQ_PEAK_NITS = 10_000.0
KNEE = 0.92
"""Up to this share of white, light stays as it is; what is brighter nears white in its own hue."""
TABLE_SIDE = 65
"""Steps of the table of colours on each axis; its error is below half of 1/255 on average."""
_SD_WIDTH, _SD_HEIGHT = 1024, 576
_UNSPECIFIED = 2

# Linear RGB to linear RGB of BT.709, rows are what comes out.
_TO_BT709: dict[int, Array] = {
    ColorPrimaries.BT2020: np.array(
        [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
    ),
    ColorPrimaries.SMPTE432: np.array(  # Display P3
        [[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]]
    ),
}
_BT2020_LUMINANCE = np.array([0.2627, 0.6780, 0.0593])
_HLG_A, _HLG_B, _HLG_C = 0.17883277, 0.28466892, 0.55991073
_PQ_M1, _PQ_M2 = 2610 / 16384, 2523 / 4096 * 128
_PQ_C1, _PQ_C2, _PQ_C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32


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
    table = _table(int(frame.color_trc), int(frame.color_primaries))
    return pixels if table is None else np.asarray(Image.fromarray(pixels).filter(table))


def _yuv_matrix(frame: VideoFrame) -> int | None:
    """The matrix of a file that does not name it: by its size, as players do."""
    if frame.colorspace != _UNSPECIFIED:
        return None
    is_hd = frame.height > _SD_HEIGHT or frame.width > _SD_WIDTH
    return int(Colorspace.ITU709 if is_hd else Colorspace.ITU601)


@lru_cache(maxsize=4)
def _table(trc: int, primaries: int) -> ImageFilter.Color3DLUT | None:
    """Decoded RGB to sRGB; None where both are the same to the eye."""
    is_hdr = trc in (ColorTrc.ARIB_STD_B67, ColorTrc.SMPTE2084)
    if not is_hdr and primaries not in _TO_BT709:
        return None
    axis = np.linspace(0.0, 1.0, TABLE_SIDE)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")  # red changes fastest
    light = _light(np.stack([red, green, blue], axis=-1), trc)
    light = light @ _TO_BT709.get(primaries, np.eye(3)).T
    seen = _srgb_signal(_rolled_off(light) if is_hdr else light)
    return ImageFilter.Color3DLUT(TABLE_SIDE, seen.astype(np.float32).ravel().tolist())


def _light(signal: Array, trc: int) -> Array:
    """Linear light of a display, 1 is SDR's white; of (..., 3) RGB in 0 to 1."""
    if trc == ColorTrc.ARIB_STD_B67:
        low, high = signal**2 / 3, (np.exp((signal - _HLG_C) / _HLG_A) + _HLG_B) / 12
        scene = np.where(signal <= 0.5, low, high)
        luminance = (scene @ _BT2020_LUMINANCE)[..., None]
        return HLG_PEAK_NITS / WHITE_NITS * luminance ** (HLG_GAMMA - 1) * scene
    if trc == ColorTrc.SMPTE2084:
        power = signal ** (1 / _PQ_M2)
        ratio = np.maximum(power - _PQ_C1, 0) / (_PQ_C2 - _PQ_C3 * power)
        return PQ_PEAK_NITS / WHITE_NITS * ratio ** (1 / _PQ_M1)
    return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)


def _rolled_off(light: Array) -> Array:
    """Brightest channel above `KNEE` brought below 1, all three by the same factor."""
    brightest = light.max(axis=-1, keepdims=True)
    room = 1 - KNEE
    curved = KNEE + room * np.tanh(np.maximum(brightest - KNEE, 0) / room)
    return light * np.where(brightest > KNEE, curved / np.maximum(brightest, 1e-9), 1.0)


def _srgb_signal(light: Array) -> Array:
    light = np.clip(light, 0.0, 1.0)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
