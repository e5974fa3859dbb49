"""What is known of a head's colours before a photo is seen; made once for a model, then kept."""

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
from dasl.texture.occlusion import ambient_light

TRUSTED_WITHIN_M, TRUST_FADE_M, HAIR_TRUST_FADE_M = 0.005, 0.022, 0.045
"""Beyond the face region a fitted head is a guess (collars, the photo's background): the photo
counts fully up to the first distance from the face, and less and less over the second; over the
third where hair grows, since any hair that is shown there will do."""
NECK_FADE_M = 0.04
"""Height over which the neck begins; its colours on the photo may be a collar's."""
UNDER_CHIN = (0.35, 0.75)
"""How far the chin's surface looks down where the photo is believed less and less: that is the
neck's shadow as soon as the chin is a little too long."""
CHIN_HEIGHT_M = 0.03
MIDDLE_M = (0.008, 0.022)

TONGUE, THROAT = (158.0, 78.0, 76.0), (84.0, 32.0, 34.0)
CAVITY_FRONT, CAVITY_BACK = (138.0, 66.0, 62.0), (62.0, 20.0, 22.0)
CAVITY_DEPTH_M = 0.035

MOUTH_PARTS = ("teeth", "tongue", "inner_mouth")
INSIDES = (*MOUTH_PARTS, "eyeballs", "eye_sockets")
HAIRLINE_M = np.array(
    [
        (-0.170, -0.060),
        (-0.140, -0.050),
        (-0.118, -0.005),
        (-0.105, 0.030),
        (-0.075, 0.048),
        (-0.058, 0.034),
        (-0.045, 0.058),
        (-0.025, 0.086),
        (-0.005, 0.096),
        (0.020, 0.102),
    ]
)
"""Height y of a usual hairline at each z, from the nape past the ear to the forehead; reference
head (`MorphableModel.reference_vertices`).

Not the line of `dasl.datasets.rendered.skin`, an edge painted on random heads: this is the middle
of a fade, between where a photo's skin and a photo's hair are filled in."""
HAIRLINE_FADE_M = 0.014
EAR_FADE_M = (0.004, 0.016)
"""Distances from the ears over which the photo comes to be believed as skin's beside the face."""
EAR_TRUST, EAR_LIT = 0.9, 0.4
"""How far the photo is believed on the ears, where it shows skin; and the share of their folds'
shadow that skin's light through them takes away."""

LID_MOVES_M = (0.0049, 0.0104)
"""Ways that a blink moves the skin, between which the photo is believed less and less: that skin
is folded away while the eye is open, and what is sampled there are lashes and the eye itself."""
LASH_ABOVE = 0.35
"""Darkness of the lashes a little above a lid's edge, against that of the edge."""
EYE_REGION_M = (0.006, 0.010)
"""Heights above and below the middle of an eye over which its alignment fades; twice as wide."""

FILL_REACH_M, HAIR_REACH_M, NECK_REACH_M = 0.060, 0.035, 0.022
EAR_REACH_M, LID_REACH_M = 0.010, 0.006
"""Distances over which a colour that is seen runs on before its kind's usual one prevails: hair,
neck, ears, eyelids, and the rest."""


