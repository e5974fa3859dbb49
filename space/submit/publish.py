"""Publishes scored submissions on the board: immediately, or after the owner's approval."""

import logging
from collections.abc import Mapping
from typing import Literal

from eval.errors import RecordError
from eval.leaderboard.storage import open_store, record_name
from eval.results.record import ProtocolResult
from space.records import PENDING, PUBLISHED
from space.settings import Publish

Outcome = Literal["published", "waiting"]

log = logging.getLogger(__name__)


class Publisher:
    """Stores submitted records in a folder or in a dataset repository on the hub."""

    def __init__(self, place: str) -> None:
        """Stores the place; reads and creates nothing yet.

        Args:
            place: has the subfolders `records` and `pending`.

        Raises:
            RecordError: a place of another form.
        """
        self._published, self._pending = (open_store(place, part) for part in (PUBLISHED, PENDING))

    def submit(self, result: ProtocolResult, publish: Publish, person: str) -> Outcome:
        """Store a record.

        Args:
            result: the scored result, with the submitter's facts.
            publish: whether the owner must approve it first.
            person: the submitter, for the history; "" without sign-in.

        Raises:
            RecordError: the place does not take it.
        """
        note = f"submitted by {person}" if person else ""
        if publish == "at-once":
            self._published.add(result, note)
            return "published"
        name = self._pending.add(result, note)
        log.warning("a submission waits for approval: python -m space approve %s", name)
        return "waiting"

    def pending(self) -> dict[str, ProtocolResult]:
        """The pending records, by name.

        Raises:
            RecordError: the place does not give them.
        """
        return {record_name(result): result for result in self._pending.load().records}

    def unreadable(self) -> Mapping[str, str]:
        """The problems of pending files that are not records, by name.

        Raises:
            RecordError: the place does not give them.
        """
        return self._pending.load().unreadable

    def approve(self, name: str) -> ProtocolResult:
        """Publish a pending record on the board.

        Raises:
            RecordError: none of that name waits, or the place does not take it.
        """
        result = self._waiting(name)
        self._published.add(result, "approved")  # first, so that a crash in between loses nothing
        self._pending.remove(name)
        return result

    def reject(self, name: str) -> ProtocolResult | None:
        """Remove a pending record and return it, or None if it cannot be read.

        Raises:
            RecordError: none of that name waits, or the place does not take it.
        """
        result = None if name in self.unreadable() else self._waiting(name)
        self._pending.remove(name)
        return result

    def _waiting(self, name: str) -> ProtocolResult:
        waiting = self.pending()
        if name not in waiting:
            known = ", ".join(waiting) or "none"
            raise RecordError(f"no submission {name} waits; those that do: {known}")
        return waiting[name]
