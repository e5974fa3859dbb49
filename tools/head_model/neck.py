"""The lower end of the neck: one smooth rim in a plane, on every head of the identity space.

A rim vertex moves only within the plane, and the plane moves along its normal. The rim of
mean + sum of components is thus planar for any coefficients. Around the rim only low frequencies
remain.
"""

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tools.head_model.identity import IdentityBasis
from tools.head_model.topology import RIM_TILT, HeadTopology

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

# Number of frequencies kept around the rim.
HARMONICS = 4
# The rim's change fades out over this many rings of quads above it, or before the face.
FADE_RINGS = 8


def finish_neck(
    identity: IdentityBasis, topology: HeadTopology, face: NDArray[np.bool_]
) -> IdentityBasis:
    """The same heads with a planar, smooth rim.

    Args:
        identity: mean (V, 3) and components (K, V, 3), y up.
        topology: the head's mesh, trimmed.
        face: (V,) vertices that must not change.
    """
    rim = neck_rim(topology)
    fade = _fade(topology, rim, face)
    return IdentityBasis(
        mean=_finished(identity.mean[None], rim, fade)[0],
        components=_finished(identity.components, rim, fade),
        mirror_sign=identity.mirror_sign,
    )


def neck_rim(topology: HeadTopology) -> Indices:
    """The vertices (R,) of the skin's one border, in order around it."""
    body = topology.quads[topology.groups == "body"]
    sides = np.stack([body, np.roll(body, -1, axis=1)], axis=-1).reshape(-1, 2)
    _, first, uses = np.unique(
        np.sort(sides, axis=1), axis=0, return_index=True, return_counts=True
    )
    following = dict(sides[first[uses == 1]].tolist())
    rim = [min(following)]
    while following[rim[-1]] != rim[0]:
        rim.append(following[rim[-1]])
    if len(rim) != len(following):
        raise ValueError(f"the skin's border must be one ring, got {len(following)} edges")
    return np.array(rim)


def _fade(topology: HeadTopology, rim: Indices, face: NDArray[np.bool_]) -> sparse.csr_matrix:
    """(V, R): the share of each rim vertex's change that a vertex takes; the rim takes its own.

    Ring by ring upwards, each vertex takes a faded mean of its neighbours in the ring below.
    """
    body = topology.quads[topology.groups == "body"]
    count = len(topology.kept)
    sides = np.stack([body, np.roll(body, -1, axis=1)], axis=-1).reshape(-1, 2)
    pairs = np.concatenate([sides, sides[:, ::-1]])
    near = sparse.coo_matrix((np.ones(len(pairs)), tuple(pairs.T)), shape=(count, count)).tocsr()
    share = sparse.lil_matrix((count, len(rim)))
    share[rim, np.arange(len(rim))] = 1.0
    share = share.tocsr()
    known = np.zeros(count, dtype=bool)
    known[rim] = True
    ring = known
    for _ in range(FADE_RINGS - 1):
        below = near @ sparse.diags(ring.astype(float))
        uses = np.asarray(below.sum(axis=1)).ravel()
        fresh = (uses > 0) & ~known
        mean_below = sparse.diags(np.where(fresh, 1 / uses.clip(1), 0.0)) @ below
        share = share + mean_below @ share
        known, ring = known | fresh, fresh
    rings, to_face = _ring_numbers(near, rim), _ring_numbers(near, np.flatnonzero(face))
    way = np.minimum(FADE_RINGS, rings + to_face).clip(1)
    return sparse.diags(0.5 + 0.5 * np.cos(np.pi * (rings / way).clip(0, 1))) @ share


def _ring_numbers(near: sparse.csr_matrix, start: Indices) -> Array:
    """(V,) edges between each vertex and the nearest of some; many for other parts."""
    distance = sparse.csgraph.dijkstra(near, indices=start, unweighted=True, min_only=True)
    return np.nan_to_num(np.asarray(distance), posinf=float(near.shape[0]))


def _finished(shapes: Array, rim: Indices, fade: sparse.csr_matrix) -> Array:
    """Mean or components (N, V, 3) whose rim is flat and smooth."""
    wanted = _slow_waves(shapes[:, rim])
    height = wanted[..., 1] - RIM_TILT * wanted[..., 2]
    wanted[..., 1] += height.mean(axis=1, keepdims=True) - height
    change = wanted - shapes[:, rim]
    return shapes + np.stack([fade @ one for one in change])


def _slow_waves(values: Array) -> Array:
    """Values around a ring, (N, R, 3), low-pass filtered to HARMONICS frequencies."""
    spectrum = np.fft.rfft(values, axis=1)
    spectrum[:, HARMONICS + 1 :] = 0.0
    return np.fft.irfft(spectrum, n=values.shape[1], axis=1)
