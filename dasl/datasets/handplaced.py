"""The validation measure for labels and networks, fixed before any training.

It is the error of a method's 68 landmarks at the hand-placed points of the validation split. No fit
and no training uses these points. Of AFLW's 21 points, 17 have a counterpart among the 68
(`AFLW_IN_IBUG`); nose wings and ears have none and are left out.
"""

import torch
from torch import Tensor

from dasl.errors import check_shape
from dasl.geometry.crop import CROP_SIZE
from dasl.head.landmarks import AFLW_IN_IBUG, AFLW_POINTS
from eval.scoring.metrics import YAW_BINS, yaw_bins

# Crops are squares of sqrt(2) times the longer side of the landmarks' box.
FACE_SIZE_PX = CROP_SIZE / 2**0.5


def handplaced_errors(landmarks68_crop: Tensor, landmarks21_crop: Tensor) -> Tensor:
    """Distance at each compared point, crop pixels.

    Args:
        landmarks68_crop: (N, 68, 2 or 3), a method's landmarks.
        landmarks21_crop: (N, 21, 2), hand-placed points.

    Returns:
        (N, 17), in the order of `AFLW_IN_IBUG`.
    """
    check_shape("landmarks21_crop", landmarks21_crop, len(landmarks68_crop), AFLW_POINTS, 2)
    predicted = torch.stack(
        [landmarks68_crop[:, list(group), :2].mean(dim=1) for group in AFLW_IN_IBUG.values()], dim=1
    )
    return (predicted - landmarks21_crop[:, list(AFLW_IN_IBUG)]).norm(dim=-1)


def handplaced_nme(landmarks68_crop: Tensor, landmarks21_crop: Tensor, visible21: Tensor) -> Tensor:
    """Mean error over the visible compared points of each face, as a fraction of its size.

    Args:
        landmarks68_crop: (N, 68, 2 or 3), crop pixels.
        landmarks21_crop: (N, 21, 2), crop pixels.
        visible21: (N, 21) bool.

    Returns:
        (N,), NaN for a face without a visible compared point.
    """
    seen = visible21[:, list(AFLW_IN_IBUG)]
    errors = handplaced_errors(landmarks68_crop, landmarks21_crop)
    mean = torch.where(seen, errors, 0.0).sum(dim=1) / seen.sum(dim=1)
    return mean / FACE_SIZE_PX


def in_yaw_bins(yaw_deg: Tensor) -> dict[str, Tensor]:
    """Masks of the benchmark's yaw bins: (N,) bool by label.

    Faces of unknown yaw (NaN) are in no bin.
    """
    bins = torch.from_numpy(yaw_bins(yaw_deg.cpu().numpy())).to(yaw_deg.device)
    known = ~yaw_deg.isnan()
    return {label: (bins == row) & known for row, label in enumerate(YAW_BINS)}


def summarise(nme: Tensor, yaw_deg: Tensor) -> dict[str, float]:
    """Means over yaw bins: `0-30`, `30-60`, `60-90`, `mean_of_bins`, `mean`; fractions.

    Faces without a value (NaN) are left out. If a bin is empty, its mean and `mean_of_bins` are
    NaN.
    """
    bins = {
        label: float(nme[inside & ~nme.isnan()].mean())
        for label, inside in in_yaw_bins(yaw_deg).items()
    }
    return bins | {
        "mean_of_bins": sum(bins.values()) / len(bins),
        "mean": float(nme[~nme.isnan()].mean()),
    }
