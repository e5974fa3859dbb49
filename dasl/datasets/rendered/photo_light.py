"""Estimates the light of a photo from the face's texture.

Source: Ramamoorthi and Hanrahan 2001, "An efficient representation for irradiance environment
maps": the irradiance of a diffuse surface under distant light is nearly a sum of nine functions of
its normal. Light is assumed to be white: the colour of the photo's light stays in the skin.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RIDGE = 0.02
"""Ridge weight of the eight non-constant functions, relative to the number of points."""
DIMMEST, BRIGHTEST = 0.35, 2.2
"""Limits of light relative to the face's mean; values beyond are spots or shadows."""
TRIMMED = 0.1
"""Share of the brightest and of the darkest points that the second fit leaves out."""
LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
"""Weights of linear red, green and blue in luminance (ITU-R BT.709)."""


def light_functions(normals: Floats) -> Floats:
    """The nine functions of unit normals in the view frame, unscaled: (N, 3) to (N, 9).

    Normals that point away from the camera are not visible and are treated as pointing sideways.
    """
    x, y, z = normals[:, 0], normals[:, 1], np.maximum(normals[:, 2], 0.0)
    length = np.sqrt(x * x + y * y + z * z) + 1e-6
    x, y, z = x / length, y / length, z / length
    columns = [np.ones_like(x), x, y, z, x * y, x * z, y * z, z * z - 1 / 3, x * x - y * y]
    return np.stack(columns, axis=1).astype(np.float32)


def face_light(colours: Floats, normals: Floats, chosen: NDArray[np.bool_]) -> Floats:
    """Light at each point, relative to the mean of the chosen ones.

    Args:
        colours: (N, 3) linear colours of points of a face.
        normals: (N, 3) unit normals, view frame.
        chosen: (N,) points of plain, visible skin that the light is estimated from.

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
