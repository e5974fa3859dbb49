"""The critic: what goes in, what it minimises, and that it learns what it should."""

import pytest
import torch

from dasl.errors import ShapeError
from dasl.training.config import CriticConfig
from dasl.training.critic import (
    Adversary,
    Critic,
    accuracy,
    critic_loss,
    self_critic_loss,
    shuffled_rows,
)

pytestmark = pytest.mark.long


def test_a_critic_gives_one_score_a_pair_and_may_be_blind_to_numbers() -> None:
    images, raw = torch.rand(3, 3, 120, 120) * 255, torch.randn(3, 7)
    assert Critic(7)(images, raw).shape == (3,)
    assert Critic(0)(images, raw[:, :0]).shape == (3,)
    with pytest.raises(ShapeError, match=r"raw must be \(3, 7\), got \(3, 5\)"):
        Critic(7)(images, raw[:, :5])


def test_a_critic_has_six_convolutions_and_the_papers_layers() -> None:
    critic = Critic(62)
    assert sum(isinstance(m, torch.nn.Conv2d) for m in critic.modules()) == 6
    widths = [m.out_features for m in critic.modules() if isinstance(m, torch.nn.Linear)]
    assert widths == [512, 1024, 1024, 1]


def test_losses_by_hand() -> None:
    zero = torch.zeros(4)
    assert critic_loss(zero, zero).item() == pytest.approx(0.6931, abs=1e-4)
    assert critic_loss(zero + 9, zero - 9).item() < 1e-3
    assert self_critic_loss(torch.tensor([0.0])).item() == pytest.approx(0.6931, abs=1e-4)
    assert self_critic_loss(torch.tensor([-30.0])).item() == pytest.approx(30.0)


@pytest.mark.parametrize("count", [1, 3])
def test_both_kinds_of_pairs_weigh_the_same(count: int) -> None:
    real, fake = torch.full((count,), 0.3), torch.full((7,), -1.1)
    torch.testing.assert_close(critic_loss(real, fake), critic_loss(real[:1], fake[:1]))


def test_gradients_are_exact() -> None:
    real, fake = (torch.linspace(-2, 2, n, dtype=torch.float64).requires_grad_() for n in (4, 5))
    assert torch.autograd.gradcheck(critic_loss, (real, fake))
    assert torch.autograd.gradcheck(self_critic_loss, (fake,))


def test_the_critics_gradient_reaches_the_coefficients() -> None:
    torch.manual_seed(0)
    critic = Critic(4).double().eval()
    images = torch.rand(2, 3, 120, 120, dtype=torch.float64) * 255
    raw = torch.randn(2, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda r: self_critic_loss(critic(images, r)), (raw,))


@pytest.mark.parametrize("count", [1, 2, 17])
def test_shuffled_rows_move_every_pair(count: int) -> None:
    partner = shuffled_rows(count, torch.Generator().manual_seed(0))
    assert sorted(partner.tolist()) == list(range(count))
    assert count == 1 or bool((partner != torch.arange(count)).all())


def test_accuracy_of_no_opinion_is_half() -> None:
    assert accuracy(torch.zeros(3), torch.zeros(5)).item() == 0.5
    assert accuracy(torch.tensor([1.0, -1.0]), torch.tensor([-2.0])).item() == 0.75


# Critics in training find out a network that ignores the picture, and a biased choice of photos.

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
