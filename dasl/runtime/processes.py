"""Processes that share a command's work.

`accelerate launch` or `torchrun` start the processes; without them there is one. A process that was
forked from one that computed already has none of its threads: torch then works in the caller's.
"""

import os
import sys
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

Item = TypeVar("Item")

LONGEST_WAIT = timedelta(days=1)
"""For the slowest process; the default of half an hour is short for many photos."""

if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    # Without it the first larger step waits for ever for threads that stayed in the parent.
    os.register_at_fork(after_in_child=lambda: _one_torch_thread())


def one_blas_thread(environment: MutableMapping[str, str]) -> None:
    """Let NumPy use one thread for products, unless the environment says otherwise.

    Must be called before NumPy is imported. The products of inference are small: further threads
    mostly wait, and take processor time from others while they do.
    """
    environment.setdefault("OPENBLAS_NUM_THREADS", "1")


@dataclass(frozen=True)
class Processes:
    """All processes of a command, seen from one of them.

    Attributes:
        index: of this one, from 0; 0 writes the result.
        count: how many there are.
    """

    index: int
    count: int

    @property
    def is_main(self) -> bool:
        """Whether this one writes and reports."""
        return self.index == 0

    def share(self, items: Sequence[Item]) -> list[Item]:
        """This process's part: every `count`-th item."""
        return list(items[self.index :: self.count])

    def gather(self, part: list[Item]) -> list[Item] | None:
        """All processes' parts in the order before `share`; None on all but the main one.

        Once in a process's life: the group is made for it and taken down again, all together, since
        the threads of a group that is left standing can abort a process at its end.
        """
        if self.count == 1:
            return part
        import torch.distributed  # here, so that a process alone needs no torch

        torch.distributed.init_process_group("gloo", timeout=LONGEST_WAIT)
        parts: list[list[Item]] | None = [[] for _ in range(self.count)] if self.is_main else None
        torch.distributed.gather_object(part, parts)
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()
        if parts is None:
            return None
        total = sum(len(one) for one in parts)
        return [parts[place % self.count][place // self.count] for place in range(total)]


def current_processes() -> Processes:
    """Who this process is, by the variables RANK and WORLD_SIZE that launchers set."""
    return Processes(int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1")))


def _one_torch_thread() -> None:
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
