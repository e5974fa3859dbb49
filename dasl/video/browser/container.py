"""A compact file format for named arrays, fast to read in JavaScript.

    8 bytes          "dasl-web"
    4 bytes          length of the header, little endian
    header           JSON: {"meta": {...}, "arrays": {name: {dtype, shape, offset, scales}}}
    arrays           little endian, each at a multiple of 4 from the end of the header

The file is compressed with gzip, which browsers decompress natively (`DecompressionStream`). int8
arrays have one float32 scale per row of their first axis, at the offset `scales`.
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
"""Arrays with fewer elements stay float16. They are small, and depthwise kernels lose the most
accuracy in int8."""
_TOP = 127


def packed(
    meta: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]], precision: Precision
) -> bytes:
    """Encode a file.

    Args:
        meta: JSON values.
        arrays: float32 arrays become float16 or, for large ones with int8 precision, int8. Arrays
            of other types, and names that begin with "exact.", are stored unchanged.
        precision: of the float32 arrays.
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
    """Decode a file into meta and arrays; floats become float32, as in the browser.

    Raises:
        ValueError: the content is not such a file.
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
    """Quantise an array (N, ...) to int8, with (N,) float32 scales: array = int8 * row's scale."""
    rows = array.reshape(len(array), -1)
    scales = np.maximum(np.abs(rows).max(axis=1) / _TOP, 1e-12).astype(np.float32)
    return np.rint(rows / scales[:, None]).astype(np.int8).reshape(array.shape), scales
