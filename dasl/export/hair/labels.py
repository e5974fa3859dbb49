"""Which pixels around a head are its hair (or hat), on a small picture of even scale."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from dasl.arrays import FloatArray, RgbImage
from dasl.export.hair.camera import Camera
from dasl.geometry.smoothstep import smoothstep
from dasl.head.morphable_model import MorphableModel
from dasl.texture.prior import surface_prior
from eval.meshes.rays import cast_along_z, pixel_grid

MM_PER_PIXEL = 2.2
"""Of the picture on which hair is told from skin."""
_PERSON = 0.5
_COMPONENTS, _LEAST_SEEDS, _MOST_SEEDS = 3, 40, 4000
_OUTSET_PX = 2
_ODDS = {"scalp": 1.5, "face": -2.0, "side": 0.0, "outside": 4.0, "collar": -0.5, "else": -1.0}
"""Logarithms of the odds that a pixel is hair before its colour is seen."""
_MOST_COLOUR_ODDS = 6.0
_SMOOTHING_PX = 1.2
_CLOSED = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
_BALD = 0.35
"""Share of the scalp that must be hair, or the head is taken for bald."""


@dataclass(frozen=True, eq=False)
class HairLabels:
    """A small picture around a head.

    Attributes:
        person: (H, W) bool.
        hair: (H, W) bool, at most `person`.
        depth: (H, W) of the head's surface, metres towards the viewer; -inf off it.
    """

    person: npt.NDArray[np.bool_]
    hair: npt.NDArray[np.bool_]
    depth: FloatArray


def hair_labels(
    model: MorphableModel,
    vertices: FloatArray,
    camera: Camera,
    photo: RgbImage,
    person: npt.NDArray[np.bool_],
) -> HairLabels:
    """Tells hair from skin by colour, from clothes by where it hangs.

    Args:
        model: of the head.
        vertices: (V, 3) of the head, pixels of `photo`.
        camera: onto `photo`.
        photo: (H, W, 3) uint8 RGB, about `MM_PER_PIXEL`.
    """
    up = camera.rotation[:2, 1] * (1.0, -1.0)
    up = up / np.linalg.norm(up).clip(1e-6)
    height, width = photo.shape[:2]
    triangles = model.triangles.numpy()
    hits = cast_along_z(vertices, triangles, pixel_grid(width, height))
    corners = _places(model)[triangles[np.maximum(hits.triangle, 0)]]
    at = (corners * hits.barycentric[..., None]).sum(axis=1).reshape(height, width, -1)
    is_head = hits.hit.reshape(height, width)
    depth = np.nan_to_num(hits.depth.reshape(height, width)) / camera.scale.mean()
    depth = np.where(is_head, depth, -np.inf)
    scalp, plain, never, face = np.moveaxis(at, -1, 0)

    rise = (np.indices((height, width))[::-1].reshape(2, -1).T @ up).reshape(height, width)
    ears = vertices[model.region("ears").numpy(), :2] @ up
    chin = (vertices[model.region("face").numpy(), :2] @ up).min()
    ear_low, ear_mid = ears.min(), (ears.min() + ears.max()) / 2
    outside = person & ~(cv2.dilate(is_head.astype(np.uint8), np.ones((5, 5))) > 0)

    lab = cv2.cvtColor(np.ascontiguousarray(photo), cv2.COLOR_RGB2LAB).astype(np.float32)
    lab[..., 0] *= 0.6
    skin_seeds = is_head & person & (plain > 0.9)
    hair_seeds = (outside & (rise > ear_mid)) | (is_head & person & (scalp > 0.95))
    odds = np.full((height, width), _ODDS["else"], dtype=np.float32)
    usual = _ODDS["side"] + face * (_ODDS["face"] - _ODDS["side"])
    usual += scalp * (_ODDS["scalp"] - usual)
    odds[is_head] = usual[is_head]
    beside = (rise - chin) / max(ear_mid - chin, 1.0)
    odds[outside] = (_ODDS["collar"] + (_ODDS["outside"] - _ODDS["collar"]) * smoothstep(beside, -0.3, 1.0))[outside]
    if skin_seeds.sum() >= _LEAST_SEEDS and hair_seeds.sum() >= _LEAST_SEEDS:
        hair_like, skin_like = (_log_likelihood(lab, seeds) for seeds in (hair_seeds, skin_seeds))
        odds += (hair_like - skin_like).clip(-_MOST_COLOUR_ODDS, _MOST_COLOUR_ODDS)
    odds -= 20.0 * (never > 0.5) * is_head
    odds[~person] = -6.0
    odds = cv2.GaussianBlur(odds.clip(-8, 8), (0, 0), _SMOOTHING_PX)
    collar = vertices[:, :2] @ up
    hair = (odds > 0) & person & (rise > collar.min())
    hair = cv2.morphologyEx(hair.astype(np.uint8), cv2.MORPH_CLOSE, _CLOSED) > 0
    hair = _hanging(hair & person & ~(is_head & (never > 0.5)), up, rise, ear_low)
    return HairLabels(person, hair, depth.astype(np.float32))


def _log_likelihood(lab: FloatArray, seeds: npt.NDArray[np.bool_]) -> FloatArray:
    """Of each pixel's colour under a mixture fitted to the seeds': (H, W)."""
    colours = lab[seeds]
    colours = colours[:: max(1, len(colours) // _MOST_SEEDS)].astype(np.float64)
    rng = np.random.default_rng(0)
    centres = colours[rng.choice(len(colours), _COMPONENTS, replace=False)]
    for _ in range(8):
        nearest = cKDTree(centres).query(colours)[1]
        centres = np.stack(
            [colours[nearest == k].mean(axis=0) if (nearest == k).any() else centres[k] for k in range(_COMPONENTS)]
        )
    best = np.full(lab.shape[:2], -np.inf)
    total = np.zeros(lab.shape[:2])
    for k in range(_COMPONENTS):
        own = colours[nearest == k]
        if len(own) < 8:
            continue
        covariance = np.cov(own.T) + 30.0 * np.eye(3)
        offset = lab - centres[k]
        square = np.einsum("hwi,ij,hwj->hw", offset, np.linalg.inv(covariance), offset)
        total += np.exp(-0.5 * square) * len(own) / len(colours) / np.sqrt(np.linalg.det(covariance))
    return np.log(total + 1e-9).astype(np.float32)


def _hanging(
    hair: npt.NDArray[np.bool_], up: FloatArray, rise: FloatArray, ear_low: float
) -> npt.NDArray[np.bool_]:
    """Keeps below the ears only what hangs from hair above: clothes do not."""
    height, width = hair.shape
    angle = float(np.degrees(np.arctan2(up[0], -up[1])))
    middle = (width / 2 - 0.5, height / 2 - 0.5)
    side = int(np.hypot(height, width)) + 2
    turn = cv2.getRotationMatrix2D(middle, angle, 1.0)
    turn[:, 2] += (side - np.array([width, height])) / 2
    upright = cv2.warpAffine(hair.astype(np.uint8), turn, (side, side), flags=cv2.INTER_NEAREST) > 0
    low = cv2.warpAffine(
        (rise < ear_low).astype(np.uint8), turn, (side, side), flags=cv2.INTER_NEAREST, borderValue=1
    ) > 0
    for row in range(1, side):
        above = upright[row - 1]
        reached = above.copy()
        if row % 2:
            reached[1:] |= above[:-1]
            reached[:-1] |= above[1:]
        upright[row] &= reached | ~low[row]
    back = cv2.warpAffine(
        upright.astype(np.uint8), turn, (width, height), flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    )
    return hair & (cv2.dilate(back, np.ones((3, 3))) > 0)


@lru_cache(maxsize=2)
def _places(model: MorphableModel) -> FloatArray:
    """Of each vertex: share of scalp, of plain skin, of what is never hair, and of the face: (V, 4)."""
    prior = surface_prior(model)
    reference = model.reference_vertices.numpy()
    features = np.any([model.region(name).numpy() for name in ("eyes", "brows", "nose", "lips")], axis=0)
    near, _ = cKDTree(reference[features]).query(reference)
    face = model.region("face").numpy()
    low = reference[:, 1] < reference[model.region("brows").numpy(), 1].max()
    forward = smoothstep(reference[:, 2], -0.045, -0.03)
    inner = smoothstep(np.abs(reference[:, 0]), 0.062, 0.055)
    never = face & low & (forward * inner > 0.5) | (near < 0.004)
    return np.stack([prior.hair, prior.is_plain_skin, never, face], axis=1).astype(np.float32)
