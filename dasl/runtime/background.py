"""Calls in other threads: NumPy, SciPy and OpenCV then use a second core."""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from typing import ParamSpec, TypeVar

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


def started(
    function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> "Future[Result]":
    """Start a call in another thread; `.result()` waits for it, and raises its errors.

    All callers share two threads, so that a short call need not wait for a long one; more would
    keep more memory. The call must not start others.
    """
    return _threads().submit(function, *args, **kwargs)


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, "background")


if hasattr(os, "register_at_fork"):  # not on Windows, which cannot fork
    os.register_at_fork(after_in_child=_threads.cache_clear)  # a fork has no threads
