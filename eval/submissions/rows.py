"""Large arrays as rows that pass by, so that none is ever whole in memory."""

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

CHUNK_BYTES = 16 << 20


class RowSource(Protocol):
    """An array of which a few rows are held at a time; it can be gone through again."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the whole array, rows first."""
        ...

    def chunks(self, rows: int) -> Iterator[NDArray[np.floating]]:
        """Successive parts of at most `rows` rows, read-only, together the whole array."""
        ...


def chunk_rows(shape: tuple[int, ...]) -> int:
    """How many rows of an array of this shape, as float64, make a chunk of about 16 MiB."""
    row_bytes = 8 * int(np.prod(shape[1:], dtype=np.int64))
    return max(1, CHUNK_BYTES // max(1, row_bytes))
