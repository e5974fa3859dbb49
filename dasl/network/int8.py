"""The file of the network in int8: what its weights differ by from plainly rounded ones.

`int8.safetensors` holds a graph of ONNX Runtime without the weights, and for each tensor of weights
its scales and its offsets from rounding to the nearest. Five of six offsets are 0, so a wheel grows
by 1 MB instead of 3. The weights themselves are rounded when the file is read. It names the weights
that it was made from, and fits no others.
"""

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as tensors_from_bytes

from dasl.arrays import FloatArray
from dasl.errors import WeightsError
from dasl.network.tensors import StoredNetwork, weights_hash

GRAPH, WEIGHTS = "graph", "weights"
"""Entries with the bytes of the graph, and of the `weights_hash` of the exact network."""
QUANTISED, SCALE = "_quantized", "_scale"
"""What ONNX Runtime appends to the names of weights."""
REMAKE = "remake it with tools.quantise_network, or use float32"


def read_int8(
    content: bytes, network: StoredNetwork, exact: dict[str, FloatArray]
) -> tuple[bytes, dict[str, NDArray[np.int8]]]:
    """The graph and the weights that it lacks, by name.

    Args:
        content: of the file.
        network: that it was made from.
        exact: its tensors with folded batch norms.

    Raises:
        WeightsError: the file is damaged, or was made from other weights.
    """
    try:
        parts = tensors_from_bytes(content)
        made_from = bytes(parts.pop(WEIGHTS)).decode()
        if made_from != (wanted := weights_hash(network)):
            raise WeightsError(
                f"the int8 network was made from weights {made_from}, wanted {wanted}; {REMAKE}"
            )
        graph = parts.pop(GRAPH).tobytes()
        names = [name.removesuffix(QUANTISED) for name in parts if name.endswith(QUANTISED)]
        whole = {
            f"{name}{QUANTISED}": nearest(exact[name], parts[f"{name}{SCALE}"])
            + parts[f"{name}{QUANTISED}"].astype(np.int8)
            for name in names
        }
    except (SafetensorError, KeyError, ValueError) as error:
        raise WeightsError(f"the int8 file is damaged ({error}); {REMAKE}") from error
    return graph, whole


def nearest(weights: FloatArray, scale: FloatArray) -> NDArray[np.int8]:
    """Weights (R, ...) divided by their rows' scales (R,), or by one scale, and rounded."""
    rows = (-1, *[1] * (weights.ndim - 1))
    return np.round(weights / scale.reshape(rows)).astype(np.int8)
