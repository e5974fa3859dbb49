"""How many threads torch works in."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Torch does the work of the `with` block in the caller's thread, then has its threads again.

    For many small steps, such as one face's: there torch's threads spend their time waiting for
    each other, and many times that where other programs or threads use the cores.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
