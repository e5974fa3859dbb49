"""A cache of results computed from records: drawing and resampling take seconds."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from eval.leaderboard.storage import record_name
from eval.results.record import ProtocolResult

Answer = TypeVar("Answer")

KEPT = 64


class RecordCache(Generic[Answer]):
    """Computes each result once. Thread-safe: equal requests wait for the first one."""

    def __init__(self, compute: Callable[[Sequence[ProtocolResult], str], Answer]) -> None:
        """Starts empty.

        Args:
            compute: function of an ordered sequence of records and a label.
        """
        self._compute = compute
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, ...], Answer] = OrderedDict()

    def __call__(self, results: Sequence[ProtocolResult], label: str) -> Answer:
        """The result. Exceptions of `compute` are passed on and not cached."""
        key = (label, *map(_key, results))
        with self._lock:
            if key not in self._known:
                self._known[key] = self._compute(results, label)
                if len(self._known) > KEPT:
                    self._known.popitem(last=False)
            self._known.move_to_end(key)
            return self._known[key]


def _key(result: ProtocolResult) -> str:
    """A key for a record; differs for different runs and after a run is scored again."""
    again = (result.truth_sha256, result.created, result.scored, result.headline.headline)
    return f"{record_name(result)} {again}"
