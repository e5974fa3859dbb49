"""The choices of a benchmark: a frozen dataclass whose fields define each option and its range.

In Python the fields are keyword arguments, in the shell options; the page holds instances. Creating
an instance refuses values of the wrong type or range.
"""

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from eval.benchmarks.protocol import THRESHOLDS
from eval.errors import ChoiceError

KEY = "setting"
C = TypeVar("C", bound="Choices")


@dataclass(frozen=True)
class Setting:
    """What one field accepts.

    Attributes:
        help: help text in the shell.
        checked: converts a Python value to its final form; ValueError or TypeError name what is
            wanted.
        parsed: converts one word of the shell to a Python value; None for a flag.
        shell: further arguments of ``add_argument``.
    """

    help: str
    checked: Callable[[Any], Any]
    parsed: Callable[[str], Any] | None
    shell: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The base class, without any choice; benchmarks derive their own.

    Raises:
        ChoiceError: a value has the wrong type or range; the message names the field.
    """

    def __post_init__(self) -> None:
        """Check each value and convert it to its final form."""
        for each in fields(self):
            value = getattr(self, each.name)
            try:
                value = each.metadata[KEY].checked(value)
            except (TypeError, ValueError) as error:
                raise ChoiceError(f"{each.name} must be {error}, got {value!r:.80}") from error
            object.__setattr__(self, each.name, value)


def one_of(names: Sequence[str], *, help: str) -> Any:
    """A field that takes one of some names; the first is the default."""

    def checked(value: object) -> object:
        if value not in names:
            raise ValueError(f"one of {', '.join(names)}")
        return value

    return _field(names[0], Setting(help, checked, str, {"choices": tuple(names)}))


def number(
    default: float, *, help: str, above: float, at_most: float = math.inf, metavar: str
) -> Any:
    """A field that takes a number above one limit and at most another."""

    def checked(value: object) -> float:
        return _in_range(value, above, at_most)

    return _field(default, Setting(help, checked, float, {"metavar": metavar}))


def seed(default: int, *, help: str) -> Any:
    """A field that takes a whole number of at least 0."""

    def checked(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise ValueError("a whole number of at least 0")
        return value

    return _field(default, Setting(help, checked, int, {"metavar": "N"}))


def path(*, help: str, metavar: str = "FILE", required: bool = False) -> Any:
    """A field that takes a file or folder; None, the default unless required, means no file."""

    def checked(value: object) -> Path | None:
        if value is None and not required:
            return None
        if not isinstance(value, str | Path):
            raise TypeError("a path")
        return Path(value)

    setting = Setting(help, checked, Path, {"metavar": metavar, "required": required})
    return _field(MISSING if required else None, setting)


def flag(*, help: str) -> Any:
    """A field that is True or False, False by default."""

    def checked(value: object) -> object:
        if not isinstance(value, bool):
            raise TypeError("True or False")
        return value

    return _field(False, Setting(help, checked, None, {"action": "store_true"}))


def percents(default: Sequence[float], *, help: str) -> Any:
    """A field that takes one or more percentages; they are sorted in ascending order."""

    def checked(value: object) -> tuple[float, ...]:
        listed = value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
        if not listed:
            raise ValueError("one percentage or more")
        return tuple(sorted({_in_range(each, 0.0, 100.0) for each in listed}))

    shell = {"metavar": "PERCENT", "nargs": "+"}
    return _field(tuple(default), Setting(help, checked, float, shell))


def chosen(kind: type[C], given: Mapping[str, object]) -> C:
    """An instance with some choices given by name and the others at their defaults.

    Args:
        kind: of the benchmark.
        given: values by field.

    Raises:
        ChoiceError: an unknown name, a missing one, or a value that is refused.
    """
    known = {each.name: each for each in fields(kind)}
    unknown = [name for name in given if name not in known]
    if unknown:
        names = ", ".join(known) or "none"
        raise ChoiceError(f"unknown choice {unknown[0]!r}; this benchmark has: {names}")
    needed = [name for name, each in known.items() if each.default is MISSING]
    missing = [name for name in needed if name not in given]
    if missing:
        raise ChoiceError(f"{missing[0]} is missing: {known[missing[0]].metadata[KEY].help}")
    return kind(**given)


def add_options(parser: argparse.ArgumentParser, kind: type[Choices]) -> None:
    """Declare an option of the command line for each field."""
    for each in fields(kind):
        setting: Setting = each.metadata[KEY]
        arguments = {"help": setting.help, **setting.shell}
        if setting.parsed is not None:
            arguments["type"] = _shell_type(each)
        if each.default is not MISSING:
            arguments["default"] = each.default
        parser.add_argument(_option(each.name), **arguments)


def given_options(kind: type[Choices], options: argparse.Namespace) -> dict[str, Any]:
    """The values that a command line holds for the fields, by name; for ``chosen``."""
    return {each.name: getattr(options, each.name) for each in fields(kind)}


def shell_words(choices: Choices) -> list[str]:
    """The command-line options that give these choices, without the defaults."""
    words = []
    for each in fields(choices):
        value = getattr(choices, each.name)
        if value != each.metadata[KEY].checked(each.default):
            words += [_option(each.name), *([] if value is True else _listed(value))]
    return words


def _listed(value: object) -> list[str]:
    return [f"{v:g}" for v in value] if isinstance(value, tuple) else [str(value)]


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _field(default: Any, setting: Setting) -> Any:
    return field(default=default, metadata={KEY: setting})


def _in_range(value: object, above: float, at_most: float) -> float:
    wanted = f"a number above {above:g}" + (
        "" if math.isinf(at_most) else f" and at most {at_most:g}"
    )
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(wanted)
    if not above < value <= at_most:
        raise ValueError(wanted)
    return float(value)


def _shell_type(each: Field[Any]) -> Callable[[str], Any]:
    """An argparse type that reads and checks one word; a bad word is a usage error."""
    setting: Setting = each.metadata[KEY]
    assert setting.parsed is not None
    parsed, several = setting.parsed, "nargs" in setting.shell

    def read(word: str) -> Any:
        try:
            value = parsed(word)
            setting.checked((value,) if several else value)
        except (TypeError, ValueError) as error:
            raise argparse.ArgumentTypeError(f"wanted {error}, got {word}") from error
        return value

    read.__name__ = each.name
    return read


@dataclass(frozen=True, kw_only=True)
class ThresholdChoices(Choices):
    """The error thresholds of failure rate and area under the error curve.

    Attributes:
        threshold: percent, each above 0 and at most 100.
    """

    threshold: Sequence[float] = percents(
        [100.0 * limit for limit in THRESHOLDS],
        help="thresholds in percent of failure rate and area under the error curve, such as "
        "5 7 8 10 (default: 5 10)",
    )

    @property
    def thresholds(self) -> tuple[float, ...]:
        """The thresholds as fractions, ascending."""
        return tuple(percent / 100.0 for percent in self.threshold)
