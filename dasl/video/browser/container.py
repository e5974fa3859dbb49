"""Named arrays in one file, small and quick to read in JavaScript.

    8 bytes          "dasl-web"
    4 bytes          length of the header, little endian
    header           JSON: {"meta": {...}, "arrays": {name: {dtype, shape, offset, scales}}}
    arrays           little endian, each at a multiple of 4 from the end of the header

The whole is compressed with gzip, which every browser undoes by itself (`DecompressionStream`).
int8 arrays have one float32 scale for each row of their first axis, at the offset `scales`.
"""

import gzip
import json
import struct
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Precision = Literal["float16", "int8"]
MAGIC = b"dasl-web"
LEAST_QUANTIZED = 5000
"""Smaller arrays keep float16: they weigh little, and depthwise kernels lose most in int8."""
_TOP = 127


def packed(
    meta: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]], precision: Precision
) -> bytes:
    """The file's content.

    Args:
        meta: what JSON holds.
        arrays: float32 ones become float16, or int8 where they are large matrices; names that
            begin with "exact." and integers stay as they are.
        precision: of the float32 ones.
    """
    body = bytearray()
    table: dict[str, Any] = {}

    def add(values: npt.NDArray[Any]) -> int:
        body.extend(b"\0" * (-len(body) % 4))
        body.extend(np.ascontiguousarray(values).tobytes())
        return len(body) - values.nbytes

    for name, array in arrays.items():
        entry: dict[str, Any] = {"shape": list(array.shape)}
        if array.dtype != np.float32 or name.startswith("exact."):
            stored = array
        elif precision == "int8" and array.ndim > 1 and array.size >= LEAST_QUANTIZED:
            stored, scales = quantized(array)
            entry["scales"] = add(scales)
        else:
            stored = array.astype(np.float16)
        table[name] = entry | {"dtype": stored.dtype.name, "offset": add(stored)}
    header = json.dumps({"meta": meta, "arrays": table}, separators=(",", ":")).encode()
    header += b" " * (-(len(MAGIC) + 4 + len(header)) % 4)
    whole = MAGIC + struct.pack("<I", len(header)) + header + bytes(body)
    return gzip.compress(whole, compresslevel=9, mtime=0)


def unpacked(content: bytes) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """Meta and arrays of a file, floats as float32: what the browser computes with.

    Raises:
        ValueError: the content is no such file.
    """
    whole = gzip.decompress(content)
    if not whole.startswith(MAGIC):
        raise ValueError(f"wanted a file that begins with {MAGIC!r}, got {whole[:8]!r}")
    (length,) = struct.unpack_from("<I", whole, len(MAGIC))
    start = len(MAGIC) + 4 + length
    header = json.loads(whole[len(MAGIC) + 4 : start])
    arrays = {}
    for name, entry in header["arrays"].items():
        shape, dtype = entry["shape"], np.dtype(entry["dtype"])
        count = int(np.prod(shape))
        values = np.frombuffer(whole, dtype, count, start + entry["offset"]).reshape(shape)
        if "scales" in entry:
            scales = np.frombuffer(whole, np.float32, shape[0], start + entry["scales"])
            values = values.astype(np.float32) * scales.reshape(-1, *[1] * (len(shape) - 1))
        arrays[name] = values.astype(np.float32) if values.dtype == np.float16 else values
    return header["meta"], arrays


def quantized(array: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[Any]]:
    """An array (N, ...) as int8, and (N,) float32 scales: array = int8 * scale of its row."""
    rows = array.reshape(len(array), -1)
    scales = np.maximum(np.abs(rows).max(axis=1) / _TOP, 1e-12).astype(np.float32)
    return np.rint(rows / scales[:, None]).astype(np.int8).reshape(array.shape), scales
