"""Weak-perspective pose from model points and their image positions, in closed form."""

import torch
from torch import Tensor

from dasl.geometry.coefficients import Pose
from dasl.geometry.frames import IMAGE_AXES, image_from_model


def weak_perspective_pose(points_model: Tensor, points_image: Tensor, weight: Tensor) -> Pose:
    """Pose from a weighted affine fit of x and y, with the matrix orthonormalised.

    Source: POS of DeMenthon and Davis 1995 (affine camera), then the nearest orthonormal rows.

    Args:
        points_model: (B or 1, P, 3), metres.
        points_image: (B, P, 2 or 3), pixels.
        weight: (B, P), >= 0.
    """
    share = (weight / weight.sum(dim=1, keepdim=True))[..., None]
    centre_model = (share * points_model).sum(dim=1, keepdim=True)
    centre_image = (share * points_image[..., :2]).sum(dim=1, keepdim=True)
    model = points_model - centre_model
    seen = (points_image[..., :2] - centre_image) * IMAGE_AXES[:2].to(points_image)
    gram = model.transpose(1, 2) @ (share * model)
    ridge = 1e-6 * gram.diagonal(dim1=1, dim2=2).mean(dim=1)[:, None]
    gram = gram + torch.diag_embed(ridge.expand(-1, 3))
    affine = torch.linalg.solve(gram, model.transpose(1, 2) @ (share * seen)).transpose(1, 2)
    left, singular, right = torch.linalg.svd(affine, full_matrices=False)
    rows = left @ right
    rotation = torch.cat([rows, torch.linalg.cross(rows[:, :1], rows[:, 1:])], dim=1)
    scale = singular.mean(dim=1)
    pose = Pose(rotation=rotation, scale=scale, translation=torch.zeros_like(centre_image[:, 0]))
    shift = centre_image[:, 0] - image_from_model(centre_model, pose)[:, 0, :2]
    return Pose(rotation=rotation, scale=scale, translation=shift)
