"""The file of a head model: read with its names and its id checked."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse
from safetensors import SafetensorError, safe_open

from dasl.errors import WeightsError
from dasl.head.versions import HEAD_ID_KEY, head_id_of

INTEGER_TENSORS = (
    "triangles",
    "dense_triangles",
    "uv_triangles",
    "uv_vertex",
    "mirror_vertex",
    "landmarks68_vertices",
    "landmarks21_vertices",
)
FLOAT_TENSORS = (
    "mean_vertices",
    "identity_basis",
    "expression_basis",
    "identity_mirror_sign",
    "uv",
    "landmarks68_weights",
    "landmarks21_weights",
)
Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, eq=False)
class StoredHead:
    """What a head file holds.

    Attributes:
        tensors: by name, those of `INTEGER_TENSORS` and `FLOAT_TENSORS` at least.
        subdivision: (D, V) operator.
        regions: name -> (V,) bool.
        expression_names: E ARKit names.
        head_id: agrees with the content.
    """

    tensors: Arrays
    subdivision: scipy.sparse.csr_array
    regions: dict[str, npt.NDArray[np.bool_]]
    expression_names: tuple[str, ...]
    head_id: str


def read_head_file(path: Path) -> StoredHead:
    """Reads a head file.

    Raises:
        WeightsError: the file is missing, damaged, lacks a tensor, or is not the head that its
            id says.
    """
    try:
        with safe_open(path, framework="np") as file:
            stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            metadata = file.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise WeightsError(
            f"cannot read the head model {path}: {error}; "
            "rebuild it with: python -m tools.build_head_model"
        ) from error
    missing = _missing(stored, metadata)
    if missing:
        raise WeightsError(f"the head model {path} lacks {', '.join(missing)}; rebuild it")
    expression_names, region_names = (
        _names(path, metadata[f"{of}_names"], f"{of}_names", len(stored[rows]))
        for of, rows in (("expression", "expression_basis"), ("region", "regions"))
    )
    head_id = head_id_of(stored, expression_names)
    if metadata.get(HEAD_ID_KEY, head_id) != head_id:
        raise WeightsError(
            f"the head model {path} has the id {metadata[HEAD_ID_KEY]}, but its content is "
            f"that of {head_id}; rebuild it with: python -m tools.build_head_model"
        )
    return StoredHead(
        tensors=stored,
        subdivision=_sparse_operator(stored),
        regions=dict(zip(region_names, stored["regions"].astype(bool), strict=True)),
        expression_names=expression_names,
        head_id=head_id,
    )


def _missing(stored: Arrays, metadata: dict[str, str]) -> list[str]:
    sparse = ("subdivision_data", "subdivision_columns", "subdivision_row_starts", "regions")
    missing = [name for name in (*INTEGER_TENSORS, *FLOAT_TENSORS, *sparse) if name not in stored]
    return missing + [n for n in ("region_names", "expression_names") if n not in metadata]


def _names(path: Path, text: str, key: str, count: int) -> tuple[str, ...]:
    """The names in a head file's metadata.

    Raises:
        WeightsError: they are no JSON list of `count` texts.
    """
    try:
        names = json.loads(text)
    except ValueError:
        names = None
    if not isinstance(names, list) or len(names) != count:
        raise WeightsError(
            f"the head model {path}: {key} is {text:.40}, wanted a JSON list of {count} names; "
            "rebuild it with: python -m tools.build_head_model"
        )
    return tuple(str(name) for name in names)


def _sparse_operator(stored: Arrays) -> scipy.sparse.csr_array:
    """The (D, V) subdivision operator from its CSR arrays."""
    row_starts = stored["subdivision_row_starts"]
    data = stored["subdivision_data"].astype(np.float32)  # SciPy has no sparse float16
    columns = stored["subdivision_columns"].astype(np.int64)
    shape = (len(row_starts) - 1, len(stored["mean_vertices"]))
    return scipy.sparse.csr_array((data, columns, row_starts.astype(np.int64)), shape=shape)
