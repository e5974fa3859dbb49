"""The faces of each step of an epoch; the same on every process, which then takes its share."""

import hashlib
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class EpochOrder:
    """The faces of one epoch.

    Attributes:
        rows: (steps, B) int64 into the face set.
        rounds: (steps, B) int64, how often the face was already seen in this epoch; a repeated face
            gets a new augmentation.
    """

    rows: Tensor
    rounds: Tensor

    def share(self, step: int, process: int, processes: int) -> tuple[Tensor, Tensor]:
        """Rows and rounds of one process's part of a step's batch."""
        own = slice(process, None, processes)
        return self.rows[step, own], self.rounds[step, own]


def epoch_order(
    annotated: Tensor,
    batch_size: int,
    steps: int,
    annotated_share: float | None,
    seed: int,
    epoch: int,
    people: Tensor | None = None,
) -> EpochOrder:
    """Shuffle the faces into batches.

    Args:
        annotated: (N,) bool, on the CPU: which faces have 3D annotation.
        batch_size: B.
        steps: number of batches; faces are repeated as needed, all equally often.
        annotated_share: share of annotated faces in each batch, drawn from two shuffled streams;
            the shorter one is repeated more often. None uses one stream of all faces.
        seed: of the run.
        epoch: from 0.
        people: (N,) int64, on the CPU: the person of each face; a person's faces stay together.
            None shuffles single faces.

    Returns:
        The batches; with two streams the annotated faces of each come first.
    """
    generator = torch.Generator().manual_seed(seed_of(f"order/{seed}/{epoch}"))
    everyone = torch.arange(len(annotated))
    first = 0 if annotated_share is None else round(annotated_share * batch_size)
    rest = everyone if annotated_share is None else everyone[~annotated]
    parts = [
        _stream(kind, steps * count, generator, people)
        for kind, count in ((everyone[annotated], first), (rest, batch_size - first))
    ]
    rows, rounds = (torch.cat([part[i].view(steps, -1) for part in parts], dim=1) for i in range(2))
    return EpochOrder(rows, rounds)


def _stream(
    rows: Tensor, count: int, generator: torch.Generator, people: Tensor | None
) -> tuple[Tensor, Tensor]:
    """(count,) rows, with frequencies that differ by at most one, and the round of each."""
    repeats = -(-count // len(rows)) if count else 0
    orders = [_shuffled(rows, generator, people) for _ in range(repeats)]
    order = torch.cat(orders)[:count] if orders else rows[:0]
    return order, torch.arange(count) // max(1, len(rows))


def _shuffled(rows: Tensor, generator: torch.Generator, people: Tensor | None) -> Tensor:
    """The rows in a random order; those of one person stay together."""
    order = rows[torch.randperm(len(rows), generator=generator)]
    if people is None:
        return order
    _, own = people[order].unique(return_inverse=True)
    rank = torch.randperm(int(own.max()) + 1, generator=generator)[own]
    return order[rank.argsort(stable=True)]


def seed_of(key: str) -> int:
    """A seed for torch from any text."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:7], "big")
