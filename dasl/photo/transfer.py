"""Converts colours with code points of ITU-T H.273 to sRGB, for standard displays.

Sources: ITU-R BT.2100-2 tables 4 and 5 (PQ, HLG and its OOTF), BT.2408 section 2 (diffuse white at
203 cd/m2), BT.2020, SMPTE RP 431-2 and EG 432-1 (primaries).
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import ImageFilter

Array = npt.NDArray[np.float64]

BT709, BT2020, DISPLAY_P3 = 1, 9, 12
"""Code points of primaries."""
LINEAR, SRGB, PQ, HLG = 8, 13, 16, 18
"""Code points of transfer characteristics; all others are near sRGB's."""

WHITE_NITS = 203.0
"""Luminance of SDR white, cd/m2."""
HLG_PEAK_NITS = 1000.0
HLG_GAMMA = 1.2
PQ_PEAK_NITS = 10_000.0
KNEE = 0.92
"""Light up to this share of white is unchanged; brighter light is compressed, keeping its hue."""
TABLE_SIDE = 65
"""Steps of the colour table on each axis; its mean error is below half of 1/255."""

# Matrices from linear RGB to linear RGB of BT.709; rows are output channels.
_TO_BT709: dict[int, Array] = {
    BT2020: np.array(
        [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
    ),
    DISPLAY_P3: np.array(
        [[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]]
    ),
}
_BT2020_LUMINANCE = np.array([0.2627, 0.6780, 0.0593])
_HLG_A, _HLG_B, _HLG_C = 0.17883277, 0.28466892, 0.55991073
_PQ_M1, _PQ_M2 = 2610 / 16384, 2523 / 4096 * 128
_PQ_C1, _PQ_C2, _PQ_C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32


@lru_cache(maxsize=4)
def srgb_table(transfer: int, primaries: int) -> ImageFilter.Color3DLUT | None:
    """A Pillow filter from RGB to sRGB; None if the colours are practically the same.

    Args:
        transfer: code point of H.273, table 3.
        primaries: code point of H.273, table 2.
    """
    is_hdr = transfer in (HLG, PQ)
    if not is_hdr and transfer != LINEAR and primaries not in _TO_BT709:
        return None
    axis = np.linspace(0.0, 1.0, TABLE_SIDE)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")  # red changes fastest
    light = _light(np.stack([red, green, blue], axis=-1), transfer)
    light = light @ _TO_BT709.get(primaries, np.eye(3)).T
    seen = _srgb_signal(_rolled_off(light) if is_hdr else light)
    return ImageFilter.Color3DLUT(TABLE_SIDE, seen.astype(np.float32).ravel().tolist())


def _light(signal: Array, transfer: int) -> Array:
    """Linear display light, 1 = SDR white, from (..., 3) RGB in 0 to 1."""
    if transfer == LINEAR:
        return signal
    if transfer == HLG:
        low, high = signal**2 / 3, (np.exp((signal - _HLG_C) / _HLG_A) + _HLG_B) / 12
        scene = np.where(signal <= 0.5, low, high)
        luminance = (scene @ _BT2020_LUMINANCE)[..., None]
        return HLG_PEAK_NITS / WHITE_NITS * luminance ** (HLG_GAMMA - 1) * scene
    if transfer == PQ:
        power = signal ** (1 / _PQ_M2)
        ratio = np.maximum(power - _PQ_C1, 0) / (_PQ_C2 - _PQ_C3 * power)
        return PQ_PEAK_NITS / WHITE_NITS * ratio ** (1 / _PQ_M1)
    return np.where(signal <= 0.04045, signal / 12.92, ((signal + 0.055) / 1.055) ** 2.4)


def _rolled_off(light: Array) -> Array:
    """Compress light whose brightest channel exceeds `KNEE` to below 1, all channels alike."""
    brightest = light.max(axis=-1, keepdims=True)
    room = 1 - KNEE
    curved = KNEE + room * np.tanh(np.maximum(brightest - KNEE, 0) / room)
    return light * np.where(brightest > KNEE, curved / np.maximum(brightest, 1e-9), 1.0)


def _srgb_signal(light: Array) -> Array:
    light = np.clip(light, 0.0, 1.0)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
