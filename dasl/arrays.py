"""Names for the arrays that modules hand to each other, and the two kinds that formulas take.

Inference computes with NumPy, training with torch. A formula that both need is written once,
against the array API standard: it answers in the kind of array that it is given, and gradients
flow where that is torch. Nothing here imports torch.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeAlias

import array_api_compat
import numpy as np
import numpy.typing as npt
from array_api_compat import is_torch_array

__all__ = [
    "Array",
    "BoolArray",
    "FloatArray",
    "IntArray",
    "RgbImage",
    "array_namespace",
    "device",
    "in_full_precision",
    "in_numpy",
    "is_torch_array",
    "like",
    "without_gradient",
]

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
RgbImage = npt.NDArray[np.uint8]
"""(H, W, 3), RGB, 0 to 255."""
Array: TypeAlias = Any
"""A NumPy array or a torch tensor; all that one call gets are of one kind, on one device."""


def array_namespace(*arrays: Array) -> Any:
    """The functions of the array API for these arrays; None among them does not count.

    NumPy has the functions itself. A look at the type takes a fraction of a microsecond, the
    general answer several, and one photo asks 140 times.
    """
    if type(arrays[0]) is np.ndarray:
        return np
    return array_api_compat.array_namespace(*arrays)


def device(array: Array) -> Any:
    """Where an array is."""
    return "cpu" if isinstance(array, np.ndarray) else array_api_compat.device(array)


def like(values: Any, example: Array) -> Array:
    """Constants in the kind, type and on the device of another array.

    Args:
        values: NumPy array or numbers.
        example: of a floating-point type.

    Example:
        >>> like([1.0, -1.0], np.zeros(3, np.float32)).dtype
        dtype('float32')
    """
    xp = array_namespace(example)
    return xp.asarray(values, dtype=example.dtype, device=device(example))


def in_full_precision(example: Array) -> AbstractContextManager[Any]:
    """A block in which torch does not round what it multiplies, as mixed precision does."""
    if not is_torch_array(example):
        return nullcontext()
    import torch

    return torch.autocast(example.device.type, enabled=False)


def without_gradient(array: Array) -> Array:
    """The same values, through which no gradient flows."""
    return array.detach() if is_torch_array(array) else array


def in_numpy(array: Array) -> npt.NDArray[Any]:
    """The same values as a NumPy array, from whatever device, through which no gradient flows."""
    return np.asarray(array.detach().cpu() if is_torch_array(array) else array)
