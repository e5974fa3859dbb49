"""Weights: folders on disk, the hub, and publication.

Names are imported lazily, on first use, so that using the hub alone does not import torch.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dasl.weights.folder import load_weights, save_weights, weights_folder

__all__ = ["load_weights", "save_weights", "weights_folder"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("dasl.weights.folder"), name)
