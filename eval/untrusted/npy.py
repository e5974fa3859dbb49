"""A stranger's .npy: mapped, so that no size is believed, and never unpickled."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.errors import EvalError
from eval.untrusted.npz import DAMAGE
from eval.untrusted.text import printable


def read_npy(path: Path, refusal: type[EvalError]) -> NDArray[np.generic]:
    """The array of a .npy, still on disk: check its shape before copying it.

    Raises:
        EvalError: of the kind `refusal`: no such file, a pickle, damaged, or cut short.
    """
    try:
        return np.asarray(np.load(path, allow_pickle=False, mmap_mode="r"))
    except DAMAGE as error:
        raise refusal(
            f"{path} must be a .npy of numbers ({printable(str(error))}); copy it again, or write "
            "it with numpy.save, without objects"
        ) from error
