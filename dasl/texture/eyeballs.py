"""Eyeball textures: painted in the photo's colours, overlaid with the visible part of the eyes."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from dasl.arrays import FloatArray, IntArray
from dasl.geometry.smoothstep import smoothstep
from dasl.head.morphable_model import MorphableModel
from dasl.texture.eyes import Eyes, eyeball_directions
from dasl.texture.layout import TextureLayout
from dasl.texture.light import light_on
from dasl.texture.tone import LUMA, Tone

IRIS_DEG, PUPIL_DEG = 23.5, 8.5
"""Half angles at the eyeball's centre; the radius is `EYEBALL_RADIUS_MM` of `eyes`."""
SCLERA, IRIS = (208.0, 201.0, 196.0), (82.0, 58.0, 44.0)

_PATCH_INSET_MM = (-1.5, -0.3)
"""Distances from an opening's rim over which the photo fades in. They extend a little under the
lids, so that no pale line is visible at the rim."""
_RIM_SHADOW, _RIM_SHADOW_MM = 0.3, (0.8, -0.2)
"""Darkening of the photo's colours by the lids' shadow, and its distances from the rim. There the
photo may show skin, and a pale line around an eye looks like a mask."""
_LEAST_FRONT, _BACKMOST = 0.2, -0.3
"""Smallest z of directions that are sampled from the photo, and of those that lids may expose."""
_BACK_SHADE, _LID_SHADOW, _IRIS_RIM_DEG = 0.75, 0.30, 1.2
_LEAST_IRIS, _IRIS_LIT, _PUPIL = 0.16, 0.7, 0.35
"""Minimum brightness of an iris relative to the sclera; minimum within the iris, and brightness of
the pupil, relative to the iris. On photos of dark eyes the pupil is indistinguishable."""
_PUPIL_SHOWS = 0.75
"""Brightness of the pupil's area relative to the iris from which no pupil is visible."""
_HIGHLIGHT = (0.5, 0.8)
"""Brightness relative to the sclera over which a point on the pupil counts as a highlight."""
_WIDE_MM, _LID_HUE, _LID_LIGHT = 2.0, 0.04, 0.7
"""A photo shows lids instead of eyes if each fitted eye opens at least this far from its middle to
its rim, and the iris area matches the skin in chromaticity within this tolerance and is at least
this bright relative to it."""
_ASIDE, _IRIS_DARK, _GLASSES_HUE = 0.65, 0.7, 0.15
"""Cosine between an eye's axis and the view direction below which the photo must show an iris;
its brightness relative to its surroundings; and their distance from the skin's chromaticity from
which they are neither skin nor an eye."""
_LEAST_TEXELS = 12


def eyeball_colours(
    model: MorphableModel, layout: TextureLayout, eyes: Eyes, skin: FloatArray, tone: Tone
) -> tuple[IntArray, FloatArray]:
    """Colour the eyeballs' texels.

    Args:
        model: the head model.
        layout: of the texture.
        eyes: from `align_eyes`.
        skin: (3,) skin colour, which indicates the photo's brightness.
        tone: of the photo.

    Returns:
        Rows of the layout's covered texels (N,), and their colours (N, 3).
    """
    eyeballs = _eyeball_texels(model, layout)
    colours, sclera = _front_colours(eyeballs, eyes, skin, tone)
    painted = np.empty((len(eyeballs.texels), 3), dtype=np.float32)
    painted[:] = sclera * _BACK_SHADE
    painted[eyeballs.front] = colours
    return eyeballs.texels, painted


@dataclass(frozen=True, eq=False)
class _EyeballTexels:
    """The texels of both eyeballs, and those of them that lids can expose.

    Attributes:
        texels: (N,) rows of the layout's covered texels.
        front: (M,) rows of `texels` that lids can expose.
        sides: (M,) the eyeball of each of these: 1 the head's left, -1 its right.
        directions: (M, 3) unit vectors from the eyeball's centre.
        lid_shadow: (M,) factor for the shadow of the upper lid.
    """

    texels: IntArray
    front: IntArray
    sides: IntArray
    directions: FloatArray
    lid_shadow: FloatArray


