"""Training of an `ErrorHead` on faces with known errors."""

from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dasl.errors import check_shape
from dasl.network.error_head import BEND, FARTHEST_SD, LOG_NME, ErrorHead

Floats = NDArray[np.float32]

UNITS, STEPS, BATCH = 64, 1500, 128
LEARNING_RATE, DECAY = 4e-3, 1.0
NOISE_SD = 0.2
"""Standard deviation of the noise added to the signals in training."""
RIDGE = 0.3
"""Ridge regularisation of the linear part: variance of the noise over that of each signal."""
USUAL = (0.005, 0.995)
"""The linear part is clipped to these quantiles of its values on the usual faces."""
LEAST_STD = 1e-3


@dataclass(frozen=True, eq=False)
class JudgedFaces:
    """N faces with known errors.

    Attributes:
        signals: (N, F), see `dasl.network.error_signals`.
        nme: (N,) error, a fraction of the face's size.
        weight: (N,) of each face in the loss.
        usual: (N,) bool, whether the face is unmodified.
    """

    signals: Floats
    nme: Floats
    weight: Floats
    usual: NDArray[np.bool_]

    def __post_init__(self) -> None:
        """Check the shapes."""
        count = len(self.signals)
        check_shape("nme", self.nme, count)
        check_shape("weight", self.weight, count)
        check_shape("usual", self.usual, count)

    def rows(self, which: NDArray[np.generic]) -> "JudgedFaces":
        """A subset of the faces, by index or mask."""
        return JudgedFaces(*(getattr(self, field.name)[which] for field in fields(self)))


def fit_error_head(faces: JudgedFaces, seed: int = 0) -> ErrorHead:
    """Train an error head by gradient descent; the same seed gives the same head.

    Usual faces differ little in their error; a linear model (ridge regression of the logarithm)
    ranks them best. It is fitted first and then kept fixed. The hidden layer learns what to add
    for modified faces. The loss is the deviance of an exponential distribution, log e + nme / e:
    its minimum is at the mean error, and small errors count as much as large ones.

    Args:
        faces: N faces with errors above 0.
        seed: of initialisation, sampling and noise.
    """
    usual = faces.signals[faces.usual]
    mean, std = usual.mean(axis=0), usual.std(axis=0).clip(LEAST_STD)
    known = torch.from_numpy(((faces.signals - mean) / std).clip(-FARTHEST_SD, FARTHEST_SD))
    nme = torch.from_numpy(faces.nme.clip(*np.exp(LOG_NME)).astype(np.float32))
    weight, is_usual = torch.from_numpy(faces.weight), torch.from_numpy(faces.usual)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        slope, constant = ridge(known[is_usual], nme[is_usual].log(), weight[is_usual])
        bounds = torch.quantile(known[is_usual] @ slope + constant, torch.tensor(USUAL))
        layers = _Layers(slope, constant, bounds)
        optimiser = torch.optim.AdamW(layers.parameters(), lr=LEARNING_RATE, weight_decay=DECAY)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, STEPS)
        for _ in range(STEPS):
            rows = torch.randint(len(known), (BATCH,))
            noisy = known[rows] + NOISE_SD * torch.randn(BATCH, known.shape[1])
            loss = _loss(layers(noisy), nme[rows], weight[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return layers.head(mean, std)


def ridge(signals: Tensor, wanted: Tensor, weight: Tensor) -> tuple[Tensor, float]:
    """Weighted ridge regression: slope (F,) and constant.

    Args:
        signals: (N, F), standardised.
        wanted: (N,) targets.
        weight: (N,) of the faces.
    """
    share = weight / weight.sum()
    middle, mean = share @ signals, float(share @ wanted)
    centred = (signals - middle).double() * weight.double().sqrt()[:, None]
    moved = (wanted - mean).double() * weight.double().sqrt()
    count = signals.shape[1]
    products = centred @ centred.T / count + RIDGE * torch.eye(len(signals), dtype=torch.float64)
    slope = (centred.T @ torch.linalg.solve(products, moved) / count).float()
    return slope, mean - float(middle @ slope)


class _Layers(nn.Module):
    """The linear part, which is fixed, and the hidden layer, which is learned."""

    def __init__(self, slope: Tensor, constant: float, usual: Tensor) -> None:
        super().__init__()
        self.slope, self.usual, self.constant = slope, usual, torch.tensor([constant])
        self.hidden = nn.Linear(len(slope), UNITS)
        self.out = nn.Linear(UNITS, 1, bias=False)
        nn.init.normal_(self.out.weight, std=0.1)

    def forward(self, signals: Tensor) -> Tensor:
        """(B,) logarithm of the expected error."""
        line = (signals @ self.slope + self.constant).clamp(*self.usual)
        more = self.out(self.hidden(signals).relu())[:, 0]
        return line + nn.functional.softplus(more, beta=BEND)

    def head(self, mean: Floats, std: Floats) -> ErrorHead:
        def numpy(tensor: Tensor) -> Floats:
            return np.ascontiguousarray(tensor.detach().numpy(), dtype=np.float32)

        return ErrorHead(
            mean=mean.astype(np.float32),
            std=std.astype(np.float32),
            straight=numpy(self.slope),
            constant=numpy(self.constant),
            hidden=numpy(self.hidden.weight.T),
            hidden_bias=numpy(self.hidden.bias),
            out=numpy(self.out.weight[0]),
            usual=numpy(self.usual),
        )


def _loss(answers: Tensor, nme: Tensor, weight: Tensor) -> Tensor:
    log_nme = answers.clamp(*LOG_NME)
    deviance = log_nme + nme * (-log_nme).exp() + 0.1 * (answers - log_nme).square()
    return (deviance * weight).sum() / weight.sum()
