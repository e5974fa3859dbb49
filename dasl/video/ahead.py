"""Work done ahead of its consumer, in a thread of its own."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar, cast

Item = TypeVar("Item")

WAITING = 4
"""Items ready at most: frames are megabytes."""
_END = object()


def ahead(items: Iterable[Item], waiting: int = WAITING) -> Iterator[Item]:
    """The same items in the same order, made in a thread while the caller works on earlier ones.

    Decoding, drawing and encoding do most of their work outside of Python's lock, so that they run
    at once. An error of `items` is raised where the item would have come. Context variables are
    those of the caller.

    Args:
        items: taken from in one thread only.
        waiting: items made before they are asked for, at most.

    Example:
        >>> list(ahead(range(3)))
        [0, 1, 2]
    """
    source, context = iter(items), copy_context()

    def made_next() -> object:
        return context.run(next, source, _END)

    worker = ThreadPoolExecutor(1)
    try:
        made: deque[Future[object]] = deque()
        for _ in range(waiting):
            made.append(worker.submit(made_next))
        while (item := made.popleft().result()) is not _END:
            made.append(worker.submit(made_next))
            yield cast(Item, item)
    finally:
        worker.shutdown(cancel_futures=True)
