"""The population: scans and MakeHuman's heads around one mean, in the scans' size."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tools.head_model.mixture import (
    SCAN_SHARE,
    SKULL_SHARE,
    Population,
    makehuman_share,
    sample_population,
)
from tools.head_model.population import make_sampler, mirrored
from tools.head_model.scan_people import ScanStatistics
from tools.head_model.source import BaseMesh
from tools.head_model.topology import HeadTopology

COUNT = 40
SIZE = 0.11


def test_the_skull_takes_less_of_makehuman_than_the_face_and_the_inside() -> None:
    mean = np.array([[0.0, 0, 0], [0, 0.025, 0], [0, 0.2, 0], [0, -0.2, 0]])
    regions = {
        "face": np.array([True, False, False, False]),
        "skin": np.array([True, True, True, False]),
    }
    share = makehuman_share(mean, regions)
    assert share[0] == share[3] == 1
    assert share[2] == pytest.approx(SKULL_SHARE)
    assert SKULL_SHARE < share[1] < 1


@pytest.fixture(scope="module")
def regions(topology: HeadTopology, untrimmed_adult: NDArray[np.float64]) -> dict:
    front = untrimmed_adult[:, 2] > 1.0
    return {"face": front, "skin": np.ones(len(front), dtype=bool)}


@pytest.fixture(scope="module")
def scans(topology: HeadTopology, untrimmed_adult: NDArray[np.float64]) -> ScanStatistics:
    """The mean adult, 1.1 times as large, in metres; its one mode is its height."""
    mean = SIZE * (untrimmed_adult + mirrored(untrimmed_adult, topology.mirror)) / 2
    height = 0.05 * (mean - mean.mean(axis=0)) * [0, 1, 0]
    return ScanStatistics(mean, height[None], np.ones(len(mean), dtype=bool))


@pytest.fixture(scope="module")
def population(
    base_mesh: BaseMesh, topology: HeadTopology, scans: ScanStatistics, regions: dict
) -> Population:
    sampler = make_sampler(base_mesh, topology.kept, topology.mirror)
    return sample_population(scans, sampler, regions, regions["face"].astype(float), COUNT)


def test_both_kinds_have_one_mean_and_are_symmetric(
    population: Population, topology: HeadTopology
) -> None:
    heads = population.symmetric
    assert len(heads) == len(population.odd) == COUNT
    from_scans = round(SCAN_SHARE * COUNT)
    np.testing.assert_allclose(
        heads[:from_scans].mean(axis=0), heads[from_scans:].mean(axis=0), atol=1e-5
    )
    np.testing.assert_allclose(mirrored(heads, topology.mirror), heads, atol=1e-6)
    np.testing.assert_allclose(
        mirrored(population.odd, topology.mirror), -population.odd, atol=1e-6
    )


def test_the_mean_has_the_size_of_the_scans(
    population: Population, scans: ScanStatistics, regions: dict
) -> None:
    face = regions["face"]
    size = population.symmetric.mean(axis=0)[face].std(axis=0)
    np.testing.assert_allclose(size, scans.mean[face].std(axis=0), rtol=0.02)


def test_makehumans_heads_come_in_metres(population: Population) -> None:
    apart = np.ptp(population.symmetric[round(SCAN_SHARE * COUNT) :], axis=0)
    spread = np.linalg.norm(apart, axis=1)
    assert 0.003 < spread.mean() < 0.05
