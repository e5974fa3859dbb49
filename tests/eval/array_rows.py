"""An array in memory in the place of one that is read in parts."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class ArrayRows:
    """An array in memory as a row source."""

    array: NDArray[np.floating]

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the array."""
        return self.array.shape

    def chunks(self, rows: int) -> Iterator[NDArray[np.floating]]:
        """Successive views of at most `rows` rows."""
        for start in range(0, len(self.array), rows):
            yield self.array[start : start + rows]
