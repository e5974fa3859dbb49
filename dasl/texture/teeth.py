"""Painted teeth: crowns with gaps, gums, and darkening towards the back.

Each row of the model's teeth is a folded band with an outer wall, from the root to the edge, and an
inner wall, from the edge back to the palate. Single teeth are not modelled, so they are painted.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray, IntArray
from dasl.geometry.smoothstep import smoothstep
from dasl.head.morphable_model import MorphableModel
from dasl.texture.layout import TextureLayout

UPPER_WIDTHS_MM = (8.5, 6.5, 7.6, 7.0, 6.8, 10.0, 9.5, 9.0)
LOWER_WIDTHS_MM = (5.2, 5.9, 6.9, 7.0, 7.1, 11.0, 10.5, 10.0)
"""Widths of an adult's teeth, from the middle to the back (Wheeler's Dental Anatomy)."""
ENAMEL, GUM = (236.0, 229.0, 216.0), (170.0, 92.0, 90.0)

_INNER_RADIUS = 0.93
"""Radius relative to the ellipse around a row that separates outer from inner wall."""
_UPPER_MOVES_M = 0.005
"""Displacement by jawOpen that separates upper (less) from lower teeth (more)."""
_GAP_MM, _GAP_DARK, _PAPILLA_MM = 0.7, 0.30, 1.8
_GUM_LINE, _PAPILLA, _GUM_FADE = 0.36, 0.14, 0.05
"""End of the gum on the outer wall, as a share of its height; extension of the gum between teeth;
width of the transition."""
_INNER_GUM, _INNER_FADE = 1.70, 0.12
_FISSURE, _FISSURE_WIDTH, _FISSURE_DARK, _MOLARS_MM = 1.28, 0.09, 0.25, 22.0
_DEPTH_MM, _DEEP = (12.0, 50.0), 0.45
"""Distances along the row over which the light decreases, and the share that is lost."""
_INSIDE = 0.85
_RED_LIGHT = (0.85, 1.10, 1.20)
"""Exponents of the shade per channel, since light between lips and cheeks is reddish."""
_STEPS = 200


@dataclass(frozen=True, eq=False)
class TeethTexels:
    """The texels of both rows of teeth.

    Attributes:
        texels: (N,) rows of the layout's covered texels.
        shade: (N,) brightness relative to a front tooth.
        gum: (N,) share of gum, in [0, 1].
        is_outside: (N,) whether on an outer wall, which may be visible on a photo.
        is_upper: (N,) whether in the upper row.
    """

    texels: IntArray
    shade: FloatArray
    gum: FloatArray
    is_outside: npt.NDArray[np.bool_]
    is_upper: npt.NDArray[np.bool_]

    def painted(self, enamel: FloatArray, gum: FloatArray) -> FloatArray:
        """Colours (N, 3) of the teeth, given enamel colours (N, 3) and a gum colour (3,)."""
        mixed = enamel + self.gum[:, None] * (gum - enamel)
        return np.asarray(mixed * self.shade[:, None] ** _RED_LIGHT, dtype=np.float32)


@lru_cache(maxsize=4)
def teeth_texels(model: MorphableModel, layout: TextureLayout) -> TeethTexels:
    """Compute how to paint the teeth of a texture; cached per layout."""
    corner = model.triangles[layout.triangle, 0]
    texels = np.flatnonzero(model.region("teeth")[corner])
    is_upper = upper_teeth(model)[corner[texels]]
    along_mm, rise = (layout.interpolation[texels] @ row_coordinates(model)).T
    gaps_mm = np.where(
        is_upper, *(_to_gap_mm(along_mm, widths) for widths in (UPPER_WIDTHS_MM, LOWER_WIDTHS_MM))
    )
    papilla = _PAPILLA * np.exp(-((gaps_mm / _PAPILLA_MM) ** 2))
    outer_gum = smoothstep(rise - papilla, _GUM_LINE + _GUM_FADE, _GUM_LINE - _GUM_FADE)
    inner_gum = smoothstep(rise + papilla, _INNER_GUM - _INNER_FADE, _INNER_GUM + _INNER_FADE)
    gum = np.maximum(outer_gum, inner_gum)
    return TeethTexels(texels, _shade(along_mm, rise, gaps_mm), gum, rise <= 1.0, is_upper)


def _shade(along_mm: FloatArray, rise: FloatArray, gaps_mm: FloatArray) -> FloatArray:
    """Shading (N,): gaps between teeth, fissures of molars, darkening at the back and inside."""
    shade = 1.0 - _GAP_DARK * np.exp(-((gaps_mm / _GAP_MM) ** 2))
    is_molar = smoothstep(np.abs(along_mm), _MOLARS_MM - 2.0, _MOLARS_MM + 2.0)
    shade *= 1.0 - _FISSURE_DARK * is_molar * np.exp(-(((rise - _FISSURE) / _FISSURE_WIDTH) ** 2))
    shade *= 1.0 - _DEEP * smoothstep(np.abs(along_mm), *_DEPTH_MM)
    shade *= 1.0 - (1.0 - _INSIDE) * smoothstep(rise, 1.0, 1.4)
    return np.asarray(shade, dtype=np.float32)


def _to_gap_mm(along_mm: FloatArray, widths_mm: tuple[float, ...]) -> FloatArray:
    """Distance to the nearest gap between two teeth: (N,)."""
    ends = np.cumsum([0.0, *widths_mm])
    between = (ends[:-1] + ends[1:]) / 2.0
    nearest = ends[np.searchsorted(between, np.abs(along_mm))]
    return np.asarray(np.abs(np.abs(along_mm) - nearest), dtype=np.float32)


@lru_cache(maxsize=4)
def row_coordinates(model: MorphableModel) -> FloatArray:
    """Coordinates of the teeth's vertices on their row, (V, 2); 0 elsewhere.

    The first is the distance along the row, in millimetres of the reference head, from its middle
    to the head's left. The second is 0 at the root, 1 at the edge and 2 on the inner wall.
    """
    mean_mm = model.reference_vertices.astype(np.float64) * 1000.0
    coordinates = np.zeros((len(mean_mm), 2), dtype=np.float32)
    upper = upper_teeth(model)
    for row, down in ((upper, -1.0), (model.region("teeth") & ~upper, 1.0)):
        chosen = np.flatnonzero(row)
        x, y, z = mean_mm[chosen].T
        is_outer = np.hypot(x / np.ptp(x), 0.5 * (z - z.min()) / np.ptp(z)) > _INNER_RADIUS / 2.0
        angle, along = np.zeros((2, len(chosen)))
        for wall in (is_outer, ~is_outer):
            across, back = np.abs(x[wall]).max(), z[wall].min()
            angle[wall] = np.arctan2(x[wall] / across, (z[wall] - back) / np.ptp(z[wall]))
        along = _arc_mm(angle, np.abs(x).max(), float(np.ptp(z)))
        # Outer walls are columns of three vertices: root, middle and edge.
        outer = np.flatnonzero(is_outer)
        columns = outer[np.argsort(angle[outer])].reshape(-1, 3)
        height = down * y[columns]
        low, high = height.min(axis=1, keepdims=True), height.max(axis=1, keepdims=True)
        rise = np.full(len(chosen), 2.0)
        rise[columns] = (height - low) / (high - low)
        coordinates[chosen] = np.stack([along, rise], axis=1)
    return coordinates


def _arc_mm(
    angle: npt.NDArray[np.float64], across_mm: float, depth_mm: float
) -> npt.NDArray[np.float64]:
    """Arc length of an ellipse from its front end to angles (N,), with the angles' signs."""
    steps = np.linspace(0.0, np.pi / 2.0, _STEPS)
    step_mm = np.hypot(across_mm * np.cos(steps), depth_mm * np.sin(steps)) * steps[1]
    return np.sign(angle) * np.interp(np.abs(angle), steps, np.cumsum(step_mm) - step_mm[0])


@lru_cache(maxsize=4)
def upper_teeth(model: MorphableModel) -> npt.NDArray[np.bool_]:
    """(V,) the upper teeth: those that do not move with jawOpen."""
    opening = model.expression_basis[model.expression_names.index("jawOpen")]
    stays = np.linalg.norm(opening, axis=1) < _UPPER_MOVES_M
    return np.asarray(model.region("teeth") & stays)
