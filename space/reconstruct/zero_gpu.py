"""A GPU for the moments that need one, on Spaces that lend it (ZeroGPU); elsewhere nothing."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

LONGEST_S = 30
"""A photo with many faces takes a second or two; the rest is for the GPU's start."""


def on_gpu(function: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """The function, run where a GPU is lent for it.

    The package `spaces` is there on Spaces only. It wants to see what it decorates before the page
    is launched, and there runs it in a process forked for the call, so that arguments and answer
    must be picklable while what the function refers to need not be.
    """
    try:
        import spaces
    except ImportError:
        return function
    return cast(Callable[Arguments, Answer], spaces.GPU(duration=LONGEST_S)(function))
