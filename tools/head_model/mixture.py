"""The population: people drawn from the statistics of scans, and MakeHuman's sampled heads.

Scans give people's mean and variation, but their modes come from few people, mostly young adults;
MakeHuman's heads add variation in age, weight and ancestry. They are moved to the scans' mean, so
that only their differences count. Their skulls vary more than real ones, so differences are scaled
down away from the face. Convention: metres, model axes, the scans' own size.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from dasl.geometry.smoothstep import smoothstep
from tools.head_model.population import (
    Sampler,
    mirrored,
    sample_asymmetry,
    sample_symmetric,
)
from tools.head_model.procrustes import align_to, similarity
from tools.head_model.scan_people import ScanStatistics, sample_scan_people

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SCAN_SHARE = 0.7
# Share of MakeHuman's differences that is kept away from the face, and the distance from it over
# which they fall to that share.
SKULL_SHARE = 0.4
SKULL_FADE_M = (0.0, 0.05)


@dataclass(frozen=True)
class Population:
    """Heads around one mean, metres.

    Attributes:
        symmetric: (N, V, 3) left/right symmetric heads.
        odd: (N, V, 3) offsets that mirroring negates, to be added to symmetric heads.
    """

    symmetric: NDArray[np.float32]
    odd: NDArray[np.float32]


def sample_population(
    scans: ScanStatistics,
    sampler: Sampler,
    regions: dict[str, Mask],
    align_weight: Array,
    count: int,
) -> Population:
    """Heads of both kinds, aligned and around the mean of scanned people.

    Args:
        scans: whole heads.
        sampler: MakeHuman's, of the same vertices, decimetres.
        regions: name -> (V,); `face` and `skin` are used.
        align_weight: (V,) weight of each vertex in alignment.
        count: heads in all.
    """
    from_scans = round(SCAN_SHARE * count)
    people = align_to(scans.mean, sample_scan_people(scans, from_scans, seed=2), align_weight)
    # Least-squares alignment shrinks heads; restore the scans' mean size.
    shrunk = people.mean(axis=0, dtype=np.float64)
    people *= np.float32(similarity(shrunk, scans.mean, align_weight).scale)
    people /= 2
    reflected = mirrored(people, sampler.mirror)
    symmetric, odd = people + reflected, np.subtract(people, reflected, out=people)
    mean = symmetric.mean(axis=0, dtype=np.float64)
    drawn, drawn_odd = _makehuman_offsets(sampler, mean, align_weight, count - from_scans)
    kept = makehuman_share(mean, regions)[:, None].astype(np.float32)
    drawn *= kept
    drawn += mean.astype(np.float32)
    drawn_odd *= kept
    return Population(np.concatenate([symmetric, drawn]), np.concatenate([odd, drawn_odd]))


def makehuman_share(mean: Array, regions: dict[str, Mask]) -> Array:
    """(V,) share of MakeHuman's differences that each vertex of `mean` (V, 3) takes."""
    distance, _ = cKDTree(mean[regions["face"]]).query(mean)
    outside = smoothstep(distance, *SKULL_FADE_M) * regions["skin"]
    return 1.0 - (1.0 - SKULL_SHARE) * outside


def _makehuman_offsets(
    sampler: Sampler, mean: Array, weight: Array, count: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Differences from their mean at the size of `mean`, metres: symmetric and odd, (N, V, 3)."""
    heads = sample_symmetric(sampler, count, seed=0)
    onto = similarity(heads.mean(axis=0, dtype=np.float64), mean, weight)
    heads = align_to(mean, heads, weight)
    odd = onto.of_offsets(sample_asymmetry(sampler, count, seed=1)).astype(np.float32)
    heads -= heads.mean(axis=0)
    return heads, odd
