"""The JSON schema of a record, generated from the types: ``record.schema.json`` beside this file.

After a change of the types, `python -m eval.leaderboard.record_schema` writes the file again.
"""

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from pathlib import Path

from eval.leaderboard.files import SIDE_FIELDS, SIDE_KEY
from eval.results.record import SCHEMA_VERSION, ProtocolResult

SCHEMA_FILE = Path(__file__).with_name("record.schema.json")
SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
DESCRIPTION = (
    "One evaluation of one method. Errors are fractions (0.03 is 3 %) or degrees, unrounded; null "
    "where there is none. The errors of the images lie beside it in NAME.per_image.csv: id, bin, "
    "angle_deg, and a column for each score by its name. Every aggregate follows from that file, "
    "and readers refuse a record where one does not. Fields are explained in "
    "eval/results/record.py."
)

Schema = dict[str, typing.Any]


def record_schema() -> Schema:
    """The schema as a JSON value."""
    top = _of_type(ProtocolResult)
    top["properties"] |= {SIDE_KEY: SHA256, "schema_version": {"const": SCHEMA_VERSION}}
    top["required"] = sorted(top["properties"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"dasl-eval:record:{SCHEMA_VERSION}",
        "title": f"Record of the scorer, schema version {SCHEMA_VERSION}",
        "description": DESCRIPTION,
        **top,
    }


def schema_text() -> str:
    """The file's content."""
    return json.dumps(record_schema(), indent=1) + "\n"


def _of_type(kind: typing.Any) -> Schema:
    """The schema of an annotated type."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        properties = {n: _of_type(hint) for n, hint in hints.items() if n not in SIDE_FIELDS}
        return {
            "type": "object",
            "properties": properties,
            "required": sorted(properties),
            "additionalProperties": False,
        }
    if origin is tuple:
        return {"type": "array", "items": _of_type(inner[0])}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _of_type(inner[1])}
    if origin is typing.Literal:
        return {"enum": list(inner)}
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_of_type(part) for part in inner]}
    names = {str: "string", int: "integer", float: ["number", "null"], type(None): "null"}
    return {"type": names[kind]}


if __name__ == "__main__":
    SCHEMA_FILE.write_text(schema_text(), encoding="utf-8")
