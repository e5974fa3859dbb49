"""The id of a head model: coefficients are meaningless without the head that they belong to.

A head's id is the start of a hash over its tensors and expression names. It is stored in the head
file and in all files with or for coefficients: weights, packed faces, checkpoints, ONNX files,
records. Files without an id are older and belong to head 1; `dasl.head.head_map` converts their
coefficients to later heads.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

import numpy as np

from dasl.arrays import Array

HEAD_1 = "001ba9f7afd9"
"""The head of files without an id, if their numbers of coefficients match."""
HEAD_1_COUNTS = (100, 51)
"""Its numbers of identity and expression coefficients."""
UNKNOWN_HEAD = "unknown"
"""The head of a file without an id whose numbers of coefficients are not head 1's."""
HEAD_ID_KEY = "head_id"
"""Its key in the metadata of safetensors and ONNX files, and in JSON."""
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
        stated: the id in the file; None if there is none.
        identity_count: K of the file.
        expression_count: E of the file.
    """
    if stated is not None:
        return stated
    is_head_1 = (identity_count, expression_count) == HEAD_1_COUNTS
    return HEAD_1 if is_head_1 else UNKNOWN_HEAD
