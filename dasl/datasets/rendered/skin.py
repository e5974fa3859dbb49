"""Paint of a rendered head: skin, lips, eyes, brows, hair, beard, glasses.

Colours are linear-light reflectances. Positions are in the rest frame: the position of a surface
point on the model's reference head, metres, model axes. Paint therefore moves with the surface.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dasl.datasets.rendered.appearance import Appearance
from dasl.datasets.rendered.shading import SkyView, sky_view
from dasl.geometry.smoothstep import smoothstep
from dasl.head.morphable_model import MorphableModel

Floats = NDArray[np.float32]
Array = NDArray[np.floating]

PALE_SKIN = np.array([0.66, 0.44, 0.34], dtype=np.float32)
MELANIN = np.array([1.75, 2.05, 2.3], dtype=np.float32)
"""Optical density of the darkest skin over `PALE_SKIN`, red, green, blue."""
BLOOD = np.array([0.12, 0.55, 0.5], dtype=np.float32)
SCLERA = np.array([0.48, 0.44, 0.42], dtype=np.float32)
TEETH = np.array([0.70, 0.64, 0.54], dtype=np.float32)
MOUTH = np.array([0.30, 0.07, 0.07], dtype=np.float32)
TEETH_LIGHT = 0.6
DARKEST = 0.2
"""Least share of the sky, in the deepest fold; light also comes from the surrounding skin."""

HAIRLINE_Z = (-0.17, -0.13, -0.105, -0.097, -0.066, -0.058, -0.04, -0.015, 0.01)
HAIRLINE_Y = (-0.05, -0.045, -0.02, 0.04, 0.05, 0.042, 0.070, 0.092, 0.104)
"""Height of the hairline from nape to forehead, metres, rest frame.

