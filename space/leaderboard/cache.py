"""Answers about records, kept: drawing and resampling take seconds, and visitors ask the same."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from eval.leaderboard.storage import record_name
from eval.results.record import ProtocolResult

Answer = TypeVar("Answer")

KEPT = 64


class RecordCache(Generic[Answer]):
    """Computes an answer once; many threads may ask, and the same question waits for the first."""

    def __init__(self, compute: Callable[[Sequence[ProtocolResult], str], Answer]) -> None:
        """Nothing is computed yet.

        Args:
            compute: of some records in their order, and a label.
        """
        self._compute = compute
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, ...], Answer] = OrderedDict()

    def __call__(self, results: Sequence[ProtocolResult], label: str) -> Answer:
        """The answer; what `compute` raises is raised, and asked again the next time."""
        key = (label, *map(_key, results))
        with self._lock:
            if key not in self._known:
                self._known[key] = self._compute(results, label)
                if len(self._known) > KEPT:
                    self._known.popitem(last=False)
            self._known.move_to_end(key)
            return self._known[key]


def _key(result: ProtocolResult) -> str:
    """Tells runs apart, and a run from the same one scored again."""
    again = (result.truth_sha256, result.created, result.scored, result.headline.headline)
    return f"{record_name(result)} {again}"
