"""Projection of a head into the image: coefficients to landmarks and vertices.

Convention: the frame of the pose. That is the image frame for a pose in photo pixels and the crop
frame for one in crop pixels, as the network predicts it; z is in pixels, towards the viewer.
"""

from dasl.arrays import Array
from dasl.geometry.coefficients import Coefficients
from dasl.geometry.frames import image_from_model
from dasl.head.morphable_model import MorphableModel


def landmarks68_image(model: MorphableModel, coefficients: Coefficients) -> Array:
    """The 68 iBUG landmarks of B heads: (B, 68, 3) pixels, frame of the pose."""
    points = model.landmarks68(coefficients.identity, coefficients.expression)
    return image_from_model(points, coefficients.pose)


def landmarks21_image(model: MorphableModel, coefficients: Coefficients) -> Array:
    """AFLW's 21 points of B heads: (B, 21, 3) pixels, frame of the pose."""
    points = model.landmarks21(coefficients.identity, coefficients.expression)
    return image_from_model(points, coefficients.pose)


def vertices_image(model: MorphableModel, coefficients: Coefficients) -> Array:
    """All vertices of B heads: (B, V, 3) pixels, frame of the pose."""
    vertices = model.vertices(coefficients.identity, coefficients.expression)
    return image_from_model(vertices, coefficients.pose)