def _front_colours(
    eyeballs: _EyeballTexels, eyes: Eyes, skin: FloatArray, tone: Tone
) -> tuple[FloatArray, FloatArray]:
    """Colours of the eyeball points (M, 3) that lids can expose, and of the sclera, (3,)."""
    sides, directions = eyeballs.sides, eyeballs.directions
    away_deg = _away_deg(eyeballs, eyes.iris_axis)
    rows = np.zeros(0, dtype=np.int64)  # of the points that the photo shows
    photo, share = np.zeros((0, 3), dtype=np.float32), np.zeros(0, dtype=np.float32)
    are_lids, kept = [], []
    for side, eye in eyes.seen.items():
        chosen = np.flatnonzero((sides == side) & (directions[:, 2] > _LEAST_FRONT))
        points = eye.positions(directions[chosen])[:, :2]
        inset_mm = eye.inset_at(points)
        near = inset_mm > _PATCH_INSET_MM[0]
        chosen, points, inset_mm = chosen[near], points[near], inset_mm[near]
        colours = eyes.head.colours(points + eyes.offset_px)
        is_iris = (away_deg[chosen] < IRIS_DEG) & (inset_mm > 0.0)
        are_lids.append(_is_lid(colours[is_iris], inset_mm, skin))
        colours *= 1.0 - _RIM_SHADOW * smoothstep(inset_mm, *_RIM_SHADOW_MM)[:, None]
        seen = smoothstep(inset_mm, *_PATCH_INSET_MM)
        if eye.facing >= _ASIDE or _shows_iris(colours, inset_mm, away_deg[chosen], skin):
            kept.append(side)
        else:
            seen[:] = 0.0
        rows, photo = np.concatenate([rows, chosen]), np.concatenate([photo, colours])
        share = np.concatenate([share, seen])
    if are_lids and all(are_lids):
        share[:] = 0.0
    axes = _axes(eyes, kept)
    away_deg = _away_deg(eyeballs, axes)
    sclera, iris = _eye_colours(photo, share, away_deg[rows], skin, tone)
    colours = _painted(eyeballs, axes, away_deg, sclera, iris)
    colours[rows] += share[:, None] * (photo - colours[rows])
    if eyes.is_found and not _shows_pupil(photo, share, away_deg[rows]):
        inner = np.flatnonzero(away_deg < IRIS_DEG)
        colours[inner] = _with_pupil(colours[inner], away_deg[inner], sclera, iris)
    return colours, sclera


def _away_deg(eyeballs: _EyeballTexels, axes: dict[int, FloatArray]) -> FloatArray:
    """(M,) angles of the points that lids can expose to the axes of their irises."""
    left, right = (eyeballs.directions @ axes[side] for side in (1, -1))
    cosine = np.where(eyeballs.sides == 1, left, right).clip(-1.0, 1.0)
    return np.asarray(np.degrees(np.arccos(cosine)), dtype=np.float32)


def _axes(eyes: Eyes, kept: list[int]) -> dict[int, FloatArray]:
    """Axes of the irises: an eye whose iris the photo does not show looks as the other one does.

    Args:
        eyes: on the photo.
        kept: sides of the eyes whose iris it shows; without any they look straight ahead.
    """
    if len(kept) == len(eyes.seen):
        return eyes.iris_axis
    known = [eyes.iris_axis[side] for side in kept]
    other = np.mean(known, axis=0) if known else np.array([0.0, 0.0, 1.0])
    other = (other / np.linalg.norm(other)).astype(np.float32)
    return {side: eyes.iris_axis[side] if side in kept else other for side in eyes.iris_axis}


def _shows_iris(
    colours: FloatArray, inset_mm: FloatArray, away_deg: FloatArray, skin: FloatArray
) -> bool:
    """Whether an eye seen from the side shows an iris darker than what is around it.

    Where its opening is fitted beside the photo's, it shows skin. What has another hue altogether,
    as dark glasses have, stays.

    Args:
        colours: (N, 3) of the photo.
        inset_mm: (N,) distances to the opening's rim.
        away_deg: (N,) angles to the axis of the iris.
        skin: (3,).
    """
    inside = inset_mm > 0.0
    iris, white = inside & (away_deg < IRIS_DEG), inside & (away_deg > IRIS_DEG)
    if min(iris.sum(), white.sum()) < _LEAST_TEXELS:
        return False
    shown = np.median(colours[white], axis=0)
    hues = [colour / max(float(colour.sum()), 1.0) for colour in (shown, skin)]
    if np.abs(hues[0] - hues[1]).max() > _GLASSES_HUE:
        return True
    return float(np.median(colours[iris] @ LUMA)) < _IRIS_DARK * float(shown @ LUMA)


def _is_lid(iris: FloatArray, inset_mm: FloatArray, skin: FloatArray) -> bool:
    """Whether the iris (N, 3) of a wide open eye has the skin's colour, (3,)."""
    if len(iris) < _LEAST_TEXELS or float(inset_mm.max(initial=0.0)) < _WIDE_MM:
        return False
    shown = np.median(iris, axis=0)
    hues = [colour / max(float(colour.sum()), 1.0) for colour in (shown, skin)]
    brightness = float(shown @ LUMA) / max(float(skin @ LUMA), 1.0)
    return bool(np.abs(hues[0] - hues[1]).max() < _LID_HUE and brightness > _LID_LIGHT)


