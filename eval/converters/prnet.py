"""PRNet's ``<name>_kpt.txt`` files: 68 lines of x y z, as its demo writes them with savetxt.

Its pixels are scikit-image's: 0-based, y down, z towards the viewer with any offset. (PRNet's own
training maps use y = height - 1 - y_up with a 1-based y_up, which is one pixel higher. This bias
belongs to the method and is not corrected; the scorer warns about it.)
"""

from pathlib import Path
from typing import Literal

import numpy as np

from eval.converters.frames import PhotoFrame, published_from_photo
from eval.converters.predictions import Predictions, files_of
from eval.errors import SubmissionError
from eval.scoring.metrics import Float64s
from eval.submissions.landmarks68 import LANDMARK_COUNT
from eval.untrusted.text import printable, read_text

ENDING = ".txt"
SUFFIX = "_kpt"
INDEX_BASE: Literal[0] = 0
LARGEST_FILE = 1 << 16  # bytes; 68 lines of three savetxt numbers are 5,100


def read_prnet_folder(folder: Path, frame: PhotoFrame, suffix: str = SUFFIX) -> Predictions:
    """Read a folder of landmark files.

    Args:
        folder: the files' own folder, not its parent.
        frame: the files' pixel frame; PRNet's own is 0-based with y down.
        suffix: text after the image's name in each file's stem.

    Returns:
        One row per file.

    Raises:
        SubmissionError: no such files, or one that is not 68 lines of three numbers.
    """
    files = files_of(folder, f"{suffix}{ENDING}")
    points = np.stack([_read_points(path) for path in files])
    ids = tuple(path.name.removesuffix(f"{suffix}{ENDING}") for path in files)
    facts = {"converted_from": "prnet-kpt", "frame": frame.described()}
    return Predictions(ids, published_from_photo(points, frame), facts=facts)


def _read_points(path: Path) -> Float64s:
    """(68, 3) numbers of one file."""
    lines = [line.split() for line in read_text(path, LARGEST_FILE).splitlines() if line.strip()]
    if len(lines) != LANDMARK_COUNT:
        raise SubmissionError(
            f"{path} must hold {LANDMARK_COUNT} lines of x y z, got {len(lines)} lines; is it "
            "another system's?"
        )
    try:
        return np.array([[float(x), float(y), float(z)] for x, y, z in lines])
    except ValueError as error:
        raise SubmissionError(
            f"{path} must hold three numbers on each line ({printable(str(error))}); "
            "is it another system's?"
        ) from error
