"""Changes a head's identity, with pose and expression refitted to the same place in the photo."""

import torch
from torch import Tensor

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
    model: MorphableModel, coefficients: Coefficients, identity: Tensor
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
    identity = identity.expand_as(coefficients.identity)
    face = model.region("face")
    target = vertices_image(model, coefficients)[:, face, :2]
    basis = model.expression_basis[:, face]
    old = coefficients.expression
    expression = old.clone()
    weight = torch.ones(target.shape[:2]).to(target)
    for _ in range(ROUNDS):
        points = model.vertices(identity, expression)[:, face]
        pose = weak_perspective_pose(points, target, weight)
        moved = Coefficients(pose, identity, expression)
        left = (target - vertices_image(model, moved)[:, face, :2]) / pose.scale[:, None, None]
        # (B, E, V, 2) metres on the photo for each weight
        effect = torch.einsum("bij,evj->bevi", pose.rotation[:, :2], basis)
        effect = (effect * IMAGE_AXES[:2].to(effect)).flatten(2)
        certainty = INDEPENDENT_PLACES / target.shape[1] / SIGMA_M**2
        pull = certainty * effect @ left.flatten(1)[..., None]
        pull = pull + ((old - expression) / SIGMA_EXPRESSION**2)[..., None]
        normal = certainty * effect @ effect.transpose(1, 2)
        normal = normal + torch.eye(normal.shape[1]).to(normal) / SIGMA_EXPRESSION**2
        expression = (expression + torch.linalg.solve(normal, pull)[..., 0]).clamp(0.0, 1.0)
    points = model.vertices(identity, expression)[:, face]
    return Coefficients(weak_perspective_pose(points, target, weight), identity, expression)
