"""A config as a document: read from YAML, changed by overrides, made plain for JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from dasl.errors import ConfigError


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