def _eye_colours(
    sampled: FloatArray,
    weight: FloatArray,
    away_deg: FloatArray,
    skin: FloatArray,
    tone: Tone,
) -> tuple[FloatArray, FloatArray]:
    """Colours of sclera and iris, (3,) each: the photo's if enough is visible, else defaults."""
    light = light_on(skin)
    sclera, iris = (tone.applied(np.array(usual) * light) for usual in (SCLERA, IRIS))
    luma = sampled @ LUMA
    white = np.flatnonzero((weight > 0.9) & (away_deg > IRIS_DEG + 3.0))
    if len(white) >= _LEAST_TEXELS:
        brighter = white[luma[white] >= np.median(luma[white])]
        shown = np.median(sampled[brighter], axis=0)
        sclera = (0.8 * shown + 0.2 * sclera).astype(np.float32)
    coloured = np.flatnonzero(
        (weight > 0.9) & (away_deg > PUPIL_DEG + 2.0) & (away_deg < IRIS_DEG - 3.0)
    )
    if len(coloured) >= _LEAST_TEXELS:
        iris = np.median(sampled[coloured], axis=0).astype(np.float32)
    iris = np.minimum(iris, 0.8 * sclera)
    least = _LEAST_IRIS * float(sclera @ LUMA)
    return sclera, iris * max(1.0, least / max(float(iris @ LUMA), 1.0))


def _shows_pupil(sampled: FloatArray, weight: FloatArray, away_deg: FloatArray) -> bool:
    """Whether the photo shows a pupil darker than its iris; False if too little is visible."""
    luma, seen = sampled @ LUMA, weight > 0.9
    pupil = seen & (away_deg < PUPIL_DEG - 2.0)
    iris = seen & (away_deg > PUPIL_DEG + 2.0) & (away_deg < IRIS_DEG - 3.0)
    if min(pupil.sum(), iris.sum()) < _LEAST_TEXELS:
        return False
    return float(np.median(luma[pupil])) < _PUPIL_SHOWS * float(np.median(luma[iris]))


def _with_pupil(
    colours: FloatArray, away_deg: FloatArray, sclera: FloatArray, iris: FloatArray
) -> FloatArray:
    """Darken the pupil relative to the iris, except for highlights: (N, 3)."""
    share = smoothstep(away_deg, PUPIL_DEG + 0.8, PUPIL_DEG - 0.8)
    highlight = smoothstep(colours @ LUMA / float(sclera @ LUMA), *_HIGHLIGHT)
    least = smoothstep(away_deg, IRIS_DEG, IRIS_DEG - 4.0) * (1.0 - share)
    lifted = np.maximum(colours, _IRIS_LIT * least[:, None] * iris)
    dark = np.minimum(lifted, _PUPIL * iris)
    return (lifted + (share * (1.0 - highlight))[:, None] * (dark - lifted)).astype(np.float32)


def _painted(
    eyeballs: _EyeballTexels,
    iris_axis: dict[int, FloatArray],
    away_deg: FloatArray,
    sclera: FloatArray,
    iris: FloatArray,
) -> FloatArray:
    """Paint whole eyeballs, (M, 3): sclera, iris with dark rim and fibres, pupil."""
    white = 1.0 - (1.0 - _BACK_SHADE) * smoothstep(away_deg, 35.0, 80.0)
    colours = (white * eyeballs.lid_shadow)[:, None] * sclera
    inner = np.flatnonzero(away_deg < IRIS_DEG + _IRIS_RIM_DEG)
    away_deg = away_deg[inner]
    axis = np.where((eyeballs.sides[inner] == 1)[:, None], iris_axis[1], iris_axis[-1])
    around = np.arctan2(*(eyeballs.directions[inner] - axis)[:, 1::-1].T)
    fibres = np.sin(23.0 * around + 2.0 * np.sin(7.0 * around)) + 0.6 * np.sin(57.0 * around)
    shade = 1.0 + 0.05 * fibres + 0.12 * smoothstep(away_deg, PUPIL_DEG + 6.0, PUPIL_DEG + 1.0)
    shade *= 1.0 - 0.45 * smoothstep(away_deg, IRIS_DEG - 5.0, IRIS_DEG)
    shade *= 1.0 - 0.88 * smoothstep(away_deg, PUPIL_DEG + 0.8, PUPIL_DEG - 0.8)
    is_iris = smoothstep(away_deg, IRIS_DEG + _IRIS_RIM_DEG, IRIS_DEG - _IRIS_RIM_DEG)[:, None]
    painted = (shade * eyeballs.lid_shadow[inner])[:, None] * iris
    colours[inner] += is_iris * (painted - colours[inner])
    return colours.astype(np.float32, copy=False)


@lru_cache(maxsize=4)
def _eyeball_texels(model: MorphableModel, layout: TextureLayout) -> _EyeballTexels:
    directions, sides = eyeball_directions(model)
    of_triangle = sides[model.triangles[:, 0]]
    texels = np.flatnonzero(of_triangle[layout.triangle])
    direction = layout.interpolation[texels] @ directions
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    front = np.flatnonzero(direction[:, 2] > _BACKMOST)
    exposed = direction[front].astype(np.float32)
    below_lid = smoothstep(exposed[:, 1], 0.15, 0.55) * smoothstep(exposed[:, 2], _BACKMOST, 0.2)
    return _EyeballTexels(
        texels,
        front,
        sides=of_triangle[layout.triangle[texels[front]]],
        directions=exposed,
        lid_shadow=1.0 - _LID_SHADOW * below_lid,
    )