@dataclass(frozen=True, eq=False)
class SurfacePrior:
    """What is known of a head's colours before a photo is seen; V vertices, shares in [0, 1].

    Attributes:
        trust: (V,) how far the photo is believed where it shows the vertex.
        hair: (V,) share of hair on a usual head: the scalp.
        middle: (V,) 1 in the head's plane of symmetry, where a profile ends; 0 on its sides.
        ear: (V,) 1 on the ears, fading around them: often they are not where the photo shows them.
        occlusion: (V,) ambient light that reaches the vertex, 1 on the face, whose light the
            photo knows: an ear is darkened by it so that it looks like one.
        lip: (V,) share of the lips, where a photo may show teeth instead.
        lash: (V,) share of the upper lids' rims.
        eye_region: (V,) 1 around the eyes, fading: moves with their alignment on the photo.
        colour: (V, 3) RGB in 0..255 of tongue and the mouth's cavity.
        is_fixed: (V,) bool, these and teeth: never sampled.
        is_plain_skin: (V,) bool, cheeks, nose and chin: what "the skin's colour" is read from.
        pull: (V,) how strongly a vertex that is not seen takes its kind's colour (hair or skin)
            rather than its surroundings', against 1 for each edge of the surface.
        laplacian: (V, V) sparse, symmetric, of the surface's edges, for smooth filling.
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
    is_plain_skin: npt.NDArray[np.bool_]
    pull: FloatArray
    laplacian: scipy.sparse.csc_matrix


@lru_cache(maxsize=4)
def surface_prior(model: MorphableModel) -> SurfacePrior:
    """Colours and trust of each vertex of the model."""
    # Places and distances here were measured on the reference head.
    mean, triangles = model.reference_vertices, model.triangles
    laplacian = _laplacian(triangles, len(mean))
    smooth = _neighbour_mean(laplacian)
    is_fixed = _region(model, *MOUTH_PARTS)
    from_ears, _ = cKDTree(mean[_region(model, "ears")]).query(mean)
    ear = smoothstep(from_ears, *EAR_FADE_M[::-1])
    below = _below_chin(model, mean)
    hair = _hair(mean) * (1.0 - ear) * ~_region(model, *INSIDES)
    lid = smoothstep(_blink_way(model), *LID_MOVES_M)
    normals = vertex_normals(mean, triangles)
    skin_trust = _trust(model, mean, hair) * (1.0 - below) * (1.0 - ear)
    skin_trust = np.maximum(skin_trust, EAR_TRUST * ear * ~_region(model, *INSIDES))
    trust = skin_trust * (1.0 - lid) * (1.0 - _under_chin(model, mean, normals)) * ~is_fixed
    occlusion = smooth @ ambient_light(_eyes_closed(model), triangles)
    occlusion += EAR_LIT * ear * (1.0 - occlusion)
    return SurfacePrior(
        trust=trust.astype(np.float32),
        hair=hair.astype(np.float32),
        middle=smoothstep(np.abs(mean[:, 0]), *MIDDLE_M[::-1]).astype(np.float32),
        ear=ear.astype(np.float32),
        occlusion=(occlusion + (1.0 - ear) * skin_trust * (1.0 - occlusion)).astype(np.float32),
        lip=_spread(smooth, _region(model, "lips"), 1).astype(np.float32),
        lash=_lash(model, laplacian, lid).astype(np.float32),
        eye_region=_eye_region(model, mean),
        colour=_mouth_colours(model, mean),
        is_fixed=is_fixed,
        is_plain_skin=plain_skin(model),
        pull=_pull(mean, triangles, hair, below, ear, lid),
        laplacian=laplacian,
    )


def _region(model: MorphableModel, *names: str) -> npt.NDArray[np.bool_]:
    return np.any([model.region(name) for name in names], axis=0)


def _trust(model: MorphableModel, mean: FloatArray, hair: FloatArray) -> FloatArray:
    distance, _ = cKDTree(mean[_region(model, "face")]).query(mean)
    fade = TRUST_FADE_M + (HAIR_TRUST_FADE_M - TRUST_FADE_M) * hair
    return 1.0 - smoothstep((distance - TRUSTED_WITHIN_M) / fade, 0.0, 1.0)


def _hair(mean: FloatArray) -> FloatArray:
    line = np.interp(mean[:, 2], *HAIRLINE_M.T)
    return smoothstep((mean[:, 1] - line) / HAIRLINE_FADE_M, -0.5, 0.5)


def _blink_way(model: MorphableModel) -> FloatArray:
    """How far both eyes' blinks move each vertex: (V,) metres."""
    ways = model.expression_basis[_blinks(model)]
    return np.linalg.norm(ways, axis=2).sum(axis=0)


def _blinks(model: MorphableModel) -> list[int]:
    names = enumerate(model.expression_names)
    return [index for index, name in names if name.startswith("eyeBlink")]


