"""Expectation maximisation of the prior: it walks towards the population that it is shown."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from dasl.head.fitting import Observations
from dasl.head.morphable_model import MorphableModel
from tests.dasl.observed_heads import observe
from tests.dasl.tiny_model import K, random_coefficients, tiny_model
from tools.calibrate_prior import FACTOR_RANGE, update

COUNT = 400


def _population(model: MorphableModel, shift: Tensor, factor: Tensor) -> Observations:
    """Exact landmarks of faces whose identity has this mean and spread."""
    heads = random_coefficients(COUNT)
    return observe(model, replace(heads, identity=shift + factor * heads.identity))


def _calibrated(observations: Observations, rounds: int) -> tuple[Tensor, Tensor]:
    shift, factor = torch.zeros(K), torch.ones(K)
    for _ in range(rounds):
        shift, factor = update(tiny_model(), observations, shift, factor)
    return shift, factor


def test_the_mean_and_spread_of_the_population_are_found() -> None:
    shift, factor = torch.tensor([0.8, 0.0, -0.6]), torch.tensor([0.6, 1.0, 1.5])
    actual = _calibrated(_population(tiny_model(), shift, factor), rounds=6)
    torch.testing.assert_close(actual[0], shift, rtol=0, atol=0.15)
    torch.testing.assert_close(actual[1], factor, rtol=0.15, atol=0)


def test_a_mean_is_counted_in_spreads_of_the_sampled_population() -> None:
    shift = torch.tensor([0.8, 0.0, -0.6])
    observations = _population(tiny_model(), shift, torch.ones(K))
    actual, _ = update(tiny_model(), observations, torch.zeros(K), torch.full((K,), 2.0))
    torch.testing.assert_close(actual, shift, rtol=0, atol=0.2)


def test_a_population_like_the_sampled_one_changes_nothing_much() -> None:
    actual = _calibrated(_population(tiny_model(), torch.zeros(K), torch.ones(K)), rounds=2)
    torch.testing.assert_close(actual[0], torch.zeros(K), rtol=0, atol=0.15)
    torch.testing.assert_close(actual[1], torch.ones(K), rtol=0.15, atol=0)


def test_an_odd_component_keeps_its_mean() -> None:
    # Component 1 of the tiny head is odd: photos lean to neither side on the whole.
    leaning = _population(tiny_model(), torch.tensor([0.0, 0.9, 0.0]), torch.ones(K))
    shift, _ = _calibrated(leaning, rounds=1)
    assert shift[1] == 0


@pytest.mark.parametrize(
    ("true_factor", "bound"), [(0.05, FACTOR_RANGE[0]), (9.0, FACTOR_RANGE[1])]
)
def test_a_spread_stays_within_its_range(true_factor: float, bound: float) -> None:
    observations = _population(tiny_model(), torch.zeros(K), torch.full((K,), true_factor))
    _, factor = _calibrated(observations, rounds=4)
    assert factor[0] == pytest.approx(bound)


def test_a_component_that_no_landmark_shows_keeps_its_spread() -> None:
    observations = _population(tiny_model(), torch.zeros(K), torch.ones(K))
    nearly_nothing = Observations(observations.points_image, 1e-7 * observations.weight)
    shift, factor = update(tiny_model(), nearly_nothing, torch.zeros(K), torch.ones(K))
    torch.testing.assert_close(shift, torch.zeros(K), rtol=0, atol=0.02)
    torch.testing.assert_close(factor, torch.ones(K), rtol=0, atol=0.02)
