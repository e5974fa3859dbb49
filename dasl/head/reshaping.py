"""Another identity for a head that lies well on its photo: pose and expression move along."""

import numpy as np

from dasl.arrays import FloatArray
from dasl.geometry.coefficients import Coefficients
from dasl.geometry.frames import IMAGE_AXES
from dasl.geometry.weak_perspective import weak_perspective_pose
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import vertices_image

ROUNDS = 3
SIGMA_M, SIGMA_EXPRESSION = 0.004, 0.05
"""What a place on the photo, and a weight of the expression, may be off."""
INDEPENDENT_PLACES = 60.0
"""Neighbouring vertices err alike: all of a face's together count as so many."""


def with_identity(
    model: MorphableModel, coefficients: Coefficients, identity: FloatArray
) -> Coefficients:
    """The same heads with another identity, where their faces lay before.

    Pose and expression are those with which the face's vertices come nearest, in x and y, to where
    the old identity put them; the expression keeps near the old one. In turns: the pose in closed
    form, then the expression by least squares.

    Args:
        model: the head model.
        coefficients: of B heads.
        identity: (K,) or (B, K).
    """
    identity = np.broadcast_to(identity, coefficients.identity.shape)
    face = model.region("face")
    target = vertices_image(model, coefficients)[:, face, :2]
    basis = model.expression_basis[:, face]
    old = coefficients.expression
    expression = old.copy()
    weight = np.ones(target.shape[:2], dtype=target.dtype)
    for _ in range(ROUNDS):
        points = model.vertices(identity, expression)[:, face]
        pose = weak_perspective_pose(points, target, weight)
        moved = Coefficients(pose, identity, expression)
        left = (target - vertices_image(model, moved)[:, face, :2]) / pose.scale[:, None, None]
        # (B, E, V, 2) metres on the photo for each weight
        effect = np.einsum("bij,evj->bevi", pose.rotation[:, :2], basis)
        effect = (effect * IMAGE_AXES[:2]).reshape(*effect.shape[:2], -1)
        certainty = INDEPENDENT_PLACES / target.shape[1] / SIGMA_M**2
        pull = certainty * effect @ left.reshape(len(left), -1, 1)
        pull = pull + ((old - expression) / SIGMA_EXPRESSION**2)[..., None]
        normal = certainty * effect @ effect.mT
        normal = normal + np.eye(normal.shape[1], dtype=normal.dtype) / SIGMA_EXPRESSION**2
        expression = (expression + np.linalg.solve(normal, pull)[..., 0]).clip(0.0, 1.0)
    points = model.vertices(identity, expression)[:, face]
    return Coefficients(weak_perspective_pose(points, target, weight), identity, expression)
