"""Frozen dataclasses from nested mappings, as YAML gives them, with everything wrong named."""

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml

from dasl.errors import ConfigError

Settings = TypeVar("Settings")


def read_document(path: str | Path, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """Read a YAML file of sections and apply "section.key=value" overrides, later ones winning.

    Raises:
        ConfigError: no such file, not YAML, no sections, or an override without a key.
    """
    try:
        document = yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise ConfigError(f"cannot read the config {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid YAML: {error}") from error
    if not isinstance(document, dict):
        raise ConfigError(f"{path} must hold sections with keys, got {type(document).__name__}")
    for override in overrides:
        _apply_override(document, override)
    return document


def plain(value: Any) -> Any:
    """A nest of dictionaries and tuples with lists in place of tuples, for JSON."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _apply_override(document: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f"an override must read section.key=value, got {override!r}")
    *sections, name = key.strip().split(".")
    for section in sections:
        document = document.setdefault(section, {})
        if not isinstance(document, dict):
            raise ConfigError(f"{key.strip()}: {section} is a value, not a section")
    try:
        document[name] = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{key.strip()}: cannot read the value {text!r}: {error}") from error


def build(kind: type[Settings], document: Any, where: str = "") -> Settings:
    """Check a nested mapping against a dataclass and make one from it.

    Args:
        kind: a frozen dataclass whose fields have defaults.
        document: a mapping of names of fields.
        where: the section's name, for messages.

    Raises:
        ConfigError: not a mapping, an unknown key, or a value of another type.
    """
    if not isinstance(document, Mapping):
        raise ConfigError(f"{where} must be a section with keys, got {document!r}")
    hints = typing.get_type_hints(kind)
    unknown = [str(key) for key in document if key not in hints]
    if unknown:
        place = f"{where}.{unknown[0]}" if where else unknown[0]
        raise ConfigError(f"unknown key {place}; valid here: {', '.join(sorted(hints))}")
    values = {
        key: _checked(hints[key], value, f"{where}.{key}" if where else key)
        for key, value in document.items()
    }
    return kind(**values)


def _checked(kind: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return build(kind, value, where)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        if value is None and type(None) in arguments:
            return None
        return _checked(arguments[0], value, where)
    if origin is Literal:
        if value in arguments:
            return value
        raise ConfigError(f"{where} must be one of {', '.join(arguments)}, got {value!r}")
    if origin is tuple:
        return _checked_tuple(arguments, value, where)
    if kind is float and isinstance(value, str):
        value = _float_of_yaml(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not kind:
        raise ConfigError(f"{where} must be {kind.__name__}, got {value!r}")
    return value


def _float_of_yaml(text: str) -> float | str:
    """1e-3 is a string in YAML 1.1, where a number needs a dot; people mean the number."""
    try:
        return float(text)
    except ValueError:
        return text


def _checked_tuple(arguments: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    free = len(arguments) == 2 and arguments[1] is Ellipsis
    wanted = "a list" if free else f"a list of {len(arguments)}"
    if not isinstance(value, list | tuple) or (not free and len(value) != len(arguments)):
        raise ConfigError(f"{where} must be {wanted}, got {value!r}")
    kinds = [arguments[0]] * len(value) if free else list(arguments)
    return tuple(
        _checked(kind, entry, f"{where}[{i}]")
        for i, (kind, entry) in enumerate(zip(kinds, value, strict=True))
    )
