"""Extends offsets that are known on the outer skin to the rest of the head.

The known vertices are those that scans cover. Skin connected with them (folds of the ears, eye
sockets, the inside of the mouth) gets a harmonic extension. Eyeballs follow the lids, so that lids
stay on them; teeth and tongue follow the mouth as one piece. Everything is linear in the offsets,
so a mean and its modes are extended in the same way.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray
from scipy.sparse.linalg import splu

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

# A lid's vertices lie within this share of the eyeball's radius from its surface.
LID_SHARE = 0.15
# Weight of a lid sliding along its eyeball, relative to lifting off it.
SLIDING_WEIGHT = 0.3
# Eyeballs differ little in size (their lengths by 3 %), so a change of size is penalised.
SIZE_WEIGHT = 0.5


@dataclass(frozen=True)
class Carrier:
    """The offsets of all vertices as a linear function of the known ones.

    Attributes:
        known: (V,) mask.
        extend_skin: from (V, 3) offsets, valid where `known`, to (V, 3) valid on all skin.
        parts: vertices that move as one piece (P,), those around them (R,), and the matrix
            (3 P, 3 R) from offsets of the latter to offsets of the former.
    """

    known: Mask
    extend_skin: Callable[[Array], Array]
    parts: list[tuple[Indices, Indices, Array]]

    def carry(self, offsets: Array) -> Array:
        """From (V, 3) offsets, valid where `known`, to (V, 3) offsets of the whole head."""
        carried = self.extend_skin(offsets)
        for part, ring, matrix in self.parts:
            carried[part] = (matrix @ carried[ring].ravel()).reshape(-1, 3)
        return carried


def make_carrier(
    vertices: Array, triangles: Indices, regions: dict[str, Mask], known: Mask
) -> Carrier:
    """The extension of offsets on one head.

    Args:
        vertices: (V, 3) the head that offsets are added to.
        triangles: (T, 3).
        regions: name -> (V,); `eyeballs`, `eye_sockets`, `eyes`, `teeth`, `tongue` and `mouth`.
        known: (V,) vertices whose offsets will be given.
    """
    loose = regions["eyeballs"] | regions["teeth"] | regions["tongue"]
    parts = []
    for is_side in (vertices[:, 0] < 0, vertices[:, 0] > 0):
        eyeball = np.flatnonzero(regions["eyeballs"] & is_side)
        lids = np.flatnonzero(_lids(vertices, eyeball, regions) & is_side)
        parts.append((eyeball, lids, _follow_on_sphere(vertices, eyeball, lids)))
    inside = np.flatnonzero(regions["teeth"] | regions["tongue"])
    mouth = np.flatnonzero(regions["mouth"] & known)
    parts.append((inside, mouth, _follow_as_one(vertices, inside, mouth)))
    return Carrier(known, _harmonic(vertices, triangles, known, ~loose), parts)


def _lids(vertices: Array, eyeball: Indices, regions: dict[str, Mask]) -> Mask:
    centre, radius = sphere(vertices[eyeball])
    gap = np.linalg.norm(vertices - centre, axis=1) / radius - 1
    return (np.abs(gap) < LID_SHARE) & regions["eyes"]


def sphere(points: Array) -> tuple[Array, float]:
    """Centre (3,) of an eyeball's box and mean distance of its points (P, 3) from there."""
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    return centre, float(np.linalg.norm(points - centre, axis=1).mean())


def _follow_on_sphere(vertices: Array, eyeball: Indices, lids: Indices) -> Array:
    """Translation and size of a sphere from offsets of the skin on it, least squares."""
    centre, radius = sphere(vertices[eyeball])
    outward = vertices[lids] - centre
    unit = outward / np.linalg.norm(outward, axis=1, keepdims=True)
    across = unit[:, :, None] * unit[:, None, :]
    weight = across + SLIDING_WEIGHT * (np.eye(3) - across)
    design = _sphere_design(radius * unit)
    weighted = np.einsum("rij,rjk->rik", weight, design).reshape(-1, 4)
    same_size = len(lids) * (SIZE_WEIGHT * radius) ** 2 * np.diag([0.0, 0.0, 0.0, 1.0])
    solve = np.linalg.solve(weighted.T @ weighted + same_size, weighted.T)
    from_offsets = np.einsum("krj,rji->kri", solve.reshape(4, -1, 3), weight).reshape(4, -1)
    return _sphere_design(vertices[eyeball] - centre).reshape(-1, 4) @ from_offsets


def _sphere_design(points: Array) -> Array:
    """(P, 3, 4): offsets of points under a translation and a change of size."""
    shift = np.broadcast_to(np.eye(3), (len(points), 3, 3))
    return np.concatenate([shift, points[:, :, None]], axis=2)


def _follow_as_one(vertices: Array, part: Indices, ring: Indices) -> Array:
    """Translation, size and small rotation of a part from offsets around it, least squares."""
    centre = vertices[ring].mean(axis=0)
    solve = np.linalg.pinv(_similarity_design(vertices[ring] - centre))
    return _similarity_design(vertices[part] - centre) @ solve


def _similarity_design(points: Array) -> Array:
    """(3 P, 7): as `_sphere_design`, and turns about the three axes."""
    turns = np.stack([np.cross(axis, points) for axis in np.eye(3)], axis=2)
    return np.concatenate([_sphere_design(points), turns], axis=2).reshape(-1, 7)


def _harmonic(
    vertices: Array, triangles: Indices, known: Mask, skin: Mask
) -> Callable[[Array], Array]:
    """Each unknown offset of the skin is the mean of its neighbours', by 1 / edge length."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    edges = np.unique(np.sort(edges, axis=1), axis=0)
    stiffness = 1 / np.linalg.norm(vertices[edges[:, 0]] - vertices[edges[:, 1]], axis=1)
    shape = (len(vertices), len(vertices))
    pull = sparse.coo_matrix((stiffness, tuple(edges.T)), shape=shape)
    pull = (pull + pull.T).tocsr()
    laplacian = (sparse.diags(np.asarray(pull.sum(axis=1)).ravel()) - pull).tocsr()
    unknown = np.flatnonzero(skin & ~known)
    given = np.flatnonzero(known)
    solve = splu(laplacian[unknown][:, unknown].tocsc()).solve
    onto = laplacian[unknown][:, given]

    def extend(offsets: Array) -> Array:
        whole = np.where(known[:, None], offsets, 0.0)
        whole[unknown] = solve(-(onto @ offsets[given]))
        return whole

    return extend
