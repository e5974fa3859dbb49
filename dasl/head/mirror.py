"""Coefficients of mirrored faces, used for every flip of a crop."""

from dasl.arrays import like
from dasl.geometry.coefficients import Coefficients
from dasl.geometry.similarity import mirrored_pose
from dasl.head.morphable_model import MorphableModel


def mirrored(model: MorphableModel, coefficients: Coefficients) -> Coefficients:
    """The same faces on crops flipped left to right.

    Args:
        model: gives the mirror rules of identity and expression; on the same device.
        coefficients: pose in crop pixels.
    """
    return Coefficients(
        pose=mirrored_pose(coefficients.pose),
        identity=coefficients.identity * like(model.identity_mirror_sign, coefficients.identity),
        expression=coefficients.expression[:, model.mirror_expression],
    )
