"""Noise in the form of hair: the same locks and strands in colour and relief."""

from functools import lru_cache

import numpy as np
from scipy.ndimage import map_coordinates

from dasl.arrays import FloatArray

_LAYERS = ((90, 3, 0.8), (260, 7, 0.7), (700, 16, 0.5))
"""From locks to single strands: strands around the head, segments of each from crown to collar, and
weight."""


@lru_cache(maxsize=2)
def strand_noise(height: int, width: int) -> FloatArray:
    """Smooth noise (mean 0, deviation 1), stretched from crown to collar: (height, width)."""
    down, around = np.mgrid[0:height, 0:width]
    total = np.zeros((height, width), dtype=np.float64)
    for seed, (columns, rows, weight) in enumerate(_LAYERS):
        table = weight * np.random.default_rng(seed).normal(size=(rows + 2, columns))
        at = [down / height * rows + 0.5, around / width * columns]
        total += np.asarray(map_coordinates(table, at, order=1, mode="grid-wrap"))
    return (total / total.std()).astype(np.float32)
