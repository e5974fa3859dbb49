"""What the caller should know although the work goes on: a photo that is cut, a film without sound.

A library's user gets Python warnings; a program says where they go instead.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class DaslWarning(UserWarning):
    """Work that was done, but not on all of what was given."""


def _as_python_warning(text: str) -> None:
    warnings.warn(text, DaslWarning, stacklevel=4)


_TELL: ContextVar[Callable[[str], None]] = ContextVar("tell", default=_as_python_warning)


def notice(text: str) -> None:
    """Tells the caller one sentence.

    Args:
        text: names the file, what is wrong with it, and what was done.
    """
    _TELL.get()(text)


@contextmanager
def notices_to(tell: Callable[[str], None]) -> Iterator[None]:
    """Inside the block, and in threads that copy its context, sentences go to `tell`.

    Example:
        >>> heard = []
        >>> with notices_to(heard.append):
        ...     notice("'a.jpg' is cut")
        >>> heard
        ["'a.jpg' is cut"]
    """
    token = _TELL.set(tell)
    try:
        yield
    finally:
        _TELL.reset(token)
