"""Training of an `ErrorHead` on faces with known errors."""

from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dasl.errors import check_shape
from dasl.network.error_head import BEND, FARTHEST_SD, LOG_NME, REGIONS, ErrorHead

Floats = NDArray[np.float32]

UNITS, STEPS, BATCH = 32, 1500, 128
LEARNING_RATE, DECAY = 4e-3, 0.05
NOISE_SD = 0.2
"""Standard deviation of the noise added to the signals in training."""
RIDGE = 0.3
"""Ridge regularisation of the linear part: variance of the noise over that of each signal."""
USUAL = (0.005, 0.995)
"""The linear part is clipped to these quantiles of its values on the usual faces."""
COVERED_WEIGHT = 0.5
"""Loss weight of covered regions, relative to 1 for the error."""
LEAST_STD = 1e-3


@dataclass(frozen=True, eq=False)
class JudgedFaces:
    """N faces with known errors.

    Attributes:
        signals: (N, F), see `dasl.network.error_signals`.
        nme: (N,) error, a fraction of the face's size.
        covered: (N, 2) for each of `REGIONS`: 1 covered, 0 visible, NaN unknown.
        weight: (N,) of each face in the loss.
        usual: (N,) bool, whether the face is unmodified.
    """

    signals: Floats
    nme: Floats
    covered: Floats
    weight: Floats
    usual: NDArray[np.bool_]

    def __post_init__(self) -> None:
        """Check the shapes."""
        count = len(self.signals)
        check_shape("nme", self.nme, count)
        check_shape("covered", self.covered, count, len(REGIONS))
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
    covered, weight = torch.from_numpy(faces.covered), torch.from_numpy(faces.weight)
    is_usual = torch.from_numpy(faces.usual)
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
            loss = _loss(layers(noisy), nme[rows], covered[rows], weight[rows])
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
    def __init__(self, slope: Tensor, constant: float, usual: Tensor) -> None:
        super().__init__()
        outputs = 1 + len(REGIONS)
        self.slope, self.usual, self.constant = slope, usual, torch.tensor([constant])
        self.straight = nn.Linear(len(slope), outputs)
        self.hidden = nn.Linear(len(slope), UNITS)
        self.out = nn.Linear(UNITS, outputs, bias=False)
        nn.init.zeros_(self.straight.weight)
        nn.init.normal_(self.out.weight, std=0.1)
        with torch.no_grad():
            self.straight.bias.fill_(-2.0)

    def weights(self) -> Tensor:
        """(3, F) weights of the linear part; the first row is fixed, not learned."""
        return torch.cat([self.slope[None], self.straight.weight[1:]])

    def biases(self) -> Tensor:
        """(3,) biases of the linear part; the first is fixed, not learned."""
        return torch.cat([self.constant, self.straight.bias[1:]])

    def forward(self, signals: Tensor) -> Tensor:
        """(B, 3) logarithm of the expected error, then log odds of covered regions."""
        line = nn.functional.linear(signals, self.weights(), self.biases())
        more = self.out(self.hidden(signals).relu())
        added = nn.functional.softplus(more[:, :1], beta=BEND)
        log_nme = line[:, :1].clamp(*self.usual) + added
        return torch.cat([log_nme, line[:, 1:] + more[:, 1:]], dim=1)

    def head(self, mean: Floats, std: Floats) -> ErrorHead:
        def numpy(tensor: Tensor) -> Floats:
            return np.ascontiguousarray(tensor.detach().numpy(), dtype=np.float32)

        return ErrorHead(
            mean=mean.astype(np.float32),
            std=std.astype(np.float32),
            straight=numpy(self.weights().T),
            hidden=numpy(self.hidden.weight.T),
            hidden_bias=numpy(self.hidden.bias),
            out=numpy(self.out.weight.T),
            out_bias=numpy(self.biases()),
            usual=numpy(self.usual),
        )


def _loss(answers: Tensor, nme: Tensor, covered: Tensor, weight: Tensor) -> Tensor:
    log_nme = answers[:, 0].clamp(*LOG_NME)
    deviance = log_nme + nme * (-log_nme).exp() + 0.1 * (answers[:, 0] - log_nme).square()
    is_known = ~covered.isnan()
    odds = nn.functional.binary_cross_entropy_with_logits(
        answers[:, 1:], covered.nan_to_num(), reduction="none"
    )
    each = deviance + COVERED_WEIGHT * (odds * is_known).sum(dim=1)
    return (each * weight).sum() / weight.sum()
