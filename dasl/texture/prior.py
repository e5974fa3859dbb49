"""Prior knowledge of a head's colours, independent of the photo; cached per model."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import scipy.sparse
from scipy.spatial import cKDTree

from dasl.arrays import FloatArray, IntArray
from dasl.geometry.smoothstep import smoothstep
from dasl.head.mesh import vertex_normals
from dasl.head.morphable_model import MorphableModel
from dasl.texture.jaw import JawRim, jaw_rim
from dasl.texture.occlusion import ambient_light
from dasl.texture.skin_areas import below_brows, beside_face, plain_skin, regions
from dasl.texture.surface_edges import (
    edges_of,
    laplacian_of,
    neighbour_mean,
    open_border,
    parted_laplacian,
    spread,
)

TRUSTED_WITHIN_M, TRUST_FADE_M, HAIR_TRUST_FADE_M = 0.005, 0.022, 0.045
"""Beyond the face region a fitted head is unreliable (collars, background). The photo's weight is
full up to the first distance from the face and then fades over the second. Where hair grows it
fades over the third, since hair sampled at a wrong place is acceptable."""
NECK_FADE_M = 0.04
"""Height over which the neck fades in; its colours on the photo may be a collar's."""
UNDER_CHIN = (0.35, 0.75)
"""Downward component of the chin's normals over which the photo's weight fades: if the fitted chin
is slightly too long, the photo shows the neck's shadow there."""
CHIN_HEIGHT_M = 0.03
MIDDLE_M = (0.008, 0.022)

TONGUE, THROAT = (158.0, 78.0, 76.0), (84.0, 32.0, 34.0)
CAVITY_FRONT, CAVITY_BACK = (138.0, 66.0, 62.0), (62.0, 20.0, 22.0)
CAVITY_DEPTH_M = 0.035

MOUTH_PARTS = ("teeth", "tongue", "inner_mouth")
INSIDES = (*MOUTH_PARTS, "eyeballs", "eye_sockets")
HAIRLINE_M = np.array(
    [
        (-0.170, -0.040),
        (-0.140, -0.040),
        (-0.122, -0.036),
        (-0.110, -0.020),
        (-0.104, 0.010),
        (-0.099, 0.036),
        (-0.075, 0.048),
        (-0.058, 0.034),
        (-0.045, 0.058),
        (-0.025, 0.086),
        (-0.005, 0.096),
        (0.020, 0.102),
    ]
)
"""z and height y of a typical hairline, from the nape past the ear to the forehead, on the
reference head (`MorphableModel.reference_vertices`).

It differs from the line in `dasl.datasets.rendered.skin`, which is an edge painted on random heads:
this is the middle of the transition between skin and hair in the fill."""
HAIRLINE_FADE_M = 0.014
EAR_FADE_M = (0.004, 0.016)
"""Distances from the ears over which the photo's weight changes to that of skin beside the face."""
EAR_TRUST, EAR_LIT = 0.9, 0.4
"""Weight of the photo on the ears, where it shows skin; and the share of the ambient occlusion in
their folds that is removed, for light that passes through the skin."""

LID_MOVES_M = (0.0049, 0.0104)
"""Displacements by a blink over which the photo's weight fades. Such skin is folded away while the
eye is open, and the photo shows lashes and the eye there."""
LASH_ABOVE = 0.35
"""Darkness of the lashes just above a lid's edge, relative to that of the edge."""
EYE_REGION_M = (0.006, 0.010)
"""Vertical distances from an eye's centre over which its alignment fades; horizontally twice as
large."""

FILL_REACH_M, HAIR_REACH_M, NECK_REACH_M = 0.060, 0.018, 0.022
EAR_REACH_M, LID_REACH_M = 0.010, 0.006
"""Distances over which visible colours extend before the default of the area (hair or skin)
dominates; separate for hair, neck, ears and eyelids."""


