"""Critics in training: they find out a network that ignores the picture, and a biased choice."""

import pytest
import torch

from dasl.training.adversary import Adversary
from dasl.training.config import CriticConfig

COUNT = 1


def adversary(**settings: object) -> Adversary:
    torch.manual_seed(0)
    fast = CriticConfig(learning_rate=1e-3, dropout=0.0, **settings)  # type: ignore[arg-type]
    return Adversary(COUNT, fast, torch.device("cpu"), prepare=lambda module: module)


def pictures_of(numbers: torch.Tensor) -> torch.Tensor:
    """Flat grey whose brightness is the first number."""
    grey = 127.5 + 60 * numbers[:, 0].clamp(-2, 2)
    return grey[:, None, None, None].expand(-1, 3, 120, 120).contiguous()


def dark_or_bright(count: int, generator: torch.Generator) -> torch.Tensor:
    return 1.5 * torch.randn(count, COUNT, generator=generator).sign()


def learn(
    critics: Adversary, steps: int, faces: int, brighter_others: float = 0.0
) -> dict[str, float]:
    """Accuracies over the last eight steps."""
    generator = torch.Generator().manual_seed(1)
    annotated = torch.arange(faces) < faces // 2
    lines = []
    for step in range(steps):
        truth = dark_or_bright(faces, generator)
        images = pictures_of(truth) + brighter_others * (~annotated)[:, None, None, None]
        predicted = dark_or_bright(faces, generator)  # by a network that sees nothing
        lines.append(critics.learn(images, predicted, truth, annotated, seed=step))
    late = lines[-8:]
    return {name: sum(line[name].item() for line in late) / 8 for name in lines[0]}


def test_a_critic_learns_that_numbers_and_pictures_must_match() -> None:
    """Half of the wrong numbers match by chance: three of four right is all there is to learn."""
    learned = learn(adversary(), steps=20, faces=16)
    assert learned["critic_accuracy"] > 0.65
    assert learned["image_only_accuracy"] == pytest.approx(0.5)


def test_the_blind_critic_tells_when_photos_are_of_another_kind() -> None:
    same = learn(adversary(fake_photos="unannotated"), steps=20, faces=8)
    other = learn(adversary(fake_photos="unannotated"), steps=20, faces=8, brighter_others=400.0)
    assert same["image_only_accuracy"] < 0.75
    assert other["image_only_accuracy"] > 0.9


def test_judging_leaves_the_critic_as_it_was() -> None:
    critics = adversary()
    before = {k: v.clone() for k, v in critics.parts["critic"].state_dict().items()}
    raw = torch.randn(4, COUNT, requires_grad=True)
    critics.judge(pictures_of(raw.detach()), raw).sum().backward()
    assert raw.grad is not None and bool(raw.grad.abs().sum() > 0)
    assert all(torch.equal(v, before[k]) for k, v in critics.parts["critic"].state_dict().items())
