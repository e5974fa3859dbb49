"""Lengths on a neutral head, in millimetres under an assumption that a photo cannot verify.

One photo has no scale: a small head near the camera and a large one far away look the same. All
lengths are therefore relative to an interpupillary distance: the given one, or 63 mm, about the
mean of adults (Dodgson 2004, "Variation and extrema of human interpupillary distance": mean 63,
most adults 50 to 75).
"""

from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray
from dasl.errors import check_shape
from dasl.head.morphable_model import MorphableModel

ASSUMED_INTERPUPILLARY_MM = 63.0
Point = npt.NDArray[np.float64]
MILLIMETRES = 1000.0
"""Of a metre."""
_POINTS = {
    "face_width_mm": (0, 16),
    "jaw_width_mm": (4, 12),
    "face_height_mm": (27, 8),
    "outer_eye_distance_mm": (36, 45),
    "nose_length_mm": (27, 33),
    "mouth_width_mm": (48, 54),
}


@dataclass(frozen=True)
class FaceMeasures:
    """Straight distances on the neutral head, millimetres, relative to the interpupillary distance.

    Point numbers are those of the 68 iBUG landmarks, from 0.

    Attributes:
        interpupillary_mm: between the eyeballs' centres, as between the pupils of a person looking
            into the distance; the given value, or the assumed 63.
        face_width_mm: between the ends of the jaw line before the ears, points 0 and 16.
        jaw_width_mm: between the corners of the lower jaw, points 4 and 12.
        face_height_mm: from the root of the nose, point 27, to the chin, point 8.
        outer_eye_distance_mm: between the outer corners of the eyes, points 36 and 45.
        nose_length_mm: from the root of the nose, point 27, to its base, point 33.
        mouth_width_mm: between the corners of the mouth, points 48 and 54.
    """

    interpupillary_mm: float
    face_width_mm: float
    jaw_width_mm: float
    face_height_mm: float
    outer_eye_distance_mm: float
    nose_length_mm: float
    mouth_width_mm: float

    @property
    def note(self) -> str:
        """The assumption behind the numbers; shown together with them."""
        ipd_mm = self.interpupillary_mm
        return (
            "millimetres, head at rest, relative to an assumed interpupillary distance of "
            f"{ipd_mm:g} mm: one photo has no scale; multiply by true / {ipd_mm:g}"
        )

    def __str__(self) -> str:
        """A table: the note, then one line per length."""
        names = {name: name.removesuffix("_mm").replace("_", " ") for name in asdict(self)}
        lines = [f"  {names[name]:20s} {value:6.1f}" for name, value in asdict(self).items()]
        return "\n".join([self.note, *lines])


def measure_head(
    model: MorphableModel, vertices_model: FloatArray, ipd_mm: float = ASSUMED_INTERPUPILLARY_MM
) -> FaceMeasures:
    """Measure a head.

    Args:
        model: gives the topology of `vertices_model`.
        vertices_model: (V, 3), any unit, neutral: an expression would change mouth and height.
        ipd_mm: interpupillary distance that the lengths are relative to, millimetres.

    Raises:
        ShapeError: `vertices_model` has another shape.
    """
    millimetres = millimetres_per_unit(model, vertices_model, ipd_mm)
    points = model.landmarks68_of(vertices_model.astype(np.float64))

    def distance_mm(first: int, second: int) -> float:
        return float(np.linalg.norm(points[first] - points[second])) * millimetres

    lengths = {name: distance_mm(*between) for name, between in _POINTS.items()}
    return FaceMeasures(interpupillary_mm=float(ipd_mm), **lengths)


def millimetres_per_unit(
    model: MorphableModel, vertices_model: FloatArray, ipd_mm: float = ASSUMED_INTERPUPILLARY_MM
) -> float:
    """Millimetres in one unit of a head (V, 3) whose pupils are `ipd_mm` apart.

    Raises:
        ShapeError: `vertices_model` has another shape.
    """
    check_shape("vertices_model", vertices_model, model.vertex_count, 3)
    left, right = eyeball_centres(model, vertices_model)
    return float(ipd_mm) / float(np.linalg.norm(left - right))


def eyeball_centres(
    model: MorphableModel, vertices_model: FloatArray
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """(3,) centre of each eyeball, the image's left one first, identified on the mean head."""
    eyeballs = model.region("eyeballs")
    is_left = model.mean_vertices[:, 0] < 0
    left, right = vertices_model[eyeballs & is_left], vertices_model[eyeballs & ~is_left]
    return left.mean(axis=0, dtype=np.float64), right.mean(axis=0, dtype=np.float64)