@dataclass(frozen=True, eq=False)
class SurfacePrior:
    """Prior knowledge of a head's colours; V vertices, shares in [0, 1].

    Attributes:
        trust: (V,) weight of the photo where it shows the vertex.
        hair: (V,) share of hair on a typical head: the scalp.
        middle: (V,) 1 in the head's plane of symmetry, where a profile ends; 0 on its sides.
        ear: (V,) 1 on the ears, fading around them; fitted ears are often misplaced.
        occlusion: (V,) ambient light that reaches the vertex; 1 on the face, whose shading is in
            the photo. Gives filled ears their shading.
        lip: (V,) share of the lips, where a photo may show teeth instead.
        lash: (V,) share of the upper lids' rims.
        eye_region: (V,) 1 around the eyes, fading; moved with their alignment on the photo.
        colour: (V, 3) RGB in 0..255 of tongue and the mouth's cavity.
        is_fixed: (V,) bool, these and teeth: never sampled.
        is_neck_rim: (V,) bool, the border of the hole in the neck.
        is_plain_skin: (V,) bool, cheeks, nose and chin, from which the skin's colour is estimated.
        beside: (V,) share of the outer cheeks and jaws, which hair and hands may cover.
        bare: (V,) share of `beside` and of the face below the brows, without lips and mouth.
        jaw: its rim, where hands touch the face.
        inward: (V,) the adjacent vertex that lies furthest to the front, or the vertex itself.
        mirror: (V,) the vertex on the other side of the head.
        pull: (V,) weight of the default colour (hair or skin) at vertices that are not visible,
            relative to 1 per edge of the surface.
        laplacian: (V, V) sparse, symmetric, of the surface's edges, for smooth filling; edges
            across the hairline count little.
    """

    trust: FloatArray
    hair: FloatArray
    middle: FloatArray
    ear: FloatArray
    occlusion: FloatArray
    lip: FloatArray
    lash: FloatArray
    eye_region: FloatArray
    colour: FloatArray
    is_fixed: npt.NDArray[np.bool_]
    is_neck_rim: npt.NDArray[np.bool_]
    is_plain_skin: npt.NDArray[np.bool_]
    beside: FloatArray
    bare: FloatArray
    jaw: JawRim
    inward: IntArray
    mirror: IntArray
    pull: FloatArray
    laplacian: scipy.sparse.csc_matrix


@lru_cache(maxsize=4)
def surface_prior(model: MorphableModel) -> SurfacePrior:
    """Compute the prior of each vertex of the model."""
    # Positions and distances here were measured on the reference head.
    mean, triangles = model.reference_vertices, model.triangles
    laplacian = laplacian_of(edges_of(triangles), np.ones(2 * triangles.size), len(mean))
    smooth = neighbour_mean(laplacian)
    is_fixed = regions(model, *MOUTH_PARTS)
    from_ears, _ = cKDTree(mean[regions(model, "ears")]).query(mean)
    ear = smoothstep(from_ears, *EAR_FADE_M[::-1])
    below = _below_chin(model, mean)
    hair = _hair(mean) * _around_ears(model, smooth) * ~regions(model, *INSIDES)
    lid = smoothstep(_blink_way(model), *LID_MOVES_M)
    normals = vertex_normals(mean, triangles)
    skin_trust = _trust(model, mean, hair) * (1.0 - below) * (1.0 - ear)
    skin_trust = np.maximum(skin_trust, EAR_TRUST * ear * ~regions(model, *INSIDES))
    trust = skin_trust * (1.0 - lid) * (1.0 - _under_chin(model, mean, normals)) * ~is_fixed
    beside = beside_face(model) * (1.0 - hair) * (1.0 - ear) * ~regions(model, *INSIDES)
    occlusion = smooth @ ambient_light(_eyes_closed(model), triangles)
    occlusion += EAR_LIT * ear * (1.0 - occlusion)
    return SurfacePrior(
        trust=trust.astype(np.float32),
        hair=hair.astype(np.float32),
        middle=smoothstep(np.abs(mean[:, 0]), *MIDDLE_M[::-1]).astype(np.float32),
        ear=ear.astype(np.float32),
        occlusion=(occlusion + (1.0 - ear) * skin_trust * (1.0 - occlusion)).astype(np.float32),
        lip=spread(smooth, regions(model, "lips"), 1).astype(np.float32),
        lash=_lash(model, laplacian, lid).astype(np.float32),
        eye_region=_eye_region(model, mean),
        colour=_mouth_colours(model, mean),
        is_fixed=is_fixed,
        is_neck_rim=open_border(triangles, len(mean)) & regions(model, "skin"),
        is_plain_skin=plain_skin(model),
        beside=beside.astype(np.float32),
        bare=np.maximum(beside, below_brows(model, "brows", "lips", *INSIDES)).astype(np.float32),
        jaw=jaw_rim(model, trust, regions(model, *INSIDES)),
        inward=_inward(mean, triangles),
        mirror=model.mirror_vertex,
        pull=_pull(mean, triangles, hair, below, ear, lid),
        laplacian=parted_laplacian(triangles, hair),
    )


def _trust(model: MorphableModel, mean: FloatArray, hair: FloatArray) -> FloatArray:
    distance, _ = cKDTree(mean[regions(model, "face")]).query(mean)
    fade = TRUST_FADE_M + (HAIR_TRUST_FADE_M - TRUST_FADE_M) * hair
    return 1.0 - smoothstep((distance - TRUSTED_WITHIN_M) / fade, 0.0, 1.0)


def _hair(mean: FloatArray) -> FloatArray:
    line = np.interp(mean[:, 2], *HAIRLINE_M.T)
    return smoothstep((mean[:, 1] - line) / HAIRLINE_FADE_M, -0.5, 0.5)


def _around_ears(model: MorphableModel, smooth: scipy.sparse.csr_matrix) -> FloatArray:
    """1 beside the ears, falling to 0 within their outermost two rings of vertices: (V,)."""
    return (2.0 * spread(smooth, ~regions(model, "ears"), 2)).clip(0.0, 1.0)


