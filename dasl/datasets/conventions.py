"""Landmark conventions: constant offsets in the picture, and of each landmark in the head's frame.

Different methods place a landmark at slightly different mean positions. These differences are
measured and removed before labels of several sources are combined.
"""

from dataclasses import replace

import torch
from torch import Tensor

from dasl.arrays import like
from dasl.datasets.face_rows import Faces2d
from dasl.geometry.frames import IMAGE_AXES
from dasl.geometry.weak_perspective import weak_perspective_pose
from dasl.head.landmarks import MIRROR_68
from dasl.head.morphable_model import MorphableModel

# Offsets of the points of faces_2d from the picture, x and y, crop pixels. The difference of the
# two was measured as the mean over the training split at eyes, nose tip and mouth;
# `python -m tools.label_report` prints it. Its division between the two was measured in x, where a
# network trained with mirroring cannot learn an offset: docs/training_log.md, "Third session".
DETECTED_OFFSET_PX = (-0.18, -0.17)
HAND_PLACED_OFFSET_PX = (0.40, 0.40)
LEANING_PRIOR_FACES = 200.0
"""Number of faces without offsets added to the estimate, so that few faces change little."""
LEANING_LARGEST_PX = 8.0
"""Faces with a larger mean difference of two methods (68 landmarks) are ignored as outliers."""


def without_offsets(faces: Faces2d, hand_placed: bool = True) -> Faces2d:
    """Faces of faces_2d with the offsets of their points removed.

    Args:
        faces: as read.
        hand_placed: False keeps the hand-placed points, which validation uses.
    """
    detected = faces.detected68_crop.clone()
    detected[..., :2] -= torch.tensor(DETECTED_OFFSET_PX)
    placed = faces.landmarks21_crop
    if hand_placed:
        moved = placed - torch.tensor(HAND_PLACED_OFFSET_PX)
        placed = torch.where(faces.visible21[..., None], moved, placed)
    return replace(faces, detected68_crop=detected, landmarks21_crop=placed)


def without_leaning(
    landmarks68_crop: Tensor, detected68_crop: Tensor, model: MorphableModel
) -> Tensor:
    """A method's landmarks in the convention of the detected ones: (N, 68, 3) crop pixels.

    The mean position of a landmark is a convention, such as the width of the jaw line, the mouth's
    corners or the height of the nose bridge. A method's own convention is estimated as one offset
    of each landmark in the head's frame, by least squares over all faces, and removed. Offsets in x
    and y are estimated from x and y; those in depth from depth, if it was detected.

    Args:
        landmarks68_crop: (N, 68, 3).
        detected68_crop: (N, 68, 3) of the same faces; the depths of a face may be NaN.
        model: its mean head is used to estimate the rotation of each face.
    """
    mean = like(model.landmarks68_of(model.mean_vertices), detected68_crop)[None]
    pose = weak_perspective_pose(mean, detected68_crop, torch.ones(detected68_crop.shape[:2]))
    towards = like(IMAGE_AXES, detected68_crop)[:, None] * pose.rotation
    difference = landmarks68_crop - detected68_crop
    difference[..., 2] -= difference[..., 2].mean(dim=1, keepdim=True)
    alike = difference[..., :2].norm(dim=-1).mean(dim=1) < LEANING_LARGEST_PX
    moved = landmarks68_crop.clone()
    for axes in (slice(0, 2), slice(2, 3)):
        known = alike & difference[..., axes].isfinite().all(dim=(1, 2))
        offsets = _leaning(towards[known, axes], difference[known][..., axes])
        moved[..., axes] -= torch.einsum("nij,pj->npi", towards[:, axes], offsets)
    return moved


def _leaning(towards: Tensor, difference: Tensor) -> Tensor:
    """(68, 3) the left-right symmetric offsets that fit a difference (N, 68, A) best.

    Args:
        towards: (N, A, 3) the rotation's rows for these A axes.
        difference: crop pixels.
    """
    normal = torch.einsum("nij,nik->jk", towards, towards) + LEANING_PRIOR_FACES * torch.eye(3)
    right = torch.einsum("nij,npi->pj", towards, difference)
    offsets = torch.linalg.solve(normal, right.T).T
    return (offsets + offsets[list(MIRROR_68)] * torch.tensor([-1.0, 1.0, 1.0])) / 2
