"""Colours of teeth, tongue and the mouth's cavity: from the photo where visible."""

from functools import lru_cache

import numpy as np

from dasl.arrays import FloatArray, IntArray
from dasl.geometry.smoothstep import smoothstep
from dasl.head.morphable_model import MorphableModel
from dasl.texture.layout import TextureLayout
from dasl.texture.light import light_on
from dasl.texture.mouth import Mouth, mouth_parts
from dasl.texture.mouth_opening import STEP_MM
from dasl.texture.photo import PosedHead
from dasl.texture.prior import surface_prior
from dasl.texture.teeth import ENAMEL, GUM, TeethTexels, teeth_texels
from dasl.texture.tone import LUMA, Tone

_LOWER_TEETH = 0.85
"""Brightness of the lower teeth, behind the lip, relative to the upper ones."""
_LEAST_TOOTH = 12
"""Least number of cells of the photo's opening for estimating the teeth's colour."""
_PHOTO_TOOTH = np.array([1.0, 1.0, 0.96])
"""Factors on the teeth's colour on the photo, so that painted teeth do not look bluer."""
_DARK_TOOTH, _SHADED_TOOTH = (0.05, 0.25), 0.3
"""Brightness of the photo at a tooth, relative to the painted one, over which the photo is used;
share of the painted one that is used below that: a dark corner of the mouth must not become a black
tooth when the mouth opens."""
_INSET_MM, _REACH_MM = 0.6, (6.0, 2.0)
_OUTSIDE_MM, _BEHIND_MM, _FACING = (1.0, 0.0), (5.0, 2.0), (0.05, 0.25)
_CLOSED_MM = 4.0
"""Largest height of a fitted opening for which a photo without a visible inside is taken as closed
lips; otherwise something occludes the mouth, such as a hand."""
_FRONT_M = -0.06
"""z on the reference head behind which nothing of the mouth is visible."""


def mouth_fill(model: MorphableModel, skin: FloatArray, tone: Tone) -> FloatArray:
    """Default colours of the mouth's vertices, `prior.is_fixed`, in the photo's light: (N, 3).

    Args:
        model: the head model.
        skin: (3,) its colour on the photo.
        tone: of the photo.
    """
    prior = surface_prior(model)
    return tone.applied(prior.colour[prior.is_fixed] * light_on(skin))


def paint_teeth(
    colours: FloatArray,
    teeth: TeethTexels,
    skin: FloatArray,
    tone: Tone,
    mouth: Mouth | None,
) -> None:
    """Paint both rows of teeth in the photo's tooth colour or a default one, in place.

    Args:
        colours: (N, 3) of the layout's covered texels.
        teeth: of the same layout.
        skin: (3,) its colour on the photo.
        tone: of the photo.
        mouth: on the photo, if visible.
    """
    light = light_on(skin)
    tooth = np.array(ENAMEL) * light
    if mouth is not None and (shown := _shown_tooth(mouth)) is not None:
        tooth = shown * _PHOTO_TOOTH
    else:
        tooth = np.minimum(tooth, min(tooth[0], tooth[1]) * np.array([np.inf, np.inf, 1.0]))
    enamel = np.where(teeth.is_upper[:, None], 1.0, _LOWER_TEETH) * tooth
    colours[teeth.texels] = tone.applied(teeth.painted(enamel, np.array(GUM) * light))


def _shown_tooth(mouth: Mouth) -> FloatArray | None:
    """Median of the brighter half of the visible teeth, (3,); None if too few are visible."""
    if mouth.teeth == 0.0:
        return None
    is_tooth = (mouth.tooth > 0.8) & mouth.opening
    if is_tooth.sum() < _LEAST_TOOTH:
        return None
    colours = mouth.picture[is_tooth]
    luma = colours @ LUMA
    return np.median(colours[luma >= np.median(luma)], axis=0).astype(np.float32)


