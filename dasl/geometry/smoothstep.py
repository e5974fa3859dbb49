"""A smooth step between two values, for blending."""

import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray


def smoothstep(x: npt.NDArray[np.floating], low: float = 0.0, high: float = 1.0) -> FloatArray:
    """0 up to `low`, 1 from `high`, smooth between; descending if `low` is above `high`.

    Equation: 3 s^2 - 2 s^3 with s = (x - low) / (high - low), clipped to [0, 1].

    Args:
        x: any shape.
        low: start of the step.
        high: end of the step; must differ from `low`.

    Returns:
        The same shape, float32 in [0, 1].

    Example:
        >>> smoothstep(np.array([-1.0, 0.5, 2.0])).tolist()
        [0.0, 0.5, 1.0]
    """
    share = ((x - low) / (high - low)).clip(0.0, 1.0)
    return (share * share * (3.0 - 2.0 * share)).astype(np.float32)
