"""Exceptions of the library and the one check of shapes that raises them.

Every message names what was got, what is wanted and, where one exists, the next step. All of them
derive from `DaslError`; those about a bad argument are `ValueError`s as well.
"""

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
    got = tuple(int(length) for length in array.shape)
    if _matches(got, expected):
        return
    wanted = _shape_text(tuple("any" if axis is None else axis for axis in expected))
    advice = f"; {hint}" if hint else ""
    raise ShapeError(f"{name} must be {wanted}, got {_shape_text(got)}{advice}")


def _matches(got: tuple[int, ...], expected: tuple[int | str | None, ...]) -> bool:
    if len(got) != len(expected):
        return False
    lengths: dict[str, int] = {}
    for length, axis in zip(got, expected, strict=True):
        if isinstance(axis, int) and length != axis:
            return False
        if isinstance(axis, str) and lengths.setdefault(axis, length) != length:
            return False
    return True


def _shape_text(axes: tuple[int | str, ...]) -> str:
    comma = "," if len(axes) == 1 else ""
    return f"({', '.join(str(axis) for axis in axes)}{comma})"
