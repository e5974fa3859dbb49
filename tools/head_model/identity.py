"""Principal components of a population of heads, separately for symmetric and asymmetric parts."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse.linalg
from numpy.typing import NDArray

Array = NDArray[np.float64]

BATCH = 500  # heads, in double precision at one time


@dataclass(frozen=True)
class IdentityBasis:
    """Mean and components in standard deviations of the sampled population.

    Attributes:
        mean: (V, 3).
        components: (K, V, 3), each scaled to one standard deviation.
        mirror_sign: (K,) +1 for left/right symmetric components, -1 for odd ones.
    """

    mean: Array
    components: Array
    mirror_sign: Array


def principal_components(
    symmetric: NDArray[np.float32],
    odd: NDArray[np.float32],
    weight: Array,
    symmetric_count: int,
    odd_count: int,
) -> IdentityBasis:
    """Separate PCAs of the symmetric heads and of the odd offsets.

    Mirroring a head then only changes signs of its coefficients.
    """
    mean = symmetric.mean(axis=0, dtype=np.float64)
    even = _components(symmetric - mean.astype(np.float32), weight, symmetric_count)
    uneven = _components(odd, weight, odd_count)
    return IdentityBasis(
        mean=mean,
        components=np.concatenate([even, uneven]),
        mirror_sign=np.concatenate([np.ones(symmetric_count), -np.ones(odd_count)]),
    )


def _components(samples: NDArray[np.float32], weight: Array, count: int) -> Array:
    """Leading components of centred samples (N, V, 3) under vertex weights."""
    root = np.sqrt(weight / weight.mean())[None, :, None].astype(np.float32)
    flat = (samples * root).reshape(len(samples), -1)
    gram = (flat @ flat.T).astype(np.float64)
    # Lanczos gives what a full decomposition does in a tenth of its time; its start is fixed.
    start = np.random.default_rng(0).normal(size=len(gram))
    _, vectors = scipy.sparse.linalg.eigsh(gram, k=count, v0=start)
    vectors = vectors[:, ::-1]
    components = np.zeros((count, *samples.shape[1:]))
    for at in range(0, len(samples), BATCH):
        part = slice(at, at + BATCH)
        components += np.tensordot(vectors[part].T, samples[part].astype(np.float64), axes=1)
    # Unit-norm vectors pick out sqrt(N) standard deviations.
    components /= np.sqrt(len(samples))
    flat_components = components.reshape(count, -1)
    largest = np.abs(flat_components).argmax(axis=1)
    signs = np.sign(flat_components[np.arange(count), largest])
    return components * signs[:, None, None]