It differs from the soft line of `dasl.texture.prior`: here it is a sharp edge in training pictures,
moved up and down between people. Changing it changes the training data."""
FOREHEAD_Z = -0.05
"""In front of this z the hairline varies between people."""

BEARD_X = (0.0, 0.016, 0.03, 0.055, 0.075)
BEARD_Y = (-0.010, -0.012, -0.030, -0.018, 0.015)
IRIS_RAD, PUPIL_RAD = 0.40, 0.17
STRANDS_PER_RADIAN = 45.0
HEAD_AXIS_Z = -0.08
HAIR_FRINGE = 0.004
EYE_RADIUS, SCLERA_WITHIN = 0.0155, 0.02
PUPIL = np.float32(0.004)


@dataclass(frozen=True)
class HeadMap:
    """Data of the reference head for painting.

    Attributes:
        rest: (V, 3) vertices of the reference head.
        growth: size of the mean head relative to the reference head.
        masks: name -> (V,) float32 in [0, 1].
        occlusion: (V,) share of the sky that reaches a vertex.
        sky: visibility of the sky from each vertex.
        brow: (5, 2) |x| and y of the brow points, by ascending |x|.
        eye: (3,) centre of the eyeball at positive x.
    """

    rest: Floats
    growth: float
    masks: dict[str, Floats]
    occlusion: Floats
    sky: SkyView
    brow: Floats
    eye: Floats


@lru_cache(maxsize=2)
def head_map(model: MorphableModel) -> HeadMap:
    """Precompute data of the reference head; takes about a second, once per model."""
    rest = model.reference_vertices.astype(np.float32)
    mean_size, rest_size = (
        float(np.linalg.norm(vertices[model.region("face")].std(axis=0, ddof=1)))
        for vertices in (model.mean_vertices, model.reference_vertices)
    )
    points = model.landmarks68_of(model.reference_vertices).astype(np.float32)
    brow = points[[22, 23, 24, 25, 26], :2]
    balls = rest[model.region("eyeballs") & (rest[:, 0] > 0)]
    eye = (balls.min(axis=0) + balls.max(axis=0)) / 2
    names = ("lips", "inner_mouth", "eyeballs", "teeth", "tongue")
    masks = {name: model.region(name).astype(np.float32) for name in names}
    side = np.abs(rest) * [1, 0, 0] + rest * [0, 1, 1]
    from_eye = np.linalg.norm(side - eye, axis=1)
    masks["lid"] = _bump(from_eye, 0.0152, 0.0016) * (1 - masks["eyeballs"])
    masks["socket"] = _bump(from_eye, 0.0, 0.024) * (1 - masks["eyeballs"])
    masks["cheek"] = _bump(np.linalg.norm(side - [0.042, 0.0, 0.0], axis=1), 0.0, 0.022)
    masks["nose"] = _bump(np.linalg.norm(side - [0.0, 0.0, 0.033], axis=1), 0.0, 0.016)
    masks["ear"] = _in_ear(rest).astype(np.float32)
    masks["beard"] = _beard_mask(rest) * (1 - masks["lips"])
    sky = sky_view(rest, model.triangles)
    occlusion = DARKEST + (1 - DARKEST) * sky.openness
    # Closed lips occlude the teeth of a neutral head; visible teeth are lit through the open mouth.
    forward = np.clip((rest[:, 2] + 0.02) / 0.025, 0.0, 1.0)
    light = TEETH_LIGHT * masks["teeth"] * forward
    occlusion = np.maximum(occlusion, light).astype(np.float32)
    masks["teeth"] *= 0.3 + 0.7 * forward
    return HeadMap(rest, mean_size / rest_size, masks, occlusion, sky, brow, eye)


def vertex_albedo(head: HeadMap, looks: Appearance) -> Floats:
    """(V, 3) colours that change slowly over the surface."""
    masks, noise = head.masks, _unevenness(head.rest, looks)
    melanin = looks.melanin * (1 + 0.12 * noise) + 0.10 * masks["socket"] + 0.05 * masks["lips"]
    blood = looks.blood * (1 + 0.3 * _unevenness(head.rest[:, [1, 2, 0]], looks))
    blood = blood + 0.5 * (masks["cheek"] + masks["nose"] + masks["ear"])
    blood = blood + looks.lip * masks["lips"]
    albedo = PALE_SKIN * np.exp(-melanin[:, None] * MELANIN - blood[:, None] * BLOOD)
    stubble = 1 + 0.3 * _unevenness(head.rest * 2.0, looks)
    shade = (0.75 * looks.beard * masks["beard"] * stubble)[:, None]
    albedo = albedo + shade * (looks.brow - albedo)
    albedo *= (1 - 0.55 * masks["lid"])[:, None]
    for name, colour in (("inner_mouth", MOUTH), ("tongue", MOUTH), ("teeth", TEETH)):
        albedo += masks[name][:, None] * (colour - albedo)
    albedo += masks["eyeballs"][:, None] * (SCLERA - albedo)
    return albedo.astype(np.float32)


def hair_depth(rest: Array, looks: Appearance) -> Floats:
    """Height of points (N, 3) of the rest frame above the hairline, metres; negative: no hair."""
    ramp = np.clip((rest[:, 2] - FOREHEAD_Z) / 0.03, 0.0, 1.0)
    line = np.interp(rest[:, 2], HAIRLINE_Z, HAIRLINE_Y) + looks.hairline_up * ramp
    depth = rest[:, 1] - line
    return np.where(_in_ear(rest), -0.01, depth).astype(np.float32)


def paint_pixels(albedo: Floats, rest: Floats, head: HeadMap, looks: Appearance) -> Floats:
    """Paint details that are finer than the mesh.

    Args:
        albedo: (P, 3) of `vertex_albedo`; overwritten.
        rest: (P, 3) positions of the pixels on the reference head, metres.
        head: the reference head.
        looks: the person's appearance.

    Returns:
        (P,) gloss of each pixel, 1 = eye.
    """
    side = rest.copy()
    side[:, 0] = np.abs(side[:, 0])
    if looks.hair_thickness > 0:
        paint_hair(albedo, rest, looks)
    _paint_brows(albedo, side, head, looks)
    eye = _paint_eyes(albedo, side, head, looks)
    if looks.glasses:
        eye *= 1 - paint_glasses(albedo, side, head, looks)
    return eye


def paint_hair(albedo: Floats, rest: Floats, looks: Appearance) -> None:
    """Paint hair above the hairline, on colours (P, 3) at points (P, 3) of the rest frame."""
    depth = hair_depth(rest, looks)
    near = np.flatnonzero(depth > -HAIR_FRINGE)
    strands = _hair_strands(rest[near], looks)
    cover = smoothstep((depth[near] + HAIR_FRINGE * strands) / (2 * HAIR_FRINGE))
    _blend(albedo, near, looks.hair * (1 + 0.35 * strands)[:, None], cover)


def _hair_strands(rest: Array, looks: Appearance) -> Floats:
    """(N,) light and dark locks at points of the rest frame, -1..1."""
    turn = np.arctan2(rest[:, 0], rest[:, 2] - HEAD_AXIS_Z)
    bent = turn * STRANDS_PER_RADIAN + 4.0 * _unevenness(rest, looks)
    return (0.6 * np.sin(bent) + 0.4 * np.sin(2.3 * bent + looks.phases[0])).astype(np.float32)


def _paint_brows(albedo: Floats, side: Floats, head: HeadMap, looks: Appearance) -> None:
    low, high = head.brow[:, 1].min() - 0.01, head.brow[:, 1].max() + 0.01
    near = np.flatnonzero((side[:, 1] > low) & (side[:, 1] < high) & (side[:, 2] > -0.04))
    x, y = side[near, 0], side[near, 1]
    middle = np.interp(x, head.brow[:, 0], head.brow[:, 1])
    inner, outer = head.brow[0, 0], head.brow[-1, 0]
    along = (x - inner) / (outer - inner)
    height = looks.brow_height * np.interp(along, (0.0, 0.3, 1.0), (1.1, 1.2, 0.5))
    ends = smoothstep((along + 0.1) / 0.15) * smoothstep((1.08 - along) / 0.2)
    cover = looks.brow_weight * np.exp(-(((y - middle) / height) ** 2)) * ends
    _blend(albedo, near, looks.brow, cover)


def _paint_eyes(albedo: Floats, side: Floats, head: HeadMap, looks: Appearance) -> Floats:
    """Paint irises and pupils; returns (P,) a mask of the eyeballs."""
    offset = side - head.eye
    box = (np.abs(offset[:, :2]) < EYE_RADIUS).all(axis=1) & (offset[:, 2] > 0.004)
    # Vertices of the ball are sclera exactly, those of the lids are not.
    near = np.flatnonzero(box & (np.abs(albedo - SCLERA).max(axis=1) < SCLERA_WITHIN))
    offset = offset[near]
    angle = np.arctan2(np.linalg.norm(offset[:, :2], axis=1), offset[:, 2])
    rim = np.clip(1.25 - 0.7 * (angle / IRIS_RAD) ** 4, 0.3, 1.2)
    _blend(albedo, near, looks.iris * rim[:, None], smoothstep((IRIS_RAD - angle) / 0.06))
    _blend(albedo, near, PUPIL, smoothstep((PUPIL_RAD - angle) / 0.05))
    eye = np.zeros(len(side), dtype=np.float32)
    eye[near] = 1.0
    return eye


def paint_glasses(albedo: Floats, side: Floats, head: HeadMap, looks: Appearance) -> Floats:
    """Paint a frame, or dark glasses; returns (P,) their coverage."""
    x, y = (side[:, 0] - head.eye[0] - 0.002) / 0.026, (side[:, 1] - head.eye[1] + 0.004) / 0.02
    radius = (x**4 + y**4) ** 0.25
    front = side[:, 2] > -0.03
    frame = smoothstep((0.12 - np.abs(radius - 1.0)) / 0.06) * front
    bridge = (side[:, 0] < 0.006) & (np.abs(y + 0.1) < 0.12) & front
    level = (np.abs(side[:, 1] - head.eye[1]) < 0.002) & (side[:, 2] > -0.07)
    temple = level & (side[:, 0] > head.eye[0] + 0.026)
    glass = (radius < 1.0) * front * (looks.glasses == 2)
    cover = np.maximum(np.maximum(frame, bridge | temple), glass).astype(np.float32)
    near = np.flatnonzero(cover)
    _blend(albedo, near, np.float32(0.3 * looks.hair.mean()), 0.93 * cover[near])
    return cover


def _unevenness(places: Array, looks: Appearance) -> Floats:
    """(N,) a smooth random function of position, about -1..1."""
    return np.sin(places.astype(np.float32) @ looks.waves.T + looks.phases).mean(axis=1) * 2.0


def _blend(
    albedo: Floats, rows: NDArray[np.int64], colour: Array | np.float32, cover: Array
) -> None:
    """Blend a colour over `rows` of the pixels, in place."""
    weight = np.clip(cover, 0.0, 1.0)[:, None]
    albedo[rows] += weight * (colour - albedo[rows])


def _in_ear(rest: Array) -> NDArray[np.bool_]:
    y, z = (rest[:, 1] - 0.017) / 0.031, (rest[:, 2] + 0.082) / 0.021
    return (y**2 + z**2 < 1.0) & (np.abs(rest[:, 0]) > 0.066)


def _beard_mask(rest: Floats) -> Floats:
    top = np.interp(np.abs(rest[:, 0]), BEARD_X, BEARD_Y)
    cover = smoothstep((top - rest[:, 1]) / 0.01) * smoothstep((rest[:, 1] + 0.085) / 0.015)
    return cover * smoothstep((rest[:, 2] + 0.07) / 0.012)


def _bump(value: Array, centre: float, width: float) -> Floats:
    return np.exp(-(((value - centre) / width) ** 2)).astype(np.float32)
