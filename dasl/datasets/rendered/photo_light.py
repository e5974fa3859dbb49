"""The light of a photo on a face: found in the face's texture, and partly taken off it.

Source: Ramamoorthi and Hanrahan 2001, "An efficient representation for irradiance environment
maps": what far light gives a matt surface is nearly a sum of nine functions of its normal. Light is
taken as white: the photo's colour of light stays in the skin.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RIDGE = 0.02
"""Of the eight functions that are not constant, relative to the number of points."""
DIMMEST, BRIGHTEST = 0.35, 2.2
"""Light relative to the face's mean: what goes beyond is a stain or a shadow, not smooth light."""
TRIMMED = 0.1
"""Share of the points, brightest and darkest each, that a second fit leaves out."""
LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
"""Weights of linear red, green and blue in luminance (ITU-R BT.709)."""


def light_functions(normals: Floats) -> Floats:
    """The nine functions of unit normals in the view frame, unscaled: (N, 3) to (N, 9).

    The camera sees no normal that points away, so these are taken as if they pointed sideways.
    """
    x, y, z = normals[:, 0], normals[:, 1], np.maximum(normals[:, 2], 0.0)
    length = np.sqrt(x * x + y * y + z * z) + 1e-6
    x, y, z = x / length, y / length, z / length
    columns = [np.ones_like(x), x, y, z, x * y, x * z, y * z, z * z - 1 / 3, x * x - y * y]
    return np.stack(columns, axis=1).astype(np.float32)


def face_light(colours: Floats, normals: Floats, chosen: NDArray[np.bool_]) -> Floats:
    """How brightly each point is lit, relative to the mean of the chosen ones.

    Args:
        colours: (N, 3) linear colours of points of a face.
        normals: (N, 3) unit normals, view frame.
        chosen: (N,) points of plain skin that the photo shows, which the light is read from.

    Returns:
        (N,), between `DIMMEST` and `BRIGHTEST`.
    """
    functions, luminance = light_functions(normals), colours @ LUMA
    rows = np.flatnonzero(chosen)
    fitted = _fit(functions[rows], luminance[rows])
    ratio = luminance[rows] / np.maximum(functions[rows] @ fitted, 1e-4)
    low, high = np.quantile(ratio, [TRIMMED, 1 - TRIMMED])
    kept = rows[(ratio >= low) & (ratio <= high)]
    fitted = _fit(functions[kept], luminance[kept])
    light = functions @ fitted
    return np.clip(light / light[rows].mean(), DIMMEST, BRIGHTEST).astype(np.float32)


def _fit(functions: Floats, luminance: Floats) -> Floats:
    ridge = RIDGE * len(functions) * np.eye(functions.shape[1], dtype=np.float32)
    ridge[0, 0] = 0.0
    normal = functions.T @ functions + ridge
    return np.asarray(np.linalg.solve(normal, functions.T @ luminance), dtype=np.float32)
