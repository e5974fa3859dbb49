"""Types of the settings: allowed values, and messages for wrong ones.

Integers count as numbers, and so do texts such as 1e-3, which YAML reads as text. Nothing else is
converted.
"""

import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

# Messages by pydantic's error type; the names in braces come from its context.
WORDS = {
    "bool_type": "must be true or false",
    "dataclass_type": "must be a section with keys",
    "finite_number": "must be finite",
    "float_type": "must be a number",
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "int_type": "must be a whole number",
    "less_than": "must be below {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "literal_error": "must be one of {expected}",
    "missing": "is missing",
    "string_type": "must be a text",
    "string_too_short": "must not be empty",
    "too_long": "must have at most {max_length} entries",
    "too_short": "must have at least {min_length} entries",
    "tuple_type": "must be a list",
}
Pair = TypeVar("Pair", bound=tuple[float, float])


def _number(value: Any) -> Any:
    """Convert texts such as 1e-3, which YAML 1.1 reads as text because a dot is missing."""
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
SideRange = Annotated[tuple[Count, Count], AfterValidator(_rising)]


def wrong_words(error: ValidationError, kind: type) -> str:
    """The errors of a document as one message, each with its key.

    Args:
        error: pydantic's error for the document.
        kind: the dataclass of sections that the document should match.

    Returns:
        Such as "run.epochs must be greater than or equal to 1, got 0"; parts are joined by "; ".
    """
    parts = error.errors(include_url=False)
    return "; ".join(_part_words(part, kind) for part in parts)


def _part_words(part: Mapping[str, Any], kind: type) -> str:
    place, location = _place(part["loc"]), part["loc"]
    if part["type"] == "unexpected_keyword_argument":
        return f"unknown key {place}; valid here: {', '.join(sorted(_keys(kind, location[:-1])))}"
    if part["type"] == "value_error":  # one of ours
        return f"{place} {part['ctx']['error']}".strip()
    words = WORDS.get(part["type"], f"is wrong: {part['msg']}").format(**part.get("ctx", {}))
    return f"{place} {words}, got {part['input']!r:.80}"


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
