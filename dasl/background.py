"""A call in a thread of its own, for the second core. NumPy, SciPy and OpenCV compute there, too."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


def started(
    function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> "Future[Result]":
    """Start a call in a new thread, which ends with it; `.result()` waits, and raises its errors.

    The thread is not kept: processes that are forked later would miss it.
    """
    thread = ThreadPoolExecutor(1)
    future = thread.submit(function, *args, **kwargs)
    thread.shutdown(wait=False)
    return future
