"""Gaussian mixture of colours, fitted to seed pixels, and the log-likelihood of all pixels."""

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from dasl.arrays import FloatArray

_COMPONENTS, _ROUNDS = 3, 8
_MOST_SEEDS, _LEAST_OF_COMPONENT = 4000, 8
_LIGHTNESS = 0.6
"""Weight of lightness. Shading changes it more than hue."""
_NOISE = 30.0
"""Variance added to each component, for image noise and compression."""


def log_likelihood(lab: FloatArray, seeds: npt.NDArray[np.bool_]) -> FloatArray:
    """Log density of each pixel under a Gaussian mixture with k-means clusters as components.

    Args:
        lab: (H, W, 3) L, a, b in 0..255.
        seeds: (H, W) pixels to fit the mixture to, at least one.

    Returns:
        (H, W) float32.
    """
    scaled = lab.astype(np.float64) * (_LIGHTNESS, 1.0, 1.0)
    colours = scaled[seeds]
    colours = colours[:: max(1, len(colours) // _MOST_SEEDS)]
    nearest = _clusters(colours)
    density = np.zeros(lab.shape[:2])
    for component in range(_COMPONENTS):
        own = colours[nearest == component]
        if len(own) < _LEAST_OF_COMPONENT:
            continue
        covariance = np.cov(own.T) + _NOISE * np.eye(3)
        offset = scaled - own.mean(axis=0)
        square = ((offset @ np.linalg.inv(covariance)) * offset).sum(axis=-1)
        share = len(own) / len(colours)
        density += share * np.exp(-0.5 * square) / np.sqrt(np.linalg.det(covariance))
    return np.log(density + 1e-9).astype(np.float32)


def _clusters(colours: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """k-means cluster of each colour, (N,); centres start at lightness quantiles."""
    order = np.argsort(colours[:, 0])
    starts = ((np.arange(_COMPONENTS) + 0.5) / _COMPONENTS * len(order)).astype(int)
    centres = colours[order[starts]]
    for _ in range(_ROUNDS):
        nearest = cKDTree(centres).query(colours)[1]
        centres = np.stack(
            [
                colours[nearest == k].mean(axis=0) if (nearest == k).any() else centres[k]
                for k in range(_COMPONENTS)
            ]
        )
    return np.asarray(nearest)
