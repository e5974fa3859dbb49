"""The name of a head: coefficients mean nothing without the head that they belong to.

A head's id is the beginning of a hash over its tensors and the names of its expressions. It stands
in the head file and in all that holds coefficients or makes them: weights, packed faces,
checkpoints, ONNX files, records. Where it is absent, the file is older than ids and belongs to
head 1; `dasl.head.head_map` takes its coefficients to later heads.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

import numpy as np

from dasl.arrays import Array

HEAD_1 = "001ba9f7afd9"
"""The head that files without an id belong to, unless their numbers of coefficients are others."""
HEAD_1_COUNTS = (100, 51)
"""Its numbers of identity and expression coefficients."""
UNKNOWN_HEAD = "unknown"
"""Of a file without an id that has other numbers of coefficients than head 1."""
HEAD_ID_KEY = "head_id"
"""In the metadata of every safetensors and ONNX file, and in JSON."""
ID_DIGITS = 12


def head_id_of(tensors: Mapping[str, Array], expression_names: Sequence[str]) -> str:
    """The id of a head: 12 hexadecimal digits of a sha256.

    Args:
        tensors: as the head file stores them, by name; any order.
        expression_names: E names, in the order of the expression basis.

    Example:
        >>> head_id_of({"mean_vertices": np.zeros((2, 3), np.float32)}, ["jawOpen"])
        '6e21008dd783'
    """
    digest = hashlib.sha256(json.dumps(list(expression_names)).encode())
    for name in sorted(tensors):
        values = np.ascontiguousarray(np.asarray(tensors[name]))
        digest.update(f"{name} {values.dtype} {values.shape}".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()[:ID_DIGITS]


def id_of_file(stated: str | None, identity_count: int, expression_count: int) -> str:
    """The head that a file with coefficients belongs to.

    Args:
        stated: the id in the file; None where there is none.
        identity_count: K of the file.
        expression_count: E of the file.
    """
    if stated is not None:
        return stated
    is_head_1 = (identity_count, expression_count) == HEAD_1_COUNTS
    return HEAD_1 if is_head_1 else UNKNOWN_HEAD
