"""Dataclasses from what YAML gives."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dasl.errors import ConfigError
from dasl.training.settings import build, plain, read_document


@dataclass(frozen=True)
class Inner:
    range: tuple[float, float] = (0.0, 1.0)
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outer:
    inner: Inner = field(default_factory=Inner)
    limit: int | None = None


def test_whole_numbers_and_texts_like_1e_3_become_floats() -> None:
    assert build(Inner, {"range": [1, "1e-3"]}).range == (1.0, 0.001)


def test_sections_nest_and_none_is_kept_where_allowed() -> None:
    built = build(Outer, {"inner": {"names": ["a", "b"]}, "limit": None})
    assert built == Outer(Inner(names=("a", "b")), None)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"inner": {"name": []}}, "unknown key inner.name; valid here: names, range"),
        ({"inner": 3}, "inner must be a section with keys, got 3"),
        ({"limit": 1.5}, "limit must be int, got 1.5"),
        ({"inner": {"names": "a"}}, "inner.names must be a list, got 'a'"),
        ({"inner": {"names": [1]}}, r"inner.names\[0\] must be str, got 1"),
    ],
)
def test_what_is_wrong_is_named(document: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build(Outer, document)


def test_overrides_may_make_sections(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("a: {b: 1}\n")
    assert read_document(path, ["a.b=2", "c.d=[x, 3]"]) == {"a": {"b": 2}, "c": {"d": ["x", 3]}}
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not valid YAML"):
        read_document(path)


def test_plain_values_have_lists_for_tuples() -> None:
    assert plain({"a": (1, 2), "b": {"c": ()}}) == {"a": [1, 2], "b": {"c": []}}
