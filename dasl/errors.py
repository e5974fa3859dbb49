"""Exceptions of the library, the one check of shapes that raises them, and warnings.

Every message names what was got, what is wanted and, where one exists, the next step. All errors
derive from `DaslError`; those about a bad argument are `ValueError`s as well. A warning says that
the work went on without something: a photo that is cut, a film without sound. A library's user gets
Python warnings; a program says where they go instead.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class DaslError(Exception):
    """Base of every error that this library raises on purpose."""


class ShapeError(DaslError, ValueError):
    """An array does not have the shape that a function documents."""


class PhotoError(DaslError, ValueError):
    """A photo is missing, unreadable, too small or too large."""


class BoxError(DaslError, ValueError):
    """A box is inverted, empty, not finite or lies outside the photo."""


class NoFaceFound(DaslError, ValueError):
    """The detector found no face in a photo."""


class WeightsError(DaslError, ValueError):
    """A file of weights is missing, damaged or made for another model."""


class ConfigError(DaslError, ValueError):
    """A setting has an impossible value or contradicts another one."""


class ExportError(DaslError, ValueError):
    """A file cannot be written: unknown suffix, missing folder, no permission, no space."""


class HasShape(Protocol):
    """Anything with a shape: a numpy array or a torch tensor."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        ...


def check_shape(name: str, array: HasShape, *expected: int | str | None, hint: str = "") -> None:
    """Raise unless `array` has the expected shape.

    Args:
        name: what the caller calls the array; it opens the message.
        array: numpy array or torch tensor.
        *expected: one entry an axis. An integer must match exactly; a string names an axis of free
            length, and the same string twice demands the same length twice; None is any length.
        hint: next step for the caller, for example "add a batch axis".

    Raises:
        ShapeError: "vertices must be (B, 68, 3), got (68, 3); add a batch axis".
    """
    if _matches(array.shape, expected):
        return
    got = tuple(int(length) for length in array.shape)
    wanted = _shape_text(tuple("any" if axis is None else axis for axis in expected))
    advice = f"; {hint}" if hint else ""
    raise ShapeError(f"{name} must be {wanted}, got {_shape_text(got)}{advice}")


def _matches(got: tuple[int, ...], expected: tuple[int | str | None, ...]) -> bool:
    if len(got) != len(expected):
        return False
    lengths: dict[str, int] = {}
    for length, axis in zip(got, expected, strict=True):
        if axis is None or length == axis:
            continue
        if not isinstance(axis, str) or lengths.setdefault(axis, length) != length:
            return False
    return True


def _shape_text(axes: tuple[int | str, ...]) -> str:
    comma = "," if len(axes) == 1 else ""
    return f"({', '.join(str(axis) for axis in axes)}{comma})"


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
