"""Handling of unusable rows of a data set: stop, or skip a few and log it."""

import logging

from dasl.errors import ConfigError

SHOWN = 3
_log = logging.getLogger(__name__)


class BrokenRows:
    """Counts the broken rows of one source against the share of them that is allowed."""

    def __init__(self, source: str, allowed_share: float) -> None:
        """Start with a count of 0.

        Args:
            source: its name in messages.
            allowed_share: of all its rows; 0 stops at the first broken one.
        """
        self._source = source
        self._allowed = allowed_share
        self._reasons: list[str] = []

    def __len__(self) -> int:
        """Number of broken rows so far."""
        return len(self._reasons)

    def add(self, name: str, reason: str) -> None:
        """Count a broken row.

        Raises:
            ConfigError: no broken row is allowed.
        """
        self._reasons.append(f"{name}: {reason}")
        if self._allowed <= 0:
            raise ConfigError(
                f"{self._source}: {self._reasons[0]}; repair or remove it, or raise "
                "data.broken_share, the share of rows that may be left out"
            )

    def check(self, total: int) -> None:
        """Compare the count with the number of rows, and log it.

        Args:
            total: number of rows of the source, broken ones included.

        Raises:
            ConfigError: more rows are broken than allowed, or there is no usable row.
        """
        if not total:
            raise ConfigError(f"{self._source} holds no face")
        broken = len(self._reasons)
        if not broken:
            return
        said = "; ".join(self._reasons[:SHOWN]) + ("; ..." if broken > SHOWN else "")
        if broken == total or broken > self._allowed * total:
            raise ConfigError(
                f"{self._source}: {broken} of {total} rows are broken, data.broken_share allows "
                f"{self._allowed:g} of them: {said}"
            )
        _log.warning("%s: %d of %d rows left out: %s", self._source, broken, total, said)
