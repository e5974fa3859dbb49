"""Limits how often one person may submit, without storing identities."""

import hashlib
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable

DAY_S = 24 * 60 * 60
MOST_PEOPLE = 10_000


class DailyLimit:
    """Counts each person's submissions in the last 24 hours. Thread-safe."""

    def __init__(self, per_day: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Starts with no counts.

        Args:
            per_day: limit per person.
            clock: returns the time in seconds.
        """
        self._per_day, self._clock = per_day, clock
        self._salt = secrets.token_bytes(16)
        self._done: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def take(self, person: str) -> float:
        """Count one more submission, if allowed.

        Args:
            person: a user name or an address; only a salted hash of it is kept, in memory.

        Returns:
            0 if it was allowed, otherwise the seconds until it will be.
        """
        key = hashlib.blake2b(person.encode(), key=self._salt, digest_size=16).hexdigest()
        with self._lock:
            now = self._clock()
            self._forget(now)
            times = self._done.setdefault(key, deque())
            if len(times) >= self._per_day:
                return times[0] + DAY_S - now
            times.append(now)
            return 0.0

    def _forget(self, now: float) -> None:
        """Drop entries older than a day; with too many people, those with the oldest entry."""
        for key, times in list(self._done.items()):
            while times and times[0] <= now - DAY_S:
                times.popleft()
            if not times:
                del self._done[key]
        while len(self._done) > MOST_PEOPLE:
            del self._done[next(iter(self._done))]


def wait_words(seconds: float) -> str:
    """The waiting time as text, such as "3 hours"."""
    hours = max(1, round(seconds / 3600))
    return f"{hours} hour{'s' if hours > 1 else ''}"
