"""A stranger's .npy: mapped, so that no size is believed, and never unpickled."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.errors import SubmissionError
from eval.files import printable
from eval.submissions.npz import DAMAGE


def read_array(path: Path) -> NDArray[np.generic]:
    """The array of a .npy, still on disk: check its shape before copying it.

    Raises:
        SubmissionError: no such file, a pickle, damaged, or cut short.
    """
    try:
        return np.asarray(np.load(path, allow_pickle=False, mmap_mode="r"))
    except DAMAGE as error:
        raise SubmissionError(
            f"{path} must be a .npy of numbers ({printable(str(error))}); write it with "
            "numpy.save, without objects"
        ) from error
