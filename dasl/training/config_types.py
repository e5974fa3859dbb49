"""Types of the settings: what a value may be, and how wrong ones are worded.

Whole numbers, and texts such as 1e-3, which YAML reads as a text, count as numbers; nothing else is
converted.
"""

import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

SECTION = "must be a section with keys"
Pair = TypeVar("Pair", bound=tuple[float, float])


def _number(value: Any) -> Any:
    """1e-3 is a text in YAML 1.1, where a number needs a dot; people mean the number."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _rising(pair: Pair) -> Pair:
    if pair[0] > pair[1]:
        raise ValueError(f"must be [low, high], got {list(pair)}")
    return pair


_Number = Annotated[float, BeforeValidator(_number)]
_FINITE: Any = {"strict": True, "allow_inf_nan": False}

NotNegative = Annotated[_Number, Field(ge=0, **_FINITE)]
Positive = Annotated[_Number, Field(gt=0, **_FINITE)]
Share = Annotated[_Number, Field(ge=0, le=1, **_FINITE)]
BelowOne = Annotated[_Number, Field(ge=0, lt=1, **_FINITE)]
Degrees = Annotated[_Number, Field(ge=0, le=180, **_FINITE)]
Count = Annotated[int, Field(ge=1, strict=True)]
WholeNumber = Annotated[int, Field(ge=0, strict=True)]
Flag = Annotated[bool, Field(strict=True)]
Text = Annotated[str, Field(min_length=1, strict=True)]

NotNegativeRange = Annotated[tuple[NotNegative, NotNegative], AfterValidator(_rising)]
PositiveRange = Annotated[tuple[Positive, Positive], AfterValidator(_rising)]


def wrong_words(error: ValidationError, kind: type) -> str:
    """What is wrong with a document, each part with its key.

    Args:
        error: of pydantic, for a document that should have been of this kind.
        kind: a dataclass of sections.

    Returns:
        Such as "run.epochs must be greater than or equal to 1, got 0"; parts are joined by "; ".
    """
    parts = error.errors(include_url=False)
    return "; ".join(_part_words(part, kind) for part in parts)


def _part_words(part: Mapping[str, Any], kind: type) -> str:
    place, value, message = _place(part["loc"]), part["input"], str(part["msg"])
    if part["type"] == "unexpected_keyword_argument":
        return f"unknown key {place}; valid here: {', '.join(sorted(_keys(kind, part['loc'][:-1])))}"
    if part["type"] == "dataclass_type":
        return f"{place} {SECTION}, got {value!r:.80}"
    if part["type"] == "value_error":
        return f"{place} {part['ctx']['error']}".strip()
    wanted = message.replace("Input should be a valid", "must be a", 1)
    wanted = wanted.replace("Input should", "must", 1)
    if wanted == message:
        wanted = f"is wrong: {message}"
    return f"{place} {wanted}, got {value!r:.80}"


def _place(location: tuple[str | int, ...]) -> str:
    words = ""
    for step in location:
        words += f"[{step}]" if isinstance(step, int) else f".{step}" if words else str(step)
    return words


def _keys(kind: Any, location: tuple[str | int, ...]) -> list[str]:
    """The names of the fields of the section at a place."""
    for step in location:
        kind = typing.get_type_hints(kind)[str(step)]
    assert is_dataclass(kind)
    return [each.name for each in fields(kind)]
