"""The critic in training: what it judges, how it learns, and what a blind one would know."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from dasl.training.config import CriticConfig
from dasl.training.critic import Critic, accuracy, critic_loss, self_critic_loss, shuffled_rows

Prepare = Callable[[nn.Module], Any]
"""`accelerate.Accelerator.prepare`: a module to the same, or to its wrapper for many processes."""


class Adversary:
    """A critic of pairs, and one of pictures alone beside it, each with its optimiser.

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
            annotated: (B,) bool; some must be.
            seed: of the order in which annotations are given to other faces.

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
