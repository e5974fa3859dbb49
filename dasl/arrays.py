"""Names for the arrays that modules hand to each other."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
RgbImage = npt.NDArray[np.uint8]
"""(H, W, 3), RGB, 0 to 255."""