def _lash(model: MorphableModel, laplacian: scipy.sparse.csc_matrix, lid: FloatArray) -> FloatArray:
    """The rims of the upper lids: skin that touches a socket, folded in, and skin beside that."""
    socket = _region(model, "eye_sockets")
    folded = _touches(laplacian, socket) & _region(model, "face")
    edge = _touches(laplacian, folded) & ~socket
    above = _touches(laplacian, edge) & ~socket & ~folded
    return lid * np.where(above, LASH_ABOVE, 1.0) * (folded | edge | above)


def _touches(
    laplacian: scipy.sparse.csc_matrix, mask: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Vertices beside the mask: (V,)."""
    neighbours = np.asarray(-laplacian @ mask.astype(np.float64)).ravel()
    return (neighbours > 0) & ~mask


def _eye_region(model: MorphableModel, mean: FloatArray) -> FloatArray:
    eyeballs = mean[_region(model, "eyeballs")]
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
        chosen = _region(model, region)
        depth = ((mean[chosen, 2].max() - mean[chosen, 2:]) / CAVITY_DEPTH_M).clip(0.0, 1.0)
        colour[chosen] = np.array(front) * (1.0 - depth) + np.array(back) * depth
    return colour.astype(np.float32)


@lru_cache(maxsize=4)
def plain_skin(model: MorphableModel) -> npt.NDArray[np.bool_]:
    """(V,) cheeks, nose and chin: what "the skin's colour" is read from."""
    mean = model.reference_vertices
    below_brows = mean[:, 1] < mean[_region(model, "brows"), 1].min()
    features = _region(model, "eyes", "brows", "lips", "eyeballs")
    return _region(model, "face") & below_brows & ~features


def _below_chin(model: MorphableModel, mean: FloatArray) -> FloatArray:
    """0 above the chin, 1 on the neck: (V,)."""
    chin = mean[_region(model, "face"), 1].min()
    return smoothstep((chin - mean[:, 1]) / NECK_FADE_M, -0.5, 0.5)


def _pull(
    mean: FloatArray,
    triangles: IntArray,
    hair: FloatArray,
    below: FloatArray,
    ear: FloatArray,
    lid: FloatArray,
) -> FloatArray:
    """A pull of p lets a colour run on over 1 / sqrt(p) edges, whatever their length."""
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
    chin = mean[_region(model, "face"), 1].min()
    near = smoothstep(mean[:, 1] - chin, CHIN_HEIGHT_M, CHIN_HEIGHT_M / 2)
    return near * smoothstep(-normals[:, 1], *UNDER_CHIN)


def _eyes_closed(model: MorphableModel) -> FloatArray:
    """The mean head in a blink, (V, 3): what lies in the lids' folds comes into the light."""
    return model.mean_vertices + model.expression_basis[_blinks(model)].sum(axis=0)


def _laplacian(triangles: IntArray, count: int) -> scipy.sparse.csc_matrix:
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    edges = np.concatenate([edges, edges[:, ::-1]])
    ones = np.ones(len(edges), dtype=np.float64)
    adjacency = scipy.sparse.coo_matrix((ones, edges.T), shape=(count, count)).tocsr()
    adjacency.data[:] = 1.0
    degree = np.asarray(adjacency.sum(axis=1)).ravel()
    return (scipy.sparse.diags(degree) - adjacency).tocsc()


def _neighbour_mean(laplacian: scipy.sparse.csc_matrix) -> scipy.sparse.csr_matrix:
    """(V, V), takes the mean of each vertex and its neighbours."""
    degree = laplacian.diagonal()
    with_self = scipy.sparse.diags(degree + 1.0) - laplacian
    return (scipy.sparse.diags(1.0 / (degree + 1.0)) @ with_self).tocsr()


def _spread(smooth: scipy.sparse.csr_matrix, mask: npt.NDArray[np.bool_], steps: int) -> FloatArray:
    """1 on the mask, falling to 0 over so many edges around it: (V,)."""
    share = mask.astype(np.float32)
    for _ in range(steps):
        share = np.maximum(share, smooth @ share).astype(np.float32)
    return share
