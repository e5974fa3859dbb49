"""Changes a head's identity, with pose and expression refitted to the same place in the photo."""

import numpy as np

from dasl.arrays import Array, array_namespace, like
from dasl.geometry.coefficients import Coefficients
from dasl.geometry.frames import IMAGE_AXES
from dasl.geometry.weak_perspective import weak_perspective_pose
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import vertices_image

ROUNDS = 3
SIGMA_M, SIGMA_EXPRESSION = 0.004, 0.05
"""Standard deviations of a position in the photo, and of an expression weight."""
INDEPENDENT_PLACES = 60.0
"""Effective number of independent vertices of a face, since neighbours' errors correlate."""


def with_identity(
    model: MorphableModel, coefficients: Coefficients, identity: Array
) -> Coefficients:
    """The same heads with another identity, fitted to the old positions of the face.

    Pose and expression minimise the distance, in x and y, of the face's vertices from their old
    positions; a prior keeps the expression near the old one. They are estimated alternately: the
    pose in closed form, then the expression by least squares.

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
