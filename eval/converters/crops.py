"""The input crops of a system's network, by image."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from eval.benchmarks.aflw2000.data import PHOTO_SIDE, Aflw2000
from eval.converters.predictions import MOST_FACES
from eval.errors import SubmissionError
from eval.scoring.metrics import Float64s
from eval.untrusted.npy import read_npy
from eval.untrusted.text import listed


def literature_crops_by_id(benchmark: Aflw2000) -> dict[str, Float64s]:
    """The published crops of AFLW2000-3D, clipped to the photo, as 3DDFA's code maps them back.

    Convention: if the clipped box is not square, x and y have different scales.

    Args:
        benchmark: its ``benchmark_crops`` are the boxes before clipping.

    Returns:
        (4,) x0 y0 x1 y1 by id, 1-based pixels; equal to ``AFLW2000-3D_crop.roi_box.npy``.
    """
    boxes = np.clip(benchmark.benchmark_crops, 1.0, float(PHOTO_SIDE))
    return dict(zip(benchmark.ids, boxes, strict=True))


def read_crops(path: Path, names: Sequence[str]) -> dict[str, Float64s]:
    """Crops from a .npy such as 3DDFA's ``..._crop.roi_box.npy``.

    Args:
        path: (N, 4) x0 y0 x1 y1, in the benchmark's 1-based pixels.
        names: ids of the N rows.

    Raises:
        SubmissionError: no such file, another shape, or an empty box.
    """
    array = read_npy(path, SubmissionError)
    if array.shape != (len(names), 4) or array.dtype.kind not in "fiu" or len(array) > MOST_FACES:
        raise SubmissionError(
            f"{path} must be ({len(names)}, 4), x0 y0 x1 y1 for each name of the list, got "
            f"{array.shape} of {array.dtype}; pass the list that belongs to this file"
        )
    boxes = array.astype(np.float64)
    bad = ~(np.isfinite(boxes).all(axis=1) & (boxes[:, 2:] > boxes[:, :2]).all(axis=1))
    if bad.any():
        wrong = [names[row] for row in np.flatnonzero(bad).tolist()]
        raise SubmissionError(
            f"{path} has {len(wrong)} boxes without a size ({listed(wrong)}), wanted x1 > x0 and "
            "y1 > y0; are they x y w h?"
        )
    return dict(zip(names, boxes, strict=True))


def crops_in_order(crops: Mapping[str, Float64s], ids: Sequence[str]) -> Float64s:
    """(N, 4) crops of these images.

    Raises:
        SubmissionError: an image has none.
    """
    missing = [name for name in ids if name not in crops]
    if missing:
        raise SubmissionError(
            f"{len(missing)} images have no crop ({listed(missing)}), wanted one of each; check "
            "--ids and --root, or pass --crops"
        )
    return np.stack([crops[name] for name in ids])
