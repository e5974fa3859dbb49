"""Training of a `CoverNetwork`."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dasl.network.cover_network import CONTRAST, GREY, REGIONS, SIDE, STRIDE, CoverNetwork

Floats = NDArray[np.float32]
Batch = tuple[Floats, Floats]
"""(B, 3, 60, 60) of `upright_faces`, and (B, 2): 1 covered, 0 visible, NaN unknown."""

CHANNELS, KERNELS = (3, 12, 24, 32), (5, 3, 3)
UNITS, DROPPED = 32, 0.2
LEARNING_RATE, DECAY = 6e-3, 0.02


def fit_cover_network(batches: Iterable[Batch], steps: int, seed: int = 0) -> CoverNetwork:
    """Train by gradient descent; the same seed and batches give the same network.

    Args:
        batches: at least `steps`.
        steps: training steps, also the length of the learning-rate schedule.
        seed: of initialisation and dropout.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = _Layers()
        optimiser = torch.optim.AdamW(layers.parameters(), lr=LEARNING_RATE, weight_decay=DECAY)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, steps)
        for _, (faces, covered) in zip(range(steps), batches, strict=False):
            wanted = torch.from_numpy(covered)
            odds = layers((torch.from_numpy(faces) - GREY) / CONTRAST)
            each = nn.functional.binary_cross_entropy_with_logits(
                odds, wanted.nan_to_num(), reduction="none"
            )
            known = ~wanted.isnan()
            loss = (each * known).sum() / known.sum().clamp(min=1)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return layers.network()


class _Layers(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        convolutions, side = [], SIDE
        for before, after, size in zip(CHANNELS, CHANNELS[1:], KERNELS, strict=False):
            convolution = nn.Conv2d(before, after, size, STRIDE, size // 2, bias=False)
            convolutions.append(nn.Sequential(convolution, nn.BatchNorm2d(after)))
            side = -(-side // STRIDE)
        self.convolutions = nn.ModuleList(convolutions)
        self.dropped = nn.Dropout(DROPPED)
        self.hidden = nn.Linear(CHANNELS[-1] * side * side, UNITS)
        self.out = nn.Linear(UNITS, len(REGIONS))

    def forward(self, seen: Tensor) -> Tensor:
        """(B, 2) log odds of faces (B, 3, 60, 60), standardised."""
        for convolution in self.convolutions:
            seen = convolution(seen).relu()
        units = self.hidden(self.dropped(seen.flatten(1))).relu()
        odds: Tensor = self.out(units)
        return odds

    def network(self) -> CoverNetwork:
        """The layers in NumPy, batch normalisation folded into the convolutions."""
        tensors = {}
        layers: Iterable[Any] = self.convolutions
        for number, (convolution, norm) in enumerate(layers, start=1):
            gain = norm.weight / (norm.running_var + norm.eps).sqrt()
            tensors[f"kernel{number}"] = convolution.weight * gain[:, None, None, None]
            tensors[f"bias{number}"] = norm.bias - norm.running_mean * gain
        for name, linear in (("hidden", self.hidden), ("out", self.out)):
            tensors[name], tensors[f"{name}_bias"] = linear.weight.T, linear.bias
        return CoverNetwork(
            **{name: tensor.detach().numpy().copy() for name, tensor in tensors.items()}
        )
