"""Another identity for a head that lies well on its photo: pose and expression move along."""

import numpy as np

from dasl.arrays import Array, array_namespace, like
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
    model: MorphableModel, coefficients: Coefficients, identity: Array
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
    xp = array_namespace(identity)
    identity = xp.broadcast_to(identity, coefficients.identity.shape)
    face = model.region("face")
    target = vertices_image(model, coefficients)[:, face, :2]
    basis = like(model.expression_basis[:, face], identity)
    old = coefficients.expression
    expression = old
    weight = xp.ones_like(target[..., 0])
    for _ in range(ROUNDS):
        points = model.vertices(identity, expression)[:, face]
        pose = weak_perspective_pose(points, target, weight)
        moved = Coefficients(pose, identity, expression)
        left = (target - vertices_image(model, moved)[:, face, :2]) / pose.scale[:, None, None]
        # (B, E, V, 2) metres on the photo for each weight
        effect = basis @ pose.rotation[:, None, :2].mT * like(IMAGE_AXES[:2], basis)
        effect = xp.reshape(effect, (*effect.shape[:2], -1))
        certainty = INDEPENDENT_PLACES / target.shape[1] / SIGMA_M**2
        pull = certainty * effect @ xp.reshape(left, (len(left), -1, 1))
        pull = pull + ((old - expression) / SIGMA_EXPRESSION**2)[..., None]
        normal = certainty * effect @ effect.mT
        normal = normal + like(np.eye(normal.shape[1]), normal) / SIGMA_EXPRESSION**2
        step = xp.linalg.solve(normal, pull)[..., 0]
        expression = xp.clip(expression + step, 0.0, 1.0)
    points = model.vertices(identity, expression)[:, face]
    return Coefficients(weak_perspective_pose(points, target, weight), identity, expression)
