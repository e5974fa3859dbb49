"""People drawn from the statistics of scans: ICT-FaceKit's mean and modes on our head's vertices.

ICT-FaceKit (Li et al. 2020, "Learning Formation of Physically-Based Face Attributes") is made from
light-stage scans and has the MIT licence. The data folder's README describes the statistics file.
It covers the outer skin only; inner parts are extended here (`carry.py`). Convention: metres, model
axes, the scans' own size.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dasl.datasets.rendered.scan_shapes import read_scan_file
from tools.head_model.carry import Carrier
from tools.head_model.population import mirrored
from tools.head_model.procrustes import similarity

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Number of heads per chunk: a compromise of speed and memory.
BATCH = 500


@dataclass(frozen=True)
class ScanStatistics:
    """Mean and modes of scanned people, metres.

    Attributes:
        mean: (V, 3), left/right symmetric.
        modes: (M, V, 3), one standard deviation each.
        covered: (V,) vertices with valid values.
    """

    mean: Array
    modes: Array
    covered: Mask


def read_statistics(root: Path, mirror: NDArray[np.int64]) -> ScanStatistics:
    """Read the statistics file of a data folder.

    Args:
        root: the data folder.
        mirror: (V,) left/right partner of each vertex.

    Raises:
        ConfigError: the file is missing, damaged or of another head.
    """
    mean, modes, covered = read_scan_file(root, len(mirror))
    return ScanStatistics(
        mean=(mean + mirrored(mean, mirror)) / 2, modes=modes, covered=covered & covered[mirror]
    )


def whole_heads(
    statistics: ScanStatistics,
    base: Array,
    weight: Array,
    carrier_on: Callable[[Array], Carrier],
) -> ScanStatistics:
    """The statistics, extended to the parts that the scans do not cover.

    Args:
        statistics: as read.
        base: (V, 3) a whole head of any size and position; it gives the inner parts.
        weight: (V,) weight of each vertex in aligning that head with the mean.
        carrier_on: the extension of offsets on a head (V, 3).
    """
    start = similarity(base, statistics.mean, weight * statistics.covered).of_points(base)
    mean = start + carrier_on(start).carry(statistics.mean - start)
    carrier = carrier_on(mean)
    modes = np.stack([carrier.carry(mode) for mode in statistics.modes])
    return ScanStatistics(mean, modes, statistics.covered)


def sample_scan_people(statistics: ScanStatistics, count: int, seed: int) -> NDArray[np.float32]:
    """Random people, mean + sum of w * mode with w ~ N(0, 1): (count, V, 3) metres, not aligned."""
    random = np.random.default_rng(seed)
    people = np.empty((count, *statistics.mean.shape), dtype=np.float32)
    modes = statistics.modes.astype(np.float32)
    for start in range(0, count, BATCH):
        part = slice(start, min(start + BATCH, count))
        weights = random.normal(size=(part.stop - part.start, len(modes))).astype(np.float32)
        people[part] = statistics.mean + np.tensordot(weights, modes, axes=1)
    return people
