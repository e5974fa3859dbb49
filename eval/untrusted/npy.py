"""Reads an untrusted .npy: memory-mapped, so that its size is bounded, and never unpickled."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.errors import EvalError
from eval.untrusted.npz import DAMAGE
from eval.untrusted.text import printable


def read_npy(path: Path, refusal: type[EvalError]) -> NDArray[np.generic]:
    """The memory-mapped array of a .npy; check its shape before copying it.

    Args:
        path: the file.
        refusal: the class of the error to raise.

    Raises:
        EvalError: of the class `refusal`: no such file, a pickle, damaged, or truncated.
    """
    try:
        return np.asarray(np.load(path, allow_pickle=False, mmap_mode="r"))
    except DAMAGE as error:
        raise refusal(
            f"{path} must be a .npy of numbers ({printable(str(error))}); copy it again, or write "
            "it with numpy.save, without objects"
        ) from error
