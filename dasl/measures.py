"""Lengths on a head at rest, in millimetres under one assumption that a photo cannot check.

One photo has no scale: a small head near the camera and a large one far off look the same. All
lengths here are therefore relative to an interpupillary distance of 63 mm, about the mean of
adults (Dodgson 2004, "Variation and extrema of human interpupillary distance": mean 63, most adults
50 to 75). Who knows the true distance multiplies by true / 63.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dasl.errors import check_shape
from dasl.morphable_model import MorphableModel

ASSUMED_INTERPUPILLARY_MM = 63.0
_NASION, _NOSE_BASE, _CHIN = 27, 33, 8
_JAW_ENDS, _MOUTH_CORNERS = (0, 16), (48, 54)


@dataclass(frozen=True)
class FaceMeasures:
    """Straight distances on the head at rest, millimetres if the pupils are 63 mm apart.

    The numbers of points are those of the 68 iBUG landmarks, from 0.

    Attributes:
        interpupillary_mm: between the eyeballs' centres, which is that of the pupils of somebody
            who looks into the distance; always 63, the assumption.
        face_width_mm: between the ends of the jaw line before the ears, points 0 and 16.
        face_height_mm: from the root of the nose, point 27, to the chin, point 8.
        nose_length_mm: from the root of the nose, point 27, to its base, point 33.
        mouth_width_mm: between the corners of the mouth, points 48 and 54.
    """

    interpupillary_mm: float
    face_width_mm: float
    face_height_mm: float
    nose_length_mm: float
    mouth_width_mm: float


def measure_head(model: MorphableModel, vertices_model: Tensor) -> FaceMeasures:
    """Measures a head.

    Args:
        model: whose topology `vertices_model` has.
        vertices_model: (V, 3), any unit, at rest: an expression would change mouth and height.

    Raises:
        ShapeError: `vertices_model` has another shape.
    """
    millimetres = millimetres_per_unit(model, vertices_model)
    points = model.landmarks68_of(vertices_model).double().numpy()

    def distance_mm(first: int, second: int) -> float:
        return float(np.linalg.norm(points[first] - points[second])) * millimetres

    return FaceMeasures(
        interpupillary_mm=ASSUMED_INTERPUPILLARY_MM,
        face_width_mm=distance_mm(*_JAW_ENDS),
        face_height_mm=distance_mm(_NASION, _CHIN),
        nose_length_mm=distance_mm(_NASION, _NOSE_BASE),
        mouth_width_mm=distance_mm(*_MOUTH_CORNERS),
    )


def millimetres_per_unit(model: MorphableModel, vertices_model: Tensor) -> float:
    """What makes the pupils of a head (V, 3), in any unit, 63 mm apart.

    Raises:
        ShapeError: `vertices_model` has another shape.
    """
    check_shape("vertices_model", vertices_model, model.vertex_count, 3)
    left, right = _eyeball_centres(model, vertices_model)
    return ASSUMED_INTERPUPILLARY_MM / float(torch.linalg.vector_norm(left - right))


def _eyeball_centres(model: MorphableModel, vertices_model: Tensor) -> tuple[Tensor, Tensor]:
    """(3,) of each eyeball, left of the image first; which is which is read off the mean head."""
    eyeballs = model.region("eyeballs")
    is_left = model.mean_vertices[:, 0] < 0
    left, right = vertices_model[eyeballs & is_left], vertices_model[eyeballs & ~is_left]
    return left.double().mean(dim=0), right.double().mean(dim=0)
