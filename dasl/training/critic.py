"""The self-critic, which judges whether coefficients fit a photo.

A critic sees a crop and whitened coefficients. It tells annotated pairs from predicted ones and
from annotations of other faces. All its photos should be of one kind, so that only the match of
photo and coefficients is informative. `Critic(0)`, which sees the photo alone, checks this: its
accuracy must stay near 0.5.

Source: 2DASL (Tu et al., arXiv 1903.09359): image encoder of 6 convolutions with ReLU and
max-pooling, joined with the coefficients, then fully connected 512, 1024, 1024, 1; LeakyReLU of
0.2 and dropout of 0.4 are from an early training script of its authors. Our reading: the encoder's
widths, and whitened coefficients as input.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dasl.errors import check_shape
from dasl.geometry.crop import CROP_SIZE
from dasl.training.config import CriticConfig

ENCODER_WIDTHS = (16, 32, 64, 64, 128, 128)
"""Channels of the 6 convolutions; each halves the picture, 120 to 1 pixel."""

HIDDEN = (512, 1024, 1024)

LEAK = 0.2

Prepare = Callable[[nn.Module], Any]
"""`accelerate.Accelerator.prepare`: a module to the same, or to its wrapper for many processes."""


class Critic(nn.Module):
    """Scores pairs of a crop and coefficients; above 0 means annotated.

    Attributes:
        coefficient_count: N; 0 for a critic of photos alone.
    """

    def __init__(self, coefficient_count: int, dropout: float = 0.4) -> None:
        """Build it with random weights.

        Args:
            coefficient_count: length of the coefficient vector.
            dropout: share of each hidden layer dropped while training.
        """
        super().__init__()
        self.coefficient_count = coefficient_count
        layers: list[nn.Module] = []
        channels = 3
        for width in ENCODER_WIDTHS:
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
            channels = width
        self.encoder = nn.Sequential(*layers, nn.Flatten())
        layers, inputs = [], channels + coefficient_count
        for width in HIDDEN:
            layers += [nn.Linear(inputs, width), nn.LeakyReLU(LEAK), nn.Dropout(dropout)]
            inputs = width
        self.judge = nn.Sequential(*layers, nn.Linear(inputs, 1))

    def forward(self, images: Tensor, raw: Tensor) -> Tensor:
        """Score pairs.

        Args:
            images: (B, 3, 120, 120) float, 0..255.
            raw: (B, N) whitened coefficients; (B, 0) for a critic of photos alone.

        Returns:
            (B,) logits.

        Raises:
            ShapeError: either input has another shape.
        """
        check_shape("images", images, None, 3, CROP_SIZE, CROP_SIZE)
        check_shape("raw", raw, len(images), self.coefficient_count)
        feature = self.encoder((images - 127.5) / 128.0)
        score: Tensor = self.judge(torch.cat((feature, raw), dim=1))[:, 0]
        return score


def critic_loss(real_logit: Tensor, fake_logit: Tensor) -> Tensor:
    """The critic's loss: cross-entropy, with equal weight for annotated and other pairs.

    Source: the adversarial game of Goodfellow et al. 2014 (arXiv 1406.2661), which L_sc plays.

    Args:
        real_logit: (R,) of annotated pairs.
        fake_logit: (F,) of other pairs.

    Returns:
        () nats; 0.69 at chance level.
    """
    return (F.softplus(-real_logit).mean() + F.softplus(fake_logit).mean()) / 2


def self_critic_loss(predicted_logit: Tensor) -> Tensor:
    """The network's loss: its pairs should be scored as annotated (non-saturating form).

    Source: L_sc of 2DASL; the form is Goodfellow et al. 2014, section 3.

    Args:
        predicted_logit: (B,) critic's score of crops with predicted coefficients.

    Returns:
        (B,) nats.
    """
    return F.softplus(-predicted_logit)


def shuffled_rows(count: int, generator: torch.Generator) -> Tensor:
    """Partners for mismatched pairs: (count,) int64, none its own partner if count > 1.

    Args:
        count: number of pairs.
        generator: on the target device; a random order is rotated by one.
    """
    order = torch.randperm(count, generator=generator, device=generator.device)
    partner = torch.empty_like(order)
    partner[order] = order.roll(1)
    return partner


def accuracy(real_logit: Tensor, fake_logit: Tensor) -> Tensor:
    """Balanced accuracy of the critic: () in 0..1; 0.5 is chance level.

    A score of exactly 0 counts as half right, so a constant critic of 0 gets 0.5.
    """

    def right(signed: Tensor) -> Tensor:
        return ((signed.sign() + 1.0) / 2.0).mean()

    return (right(real_logit) + right(-fake_logit)) / 2


class Adversary:
    """A critic of pairs and a critic of photos alone, each with its optimiser.

    Attributes:
        parts: name to module, for checkpoints.
        optimisers: name to optimiser, the same names.
    """

    def __init__(
        self, coefficient_count: int, config: CriticConfig, device: torch.device, prepare: Prepare
    ) -> None:
        """Build both critics on a device."""
        self._fake_photos = config.fake_photos
        self.parts: dict[str, nn.Module] = {
            "critic": Critic(coefficient_count, config.dropout).to(device),
            "image_only_critic": Critic(0, dropout=0.0).to(device),
        }
        self.optimisers = {
            name: torch.optim.Adam(part.parameters(), config.learning_rate, betas=config.betas)
            for name, part in self.parts.items()
        }
        self._wrapped = {name: prepare(part) for name, part in self.parts.items()}

    def judge(self, images: Tensor, raw: Tensor) -> Tensor:
        """L_sc of predicted coefficients: (B,), with a gradient to `raw`."""
        critic = self.parts["critic"].eval()
        return self_critic_loss(critic(images, raw))

    def learn(
        self, images: Tensor, raw: Tensor, truth_raw: Tensor, annotated: Tensor, seed: int
    ) -> dict[str, Tensor]:
        """One step of both critics.

        Args:
            images: (B, 3, 120, 120) 0..255.
            raw: (B, N) predicted, whitened; no gradient flows into it.
            truth_raw: (B, N) annotated, whitened; only annotated rows count.
            annotated: (B,) bool; at least one must be True.
            seed: of the order in which annotations are assigned to other faces.

        Returns:
            critic_loss, and the accuracy of both critics on this batch before the step.
        """
        real = annotated.nonzero()[:, 0]
        fake = real if self._fake_photos == "annotated" else (~annotated).nonzero()[:, 0]
        generator = torch.Generator(images.device).manual_seed(seed)
        partner = shuffled_rows(len(real), generator)
        photos = torch.cat((images[real], images[fake], images[real]))
        numbers = torch.cat((truth_raw[real], raw.detach()[fake], truth_raw[real][partner]))
        loss, right = self._step("critic", photos, numbers, len(real))
        seen = photos[: len(real) + len(fake)]
        _, right_blind = self._step("image_only_critic", seen, numbers[: len(seen), :0], len(real))
        return {
            "critic_loss": loss,
            "critic_accuracy": right,
            "image_only_accuracy": right_blind,
        }

    def _step(
        self, name: str, images: Tensor, raw: Tensor, real_count: int
    ) -> tuple[Tensor, Tensor]:
        optimiser, critic = self.optimisers[name], self._wrapped[name]
        self.parts[name].train()
        optimiser.zero_grad(set_to_none=True)  # `judge` leaves gradients behind
        logit = critic(images, raw)
        real, fake = logit[:real_count], logit[real_count:]
        loss = critic_loss(real, fake)
        loss.backward()
        optimiser.step()
        return loss.detach(), accuracy(real.detach(), fake.detach())
