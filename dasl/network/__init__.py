"""The network: image and landmark map in, coefficients of the head model out.

Names are imported lazily, on first use: inference with ONNX Runtime needs no torch.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dasl.network.coefficient_network import CoefficientNetwork
    from dasl.network.config import NetworkConfig

_HOMES = {
    "CoefficientNetwork": "dasl.network.coefficient_network",
    "NetworkConfig": "dasl.network.config",
}
__all__ = ["CoefficientNetwork", "NetworkConfig"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
