"""Draws of random numbers from an explicit generator, on the generator's own device."""

import torch
from torch import Tensor


def uniform(shape: tuple[int, ...], low: float, high: float, generator: torch.Generator) -> Tensor:
    """Float32 numbers in [low, high)."""
    draws = torch.rand(shape, generator=generator, device=generator.device)
    return draws * (high - low) + low


def normal(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Float32 numbers, mean 0 and standard deviation 1."""
    return torch.randn(shape, generator=generator, device=generator.device)


def chance(count: int, probability: float, generator: torch.Generator) -> Tensor:
    """(count,) bool, each True with the given probability."""
    return torch.rand(count, generator=generator, device=generator.device) < probability


def some(count: int, share: float, generator: torch.Generator) -> Tensor:
    """(round(share * count),) int64: different random rows of a batch.

    A fixed number, where `chance` would draw it: shapes stay known, so a GPU need not wait.
    """
    order = torch.randperm(count, generator=generator, device=generator.device)
    return order[: round(share * count)]
