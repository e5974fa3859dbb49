"""Smoothing of values on the ray field."""

from functools import lru_cache

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from dasl.export.hair.camera import Floats
from dasl.export.hair.rays import COLUMNS, ROWS

_TOLERANCE = 1e-4
"""Of the residual's norm, relative to that of the weighted targets."""


def smoothed(target: Floats, weight: Floats) -> Floats:
    """Minimise squared differences between neighbouring rays and from weighted targets.

    Args:
        target: (R, C).
        weight: (R, C) positive, relative to 1 per edge of the ray field.

    Returns:
        (R, C).
    """
    matrix = (_laplacian() + scipy.sparse.diags(weight.ravel())).tocsr()
    start = np.asarray(target, dtype=np.float64).ravel()
    solved, _ = scipy.sparse.linalg.cg(matrix, weight.ravel() * start, start, rtol=_TOLERANCE)
    return np.asarray(solved).reshape(target.shape)


@lru_cache(maxsize=1)
def _laplacian() -> scipy.sparse.csc_matrix:
    """Graph Laplacian of the ray field; columns wrap, and row 0 is connected across the crown."""
    number = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS)
    edges = [
        np.stack([number, np.roll(number, -1, axis=1)], axis=-1).reshape(-1, 2),
        np.stack([number[:-1], number[1:]], axis=-1).reshape(-1, 2),
        np.stack([number[0], np.roll(number[0], COLUMNS // 2)], axis=-1),
    ]
    first, second = np.concatenate(edges).T
    places = (np.concatenate([first, second]), np.concatenate([second, first]))
    ones = np.ones(2 * len(first))
    near = scipy.sparse.coo_matrix((ones, places), shape=(number.size, number.size)).tocsc()
    return (scipy.sparse.diags(np.asarray(near.sum(axis=1)).ravel()) - near).tocsc()
