"""Relief of hair strands as a normal map, the same for all hair."""

from functools import lru_cache

import numpy as np

from dasl.arrays import FloatArray, RgbImage
from dasl.export.hair.strand_noise import strand_noise

_ROWS, _COLUMNS = 16, 1024
_SLOPE = 0.26
"""Standard deviation of the relief's slope across the strands."""


@lru_cache(maxsize=1)
def strand_relief() -> RgbImage:
    """Tangent-space normals (16, 1024, 3) uint8 over the hair's UV layout, as glTF defines them.

    Red is along u, around the head; the strands run along v.
    """
    height = strand_noise(_ROWS, _COLUMNS)
    slope = np.roll(height, -1, axis=1) - np.roll(height, 1, axis=1)
    slope *= _SLOPE / slope.std()
    normals = np.dstack([-slope, np.zeros_like(slope), np.ones_like(slope)])
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    return (127.5 * (normals + 1.0) + 0.5).astype(np.uint8)


def relief_tangents(uv: FloatArray) -> FloatArray:
    """Directions of u on hair with texture coordinates (U, 2), as glTF's tangents: (U, 4).

    They are horizontal, and equal in each column, so that they compress well.
    """
    azimuth = 2.0 * np.pi * (uv[:, 0] - 0.5)
    flat = np.zeros_like(azimuth)
    return np.stack([np.cos(azimuth), flat, -np.sin(azimuth), flat + 1.0], axis=1)
