"""Large arrays streamed in rows, never entirely in memory."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

CHUNK_BYTES = 16 << 20


class RowSource(Protocol):
    """An array that is read a few rows at a time; it can be read repeatedly."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the whole array, rows first."""
        ...

    def chunks(self, rows: int) -> Iterator[NDArray[np.floating]]:
        """Successive read-only parts of at most `rows` rows; together they are the whole array."""
        ...


def chunk_rows(shape: tuple[int, ...]) -> int:
    """Number of float64 rows of an array of this shape in a chunk of about 16 MiB."""
    row_bytes = 8 * int(np.prod(shape[1:], dtype=np.int64))
    return max(1, CHUNK_BYTES // max(1, row_bytes))
