"""Loads the boards' records: this project's own and the submitted ones."""

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from eval.errors import RecordError
from eval.leaderboard.files import StoredRecords, read_records
from eval.leaderboard.storage import FolderStore, HubStore, open_store, record_name
from eval.results.record import ProtocolResult

PUBLISHED, PENDING = "records", "pending"
"""Subfolders of the place where submissions are kept."""

REFRESH_S = 120.0
"""How long records read from the hub are cached."""

log = logging.getLogger(__name__)

Signature = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Records:
    """The current records.

    Attributes:
        results: one for each run.
        problems: messages for visitors about unreadable records, without server paths.
    """

    results: tuple[ProtocolResult, ...]
    problems: tuple[str, ...] = ()


class RecordSource:
    """Reads records again when they have changed. Thread-safe."""

    def __init__(self, own: Path, place: str) -> None:
        """Nothing is read yet.

        Args:
            own: folder with the project's records.
            place: place of the submitted records, a folder or `hf://datasets/USER/NAME`.

        Raises:
            RecordError: a place of another form.
        """
        self._own = own
        self._store = open_store(place, PUBLISHED)
        self._folder = None if isinstance(self._store, HubStore) else Path(place) / PUBLISHED
        self._lock = threading.Lock()
        self._own_kept: tuple[Signature, Records] | None = None
        self._store_kept: tuple[Signature, float, Records] | None = None

    def read(self) -> Records:
        """All records. Of two for the same run, a submitted one that was scored here wins."""
        with self._lock:
            own, submitted = self._read_own(), self._read_submitted()
        by_name = {record_name(result): result for result in own.results}
        for result in submitted.results:
            name = record_name(result)
            if name not in by_name or result.provenance == "scored":
                by_name[name] = result
        return Records(tuple(by_name.values()), (*own.problems, *submitted.problems))

    def expire(self) -> None:
        """Read the submitted records again at the next request."""
        with self._lock:
            self._store_kept = None

    def _read_own(self) -> Records:
        signature = _signature(self._own)
        if self._own_kept is None or self._own_kept[0] != signature:
            self._own_kept = signature, _with_problems(read_records(self._own))
        return self._own_kept[1]

    def _read_submitted(self) -> Records:
        signature = () if self._folder is None else _signature(self._folder)
        kept, now = self._store_kept, time.monotonic()
        if kept is not None and kept[0] == signature and self._is_fresh(kept[1], now):
            return kept[2]
        records = _records_of_store(self._store, before=None if kept is None else kept[2])
        self._store_kept = signature, now, records
        return records

    def _is_fresh(self, read_at: float, now: float) -> bool:
        return self._folder is not None or now - read_at < REFRESH_S


def _signature(folder: Path) -> Signature:
    """A value that changes when a record changes."""
    stats = ((path.name, path.stat()) for path in sorted(folder.glob("*.json")))
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _with_problems(stored: StoredRecords) -> Records:
    """Damaged records are left out and reported."""
    for reason in stored.unreadable.values():
        log.error("a record cannot be read: %s", reason)
    problems = (f"A record cannot be read: {name}." for name in stored.unreadable)
    return Records(stored.records, tuple(problems))


def _records_of_store(store: FolderStore | HubStore, before: Records | None) -> Records:
    """If the place does not answer, the records read before are kept."""
    try:
        return _with_problems(store.load())
    except RecordError as error:
        log.error("the submitted records cannot be read: %s", error)
        known = () if before is None else before.results
        return Records(known, ("The submitted results cannot be read right now.",))
