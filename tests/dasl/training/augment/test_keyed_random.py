"""Keyed random numbers: fair, and the same wherever they are drawn."""

import torch

from dasl.training.augment.keyed_random import Draws, epoch_draws, id_keys

KEYS = id_keys(tuple(f"face{i}" for i in range(4000)))


def draws(epoch: int = 0) -> Draws:
    return epoch_draws(KEYS, seed=1, epoch=epoch)


def test_uniform_numbers_are_uniform_and_do_not_depend_on_each_other() -> None:
    numbers = draws().uniform("a", (3,), 2.0, 4.0)
    assert numbers.shape == (4000, 3) and numbers.min() >= 2.0 and numbers.max() < 4.0
    counts = torch.histc(numbers, bins=10, min=2, max=4)
    assert ((counts - 1200).square() / 1200).sum() < 33.7  # chi-squared, 9 degrees, p = 1e-4
    columns = torch.cat((numbers, draws().uniform("b", (1,)), draws(1).uniform("a", (1,))), dim=1)
    correlation = torch.corrcoef(columns.T) - torch.eye(5)
    assert correlation.abs().max() < 0.07  # 4.4 standard errors


def test_normal_numbers_have_the_moments_of_a_gaussian() -> None:
    numbers = draws().normal("a", (5,))
    assert abs(numbers.mean()) < 0.03 and abs(numbers.std() - 1) < 0.02
    assert abs(numbers.pow(4).mean() - 3) < 0.25
    assert bool(torch.isfinite(numbers).all())


def test_a_face_gets_its_numbers_in_any_company() -> None:
    some = torch.tensor([3000, 5, 77])
    whole, part = draws().normal("a", (2, 3)), draws().rows(some).normal("a", (2, 3))
    assert torch.equal(whole[some], part)
    again = epoch_draws(KEYS[some], seed=1, epoch=0).normal("a", (2, 3))
    assert torch.equal(again, part)


def test_seed_epoch_and_round_each_change_the_numbers() -> None:
    first = epoch_draws(KEYS[:8], 1, 0).uniform("a")
    others = (
        epoch_draws(KEYS[:8], 2, 0),
        epoch_draws(KEYS[:8], 1, 1),
        epoch_draws(KEYS[:8], 1, 0, torch.ones(8, dtype=torch.int64)),
    )
    assert not any(bool((other.uniform("a") == first).any()) for other in others)


def test_chance_and_some_agree_on_the_share() -> None:
    chosen = draws().some("a", 0.25)
    assert 900 < len(chosen) < 1100
    assert torch.equal(draws().chance("a", 0.25).nonzero()[:, 0], chosen)
    assert len(draws().some("a", 0.0)) == 0 and len(draws().some("a", 1.0)) == 4000


def test_integers_reach_every_value() -> None:
    assert sorted(draws().integers("a", 7).unique().tolist()) == list(range(7))
