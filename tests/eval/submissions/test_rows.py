"""Arrays that pass by in chunks."""

import numpy as np

from eval.submissions.rows import CHUNK_BYTES, chunk_rows
from tests.eval.array_rows import ArrayRows


def test_chunks_together_are_the_whole_array() -> None:
    array = np.arange(30.0).reshape(5, 2, 3)
    source = ArrayRows(array)
    assert source.shape == (5, 2, 3)
    for rows in (1, 2, 5, 9):
        parts = list(source.chunks(rows))
        assert max(len(part) for part in parts) == min(rows, 5)
        assert (np.concatenate(parts) == array).all()


def test_a_chunk_holds_as_many_rows_as_its_memory_and_at_least_one() -> None:
    assert chunk_rows((2000, 53215, 3)) == CHUNK_BYTES // (8 * 3 * 53215) == 13
    assert chunk_rows((9, 10**9, 3)) == 1
