"""The published schema of a record: that of the types, and of the shipped records."""

import json
from typing import Any

from eval.commands.table import RECORDS
from eval.leaderboard.record_schema import SCHEMA_FILE, record_schema, schema_text


def test_the_published_schema_is_that_of_the_types() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), (
        "write it anew: python -m eval.leaderboard.record_schema"
    )


def test_the_shipped_records_fit_it() -> None:
    for path in RECORDS.glob("*.json"):
        assert fits(json.loads(path.read_text()), record_schema()), path.name


def test_another_document_does_not() -> None:
    document = json.loads(next(RECORDS.glob("*.json")).read_text())
    for change in ({"surprise": 1}, {"schema_version": 2}, {"scored": "many"}, {"scores": [{}]}):
        assert not fits(document | change, record_schema())


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """The part of JSON schema that is used."""
    if "const" in schema:
        return bool(value == schema["const"])
    if "enum" in schema:
        return value in schema["enum"]
    names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(isinstance(value, TYPES[name]) for name in names):
        return False
    if isinstance(value, list):
        return all(fits(item, schema["items"]) for item in value)
    if not isinstance(value, dict):
        return True
    known, others = schema.get("properties", {}), schema["additionalProperties"]
    if not set(schema.get("required", ())) <= set(value):
        return False
    return all(
        fits(item, known[name]) if name in known else bool(others) and fits(item, others)
        for name, item in value.items()
    )


TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}
