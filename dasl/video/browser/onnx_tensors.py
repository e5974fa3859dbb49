"""Byte positions of the tensors in an ONNX file, read without the package `onnx`.

Servers that only run the network do not have that package. ONNX is protobuf; the following fields
are read (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto): ModelProto.graph 7,
GraphProto.initializer 5, and of TensorProto dims 1, data_type 2, name 8, raw_data 9 and
external_data 13.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from dasl.errors import WeightsError

_GRAPH, _INITIALIZER = 7, 5
_DIMS, _DATA_TYPE, _NAME, _RAW_DATA, _EXTERNAL = 1, 2, 8, 9, 13
_ENTRY_KEY, _ENTRY_VALUE = 1, 2
FLOAT32 = 1


@dataclass(frozen=True)
class StoredTensor:
    """An initializer of a graph.

    Attributes:
        name: of the tensor.
        shape: of it.
        raw: first and last + 1 byte of its values; None if they are external.
        location: first and last + 1 byte of the external file's name; None if not external.
        is_float32: whether the values are float32.
    """

    name: str
    shape: tuple[int, ...]
    raw: tuple[int, int] | None
    location: tuple[int, int] | None
    is_float32: bool


def stored_tensors(content: bytes) -> list[StoredTensor]:
    """List the initializers of an ONNX file, in its order.

    Raises:
        WeightsError: the content is not an ONNX file.
    """
    try:
        return [
            _tensor(content, *initializer)
            for graph in _messages(content, 0, len(content), _GRAPH)
            for initializer in _messages(content, *graph, _INITIALIZER)
        ]
    except (IndexError, ValueError) as error:
        raise WeightsError(f"the ONNX graph is damaged ({error}); remake it") from error


def _tensor(content: bytes, start: int, end: int) -> StoredTensor:
    name, raw, location, kind = "", None, None, 0
    shape: list[int] = []
    for field, value in _fields(content, start, end):
        if field == _DIMS:
            shape += _dims(content, *value)
        elif field == _DATA_TYPE:
            kind = value[0]
        elif field == _NAME:
            name = content[slice(*value)].decode()
        elif field == _RAW_DATA:
            raw = value
        elif field == _EXTERNAL:
            entry = dict(_fields(content, *value))
            if content[slice(*entry[_ENTRY_KEY])] == b"location":
                location = entry[_ENTRY_VALUE]
    return StoredTensor(name, tuple(shape), raw, location, kind == FLOAT32)


def _dims(content: bytes, start: int, end: int) -> list[int]:
    """Decode one plain number, given by `_fields` as (it, it), or several packed numbers."""
    if start == end:
        return [start]
    found, at = [], start
    while at < end:
        value, at = _number(content, at)
        found.append(value)
    return found


def _messages(content: bytes, start: int, end: int, wanted: int) -> Iterator[tuple[int, int]]:
    return (value for field, value in _fields(content, start, end) if field == wanted)


def _fields(content: bytes, start: int, end: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield each field's number and its content's position; for a plain number (it, it)."""
    at = start
    while at < end:
        key, at = _number(content, at)
        kind = key & 7
        if kind == 0:
            value, at = _number(content, at)
            yield key >> 3, (value, value)
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        elif kind == 2:
            length, at = _number(content, at)
            if at + length > end:
                raise ValueError("a field is longer than its message")
            yield key >> 3, (at, at + length)
            at += length
        else:
            raise ValueError(f"unknown wire type {kind}")


def _number(content: bytes, at: int) -> tuple[int, int]:
    """Decode a varint; return it and the position after it."""
    value = shift = 0
    while True:
        byte = content[at]
        value, at = value | (byte & 127) << shift, at + 1
        if byte < 128:
            return value, at
        shift += 7
