"""Weak-perspective pose from model points and their image positions, in closed form."""

import numpy as np

from dasl.arrays import Array, array_namespace, like
from dasl.geometry.coefficients import Pose
from dasl.geometry.frames import IMAGE_AXES, image_from_model


def weak_perspective_pose(points_model: Array, points_image: Array, weight: Array) -> Pose:
    """Pose from a weighted affine fit of x and y, with the matrix orthonormalised.

    Source: POS of DeMenthon and Davis 1995 (affine camera), then the nearest orthonormal rows.

    Args:
        points_model: (B or 1, P, 3), metres.
        points_image: (B, P, 2 or 3), pixels.
        weight: (B, P), >= 0.
    """
    xp = array_namespace(points_image)
    share = (weight / xp.sum(weight, axis=1, keepdims=True))[..., None]
    centre_model = xp.sum(share * points_model, axis=1, keepdims=True)
    centre_image = xp.sum(share * points_image[..., :2], axis=1, keepdims=True)
    model = points_model - centre_model
    seen = (points_image[..., :2] - centre_image) * like(IMAGE_AXES[:2], points_image)
    gram = model.mT @ (share * model)
    ridge = 1e-6 / 3 * xp.linalg.trace(gram)[:, None, None]
    gram = gram + ridge * like(np.eye(3), gram)
    affine = xp.linalg.solve(gram, model.mT @ (share * seen)).mT
    left, singular, right = xp.linalg.svd(affine, full_matrices=False)
    rows = left @ right
    rotation = xp.concat([rows, xp.linalg.cross(rows[:, :1], rows[:, 1:])], axis=1)
    scale = xp.mean(singular, axis=1)
    pose = Pose(rotation=rotation, scale=scale, translation=xp.zeros_like(centre_image[:, 0]))
    shift = centre_image[:, 0] - image_from_model(centre_model, pose)[:, 0, :2]
    return Pose(rotation=rotation, scale=scale, translation=shift)