def lay_mouth_over(
    colours: FloatArray,
    layout: TextureLayout,
    model: MorphableModel,
    head: PosedHead,
    facing: FloatArray,
    mouth: Mouth,
) -> None:
    """Blend the photo's content between the lips over teeth, tongue and cavity, in place.

    Args:
        colours: (N, 3) of the layout's covered texels.
        layout: of the texture.
        model: the head model.
        head: on its photo, with the teeth moved by `mouth`.
        facing: (V,) cosine between each vertex's normal and the view direction.
        mouth: on the same photo.
    """
    teeth = teeth_texels(model, layout)
    outside = teeth.texels[teeth.is_outside & teeth.is_upper]
    cells = mouth.cells(head.vertices_image[:, :2])
    mirror = model.mirror_vertex
    painted = colours[outside]
    luma, in_shade = np.maximum(painted @ LUMA, 1.0), _SHADED_TOOTH * painted
    for side in (mirror, np.arange(len(mirror))):
        known = np.column_stack([cells, facing])[side]
        column, row, faces = (layout.interpolation[outside] @ known).T
        share, photo = _on_teeth(mouth, column, row)
        share *= smoothstep(faces, *_FACING)
        is_lit = smoothstep(photo @ LUMA / luma, *_DARK_TOOTH)[:, None]
        wanted = in_shade + is_lit * (photo - in_shade)
        colours[outside] += share[:, None] * (wanted - colours[outside])
    soft = _soft_texels(model, layout)
    known = np.column_stack([cells, head.vertices_image[:, 2] * head.mm_per_pixel])
    place = layout.interpolation[soft] @ known
    between = _between(mouth, place[:, 0], place[:, 1])
    seen = np.flatnonzero(between)
    share, photo = _behind_teeth(mouth, *place[seen].T)
    share *= between[seen]
    colours[soft[seen]] += share[:, None] * (photo - colours[soft[seen]])


def _behind_teeth(
    mouth: Mouth, column: FloatArray, row: FloatArray, z_mm: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Weight of the photo on tongue and cavity, (N,) in [0, 1], and its colours (N, 3)."""
    behind = z_mm - mouth.at(mouth.depth_mm, column, row)
    share = smoothstep(np.abs(np.nan_to_num(behind, nan=np.inf)), *_BEHIND_MM)
    share *= float(mouth.is_open or mouth.height_mm < _CLOSED_MM)
    if mouth.is_open:
        share *= 1.0 - mouth.at(mouth.tooth, column, row)
    return share, mouth.at(mouth.picture, column, row)


def _on_teeth(mouth: Mouth, column: FloatArray, row: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weight of the photo on teeth, (N,) in [0, 1], and its colours (N, 3).

    Under the upper lip a tooth gets the colour at the lip's edge.
    """
    if mouth.teeth == 0.0:
        return np.zeros(len(row), dtype=np.float32), np.zeros((len(row), 3), dtype=np.float32)
    top, bottom = mouth.borders(column)
    inner = np.minimum(top + _INSET_MM / STEP_MM, (top + bottom) / 2)
    lowest = top + mouth.teeth * (bottom - top)
    within = row.clip(inner, np.maximum(inner, lowest - _INSET_MM / STEP_MM))
    share = smoothstep(np.abs(row - within) * STEP_MM, *_REACH_MM)
    share *= mouth.at(mouth.inside, column, within) * mouth.beside(column)
    return share, mouth.at(mouth.picture, column, within)


def _between(mouth: Mouth, column: FloatArray, row: FloatArray) -> FloatArray:
    """1 in the fitted opening, 0 off it: (N,)."""
    top, bottom = mouth.borders(column)
    outside = np.maximum(top - row, row - bottom) * STEP_MM
    return smoothstep(outside, *_OUTSIDE_MM) * mouth.beside(column)


@lru_cache(maxsize=4)
def _soft_texels(model: MorphableModel, layout: TextureLayout) -> IntArray:
    """Rows of the covered texels (N,) of the front of tongue and cavity."""
    is_front = model.reference_vertices[:, 2] > _FRONT_M
    is_soft = mouth_parts(model) & is_front & ~model.region("teeth")
    return np.flatnonzero(is_soft[model.triangles[layout.triangle, 0]])