def _blink_way(model: MorphableModel) -> FloatArray:
    """Displacement of each vertex by the blinks of both eyes: (V,) metres."""
    ways = model.expression_basis[_blinks(model)]
    return np.linalg.norm(ways, axis=2).sum(axis=0)


def _blinks(model: MorphableModel) -> list[int]:
    names = enumerate(model.expression_names)
    return [index for index, name in names if name.startswith("eyeBlink")]


def _lash(model: MorphableModel, laplacian: scipy.sparse.csc_matrix, lid: FloatArray) -> FloatArray:
    """The rims of the upper lids: skin that touches a socket, folded in, and skin beside that."""
    socket = regions(model, "eye_sockets")
    folded = _touches(laplacian, socket) & regions(model, "face")
    edge = _touches(laplacian, folded) & ~socket
    above = _touches(laplacian, edge) & ~socket & ~folded
    return lid * np.where(above, LASH_ABOVE, 1.0) * (folded | edge | above)


def _touches(
    laplacian: scipy.sparse.csc_matrix, mask: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Mask (V,) of vertices adjacent to, but not in, the mask."""
    neighbours = np.asarray(-laplacian @ mask.astype(np.float64)).ravel()
    return (neighbours > 0) & ~mask


def _eye_region(model: MorphableModel, mean: FloatArray) -> FloatArray:
    eyeballs = mean[regions(model, "eyeballs")]
    sides = [eyeballs[eyeballs[:, 0] * side > 0].mean(axis=0) for side in (1.0, -1.0)]
    from_eyes = [np.hypot((mean - eye)[:, 0] / 2, (mean - eye)[:, 1]) for eye in sides]
    distance = np.min(from_eyes, axis=0)
    is_front = mean[:, 2] > sides[0][2] - 0.02
    return (smoothstep(distance, EYE_REGION_M[1], EYE_REGION_M[0]) * is_front).astype(np.float32)


def _mouth_colours(model: MorphableModel, mean: FloatArray) -> FloatArray:
    colour = np.zeros_like(mean)
    for region, front, back in (
        ("inner_mouth", CAVITY_FRONT, CAVITY_BACK),
        ("tongue", TONGUE, THROAT),
    ):
        chosen = regions(model, region)
        depth = ((mean[chosen, 2].max() - mean[chosen, 2:]) / CAVITY_DEPTH_M).clip(0.0, 1.0)
        colour[chosen] = np.array(front) * (1.0 - depth) + np.array(back) * depth
    return colour.astype(np.float32)


def _inward(mean: FloatArray, triangles: IntArray) -> IntArray:
    start, end = edges_of(triangles).T
    order = np.argsort(mean[end, 2], kind="stable")  # of several writes, the last one stays
    inward = np.arange(len(mean))
    inward[start[order]] = end[order]
    is_further = mean[inward, 2] > mean[:, 2]
    return np.where(is_further, inward, np.arange(len(mean)))


def _below_chin(model: MorphableModel, mean: FloatArray) -> FloatArray:
    """0 above the chin, 1 on the neck: (V,)."""
    chin = mean[regions(model, "face"), 1].min()
    return smoothstep((chin - mean[:, 1]) / NECK_FADE_M, -0.5, 0.5)


def _pull(
    mean: FloatArray,
    triangles: IntArray,
    hair: FloatArray,
    below: FloatArray,
    ear: FloatArray,
    lid: FloatArray,
) -> FloatArray:
    """Pull per vertex: a pull of p lets colours extend over 1 / sqrt(p) edges of any length."""
    first, second = triangles[:, [0, 1, 2]].ravel(), triangles[:, [1, 2, 0]].ravel()
    length = np.linalg.norm(mean[first] - mean[second], axis=1)
    edges = np.bincount(first, minlength=len(mean))
    edge = np.bincount(first, length, minlength=len(mean)) / np.maximum(edges, 1)
    kinds = (
        (hair, HAIR_REACH_M),
        (below, NECK_REACH_M),
        (ear, EAR_REACH_M),
        (lid, LID_REACH_M),
    )
    reach = np.min([FILL_REACH_M + share * (r - FILL_REACH_M) for share, r in kinds], axis=0)
    return ((edge / reach) ** 2).astype(np.float32)


def _under_chin(model: MorphableModel, mean: FloatArray, normals: FloatArray) -> FloatArray:
    chin = mean[regions(model, "face"), 1].min()
    near = smoothstep(mean[:, 1] - chin, CHIN_HEIGHT_M, CHIN_HEIGHT_M / 2)
    return near * smoothstep(-normals[:, 1], *UNDER_CHIN)


def _eyes_closed(model: MorphableModel) -> FloatArray:
    """The mean head with closed eyes, (V, 3), so that the lids' folds are unoccluded."""
    return model.mean_vertices + model.expression_basis[_blinks(model)].sum(axis=0)
