"""A config as a document: overrides, and what JSON holds."""

from pathlib import Path

import pytest

from dasl.errors import ConfigError
from dasl.training.config_document import plain, read_document


def test_overrides_may_make_sections(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("a: {b: 1}\n")
    assert read_document(path, ["a.b=2", "c.d=[x, 3]"]) == {"a": {"b": 2}, "c": {"d": ["x", 3]}}
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not valid YAML"):
        read_document(path)


def test_plain_values_have_lists_for_tuples() -> None:
    assert plain({"a": (1, 2), "b": {"c": ()}}) == {"a": [1, 2], "b": {"c": []}}
