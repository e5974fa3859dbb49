"""The one measure by which labels and networks are chosen; fixed before any training.

Error of a method's 68 landmarks at the hand-placed points of the validation split, which no fit
and no training ever uses. Of AFLW's 21 points, 17 have an equal among the 68; nose wings (2-4
pixels from 31 and 35) and ears have none and are left out.
"""

import torch
from torch import Tensor

from dasl.errors import check_shape
from dasl.geometry.crop import CROP_SIZE

# Rows of AFLW's 21 points, and the iBUG landmarks (0-based) whose mean lies there.
COMPARED_POINTS: tuple[tuple[int, tuple[int, ...]], ...] = (
    (0, (17,)),
    (1, (19,)),
    (2, (21,)),
    (3, (22,)),
    (4, (24,)),
    (5, (26,)),
    (6, (36,)),
    (7, (36, 37, 38, 39, 40, 41)),
    (8, (39,)),
    (9, (42,)),
    (10, (42, 43, 44, 45, 46, 47)),
    (11, (45,)),
    (14, (30,)),
    (17, (48,)),
    (18, (60, 61, 62, 63, 64, 65, 66, 67)),
    (19, (54,)),
    (20, (8,)),
)
# Crops are squares of sqrt(2) times the longer side of the landmarks' box.
FACE_SIZE_PX = CROP_SIZE / 2**0.5
YAW_BINS_DEG = ((0.0, 30.0), (30.0, 60.0), (60.0, float("inf")))


def handplaced_errors(landmarks68_crop: Tensor, landmarks21_crop: Tensor) -> Tensor:
    """Distance at each compared point, crop pixels.

    Args:
        landmarks68_crop: (N, 68, 2 or 3), a method's landmarks.
        landmarks21_crop: (N, 21, 2), hand-placed points.

    Returns:
        (N, 17), in the order of `COMPARED_POINTS`.
    """
    check_shape("landmarks21_crop", landmarks21_crop, len(landmarks68_crop), 21, 2)
    predicted = torch.stack(
        [landmarks68_crop[:, list(group), :2].mean(dim=1) for _, group in COMPARED_POINTS], dim=1
    )
    rows = [row for row, _ in COMPARED_POINTS]
    return (predicted - landmarks21_crop[:, rows]).norm(dim=-1)


def handplaced_nme(landmarks68_crop: Tensor, landmarks21_crop: Tensor, visible21: Tensor) -> Tensor:
    """Mean error over the visible compared points of each face, as a fraction of its size.

    Args:
        landmarks68_crop: (N, 68, 2 or 3), crop pixels.
        landmarks21_crop: (N, 21, 2), crop pixels.
        visible21: (N, 21) bool.

    Returns:
        (N,), NaN for a face without a visible compared point.
    """
    seen = visible21[:, [row for row, _ in COMPARED_POINTS]]
    errors = handplaced_errors(landmarks68_crop, landmarks21_crop)
    mean = torch.where(seen, errors, 0.0).sum(dim=1) / seen.sum(dim=1)
    return mean / FACE_SIZE_PX


def summarise(nme: Tensor, yaw_deg: Tensor) -> dict[str, float]:
    """Means over yaw bins: `0-30`, `30-60`, `60-90`, `mean_of_bins`, `mean`; fractions.

    Faces without a value (NaN) are left out; an empty bin is NaN and so is the mean of bins.
    """
    absolute = yaw_deg.abs()
    bins = {}
    for low, high in YAW_BINS_DEG:
        upper = 90 if high == float("inf") else int(high)
        lower = absolute >= low if low == 0 else absolute > low
        inside = lower & (absolute <= high) & ~nme.isnan()
        bins[f"{int(low)}-{upper}"] = float(nme[inside].mean())
    return bins | {
        "mean_of_bins": sum(bins.values()) / len(bins),
        "mean": float(nme[~nme.isnan()].mean()),
    }
