"""Landmarks of their own for a head: a small file beside weights that were trained with them.

    landmarks.safetensors   landmarks68_vertices, landmarks68_weights (68, 3), the same for the 21;
                            in the metadata `of_head`, the id of the head whose mesh they lie on

The embedded head's own landmarks were moved to their mean positions on AFLW faces. Weights that
must not depend on these bring other ones. A head with other landmarks has an id of its own.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from dasl.arrays import Array
from dasl.errors import WeightsError
from dasl.head.landmarks import AFLW_POINTS, IBUG_POINTS
from dasl.head.morphable_model import MorphableModel

LANDMARKS_FILE = "landmarks.safetensors"
OF_HEAD = "of_head"
_SHAPES = {
    "landmarks68_vertices": (IBUG_POINTS, 3),
    "landmarks68_weights": (IBUG_POINTS, 3),
    "landmarks21_vertices": (AFLW_POINTS, 3),
    "landmarks21_weights": (AFLW_POINTS, 3),
}


def head_with_landmarks(path: Path | None) -> MorphableModel:
    """The embedded head, with the landmarks of a file if there is one.

    Args:
        path: None for the head's own landmarks.

    Raises:
        WeightsError: the file is missing, damaged, or of another head.
    """
    model = MorphableModel.load()
    if path is None:
        return model
    tensors, of_head = _read(path)
    if of_head != model.head_id:
        raise WeightsError(
            f"{path} has landmarks of head {of_head}, this is head {model.head_id}; "
            "use weights that were made for this version of dasl"
        )
    _check(path, tensors, model.vertex_count)
    return model.with_landmarks(*(tensors[name] for name in _SHAPES))


def head_of_weights(folder: Path) -> MorphableModel:
    """The head model of a weights folder: the embedded one, with the folder's landmarks if any.

    Raises:
        WeightsError: the landmark file is damaged or of another head.
    """
    path = folder / LANDMARKS_FILE
    return head_with_landmarks(path if path.exists() else None)


def landmark_bytes(model: MorphableModel) -> bytes | None:
    """The landmark file of a head; None for a head with its own landmarks."""
    if model.landmarks_of is None:
        return None
    tensors = {
        name: getattr(model, name).astype(np.uint16 if name.endswith("vertices") else np.float32)
        for name in _SHAPES
    }
    return save(tensors, {OF_HEAD: model.landmarks_of})


def _read(path: Path) -> tuple[dict[str, Array], str]:
    try:
        with safe_open(path, framework="np") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, (file.metadata() or {}).get(OF_HEAD, "unknown")
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"cannot read the landmarks {path}: {error}") from error


def _check(path: Path, tensors: Mapping[str, Array], vertex_count: int) -> None:
    shapes = {name: tensor.shape for name, tensor in tensors.items()}
    if shapes != _SHAPES:
        raise WeightsError(f"{path} holds {shapes}, wanted {_SHAPES}")
    for points in ("landmarks68", "landmarks21"):
        vertices, weights = tensors[f"{points}_vertices"], tensors[f"{points}_weights"]
        if vertices.max() >= vertex_count or not np.allclose(weights.sum(axis=1), 1, atol=1e-3):
            raise WeightsError(f"{path}: {points} do not lie on the head's surface")
