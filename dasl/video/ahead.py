"""Prefetches items in a separate thread."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar, cast

Item = TypeVar("Item")

WAITING = 4
"""Largest number of prefetched items; frames take megabytes."""
_END = object()


def ahead(items: Iterable[Item], waiting: int = WAITING) -> Iterator[Item]:
    """The same items in the same order, produced in a thread while the caller uses earlier ones.

    Decoding, drawing and encoding release Python's lock for most of their work, so they run in
    parallel. An error of `items` is raised in place of the item. Context variables are those of the
    caller.

    Args:
        items: iterated in one thread only.
        waiting: largest number of prefetched items.

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
