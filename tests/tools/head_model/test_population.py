"""Random heads: symmetric ones, odd offsets, and the interpolation of age."""

import numpy as np
import pytest

from tools.head_model import population
from tools.head_model.population import (
    Sampler,
    make_sampler,
    mirrored,
    sample_asymmetry,
    sample_symmetric,
)
from tools.head_model.source import BaseMesh
from tools.head_model.topology import HeadTopology


@pytest.fixture(scope="module")
def sampler(base_mesh: BaseMesh, topology: HeadTopology) -> Sampler:
    return make_sampler(base_mesh, topology.kept, topology.mirror)


def test_symmetric_heads_are_their_own_mirror_images_and_all_different(sampler: Sampler) -> None:
    heads = sample_symmetric(sampler, 4, seed=0)
    np.testing.assert_allclose(mirrored(heads, sampler.mirror), heads, atol=1e-6)
    apart = np.linalg.norm(heads[0] - heads[1:], axis=2).mean(axis=1)
    assert (apart > 0.01).all()


def test_a_seed_gives_the_same_heads_and_another_seed_others(sampler: Sampler) -> None:
    first, again, other = (sample_symmetric(sampler, 2, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.01


def test_odd_offsets_change_sign_in_the_mirror_and_stay_small(sampler: Sampler) -> None:
    offsets = sample_asymmetry(sampler, 20, seed=1)
    np.testing.assert_allclose(mirrored(offsets, sampler.mirror), -offsets, atol=1e-6)
    # Decimetres: a few millimetres at most.
    assert 0.001 < np.linalg.norm(offsets, axis=2).max() < 0.15


def test_sampled_heads_are_of_human_size(sampler: Sampler) -> None:
    heads = sample_symmetric(sampler, 10, seed=2)
    assert np.isfinite(heads).all()
    width = np.ptp(heads[..., 0], axis=1)
    assert ((width > 1.2) & (width < 3.0)).all()


@pytest.mark.parametrize("age", [0.19, 0.3, 0.5, 0.75, 1.0])
def test_age_weights_are_an_interpolation(age: float) -> None:
    weights = population._age_weights(age)
    assert sum(weights.values()) == pytest.approx(1)
    assert len(weights) <= 2
    knots = dict(zip(population.AGES, population.AGE_KNOTS, strict=True))
    assert sum(knots[name] * weight for name, weight in weights.items()) == pytest.approx(age)


def test_ages_run_from_child_to_old() -> None:
    random = np.random.default_rng(0)
    ages = np.array([population._draw_age(random) for _ in range(2000)])
    assert ages.min() >= 0.19
    assert ages.max() <= 1
    assert 0.1 < (ages < 0.45).mean() < 0.2
    assert (ages > 0.8).mean() > 0.05


def test_opposites_are_paired_by_name(base_mesh: BaseMesh) -> None:
    pairs = population._opposing_pairs("nose")
    assert ("nose/nose-hump-incr", "nose/nose-hump-decr") in pairs
    assert len({name for pair in pairs for name in pair}) == 2 * len(pairs)
