"""From a scored submission to the board: at once, or when the owner agrees."""

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
    """Keeps submitted records in their place: a folder, or a data set repository on the hub."""

    def __init__(self, place: str) -> None:
        """Nothing is read or made yet.

        Args:
            place: with the parts `records` and `pending`.

        Raises:
            RecordError: a place of another form.
        """
        self._published, self._pending = (open_store(place, part) for part in (PUBLISHED, PENDING))

    def submit(self, result: ProtocolResult, publish: Publish, person: str) -> Outcome:
        """Keep a record.

        Args:
            result: scored, with the submitter's facts.
            publish: whether the owner is asked first.
            person: who sent it, for the history; "" where nobody signs in.

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
        """The records that wait, by name.

        Raises:
            RecordError: the place does not give them.
        """
        return {record_name(result): result for result in self._pending.load().records}

    def unreadable(self) -> Mapping[str, str]:
        """What is wrong with waiting files that are no records, by name.

        Raises:
            RecordError: the place does not give them.
        """
        return self._pending.load().unreadable

    def approve(self, name: str) -> ProtocolResult:
        """Put a waiting record on the board.

        Raises:
            RecordError: none of that name waits, or the place does not take it.
        """
        result = self._waiting(name)
        self._published.add(result, "approved")  # first: a crash in between loses nothing
        self._pending.remove(name)
        return result

    def reject(self, name: str) -> ProtocolResult | None:
        """Take a waiting record away; returns None for one that cannot be read.

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
