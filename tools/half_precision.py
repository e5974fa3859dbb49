"""Stores the constants of an ONNX file with 16 bits; they are calculated with as 32 bits."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LEAST_COUNT = 256
"""Constants with fewer numbers are left as they are: they hold sizes and limits."""
_SUFFIX = "_stored"


def in_half_precision(content: bytes) -> bytes:
    """The same network in about half the bytes: each large constant is cast as it is read.

    Args:
        content: of an ONNX file.

    Raises:
        ValueError: a constant does not fit into 16 bits.
    """
    network = onnx.load_from_string(content)
    graph, casts = network.graph, []
    for place, constant in enumerate(graph.initializer):
        values = numpy_helper.to_array(constant)
        if constant.data_type != TensorProto.FLOAT or values.size < LEAST_COUNT:
            continue
        name = constant.name
        if np.abs(values).max() > np.finfo(np.float16).max:
            raise ValueError(f"{name} holds values above {np.finfo(np.float16).max}")
        halved = values.astype(np.float16)
        casts.append(helper.make_node("Cast", [name + _SUFFIX], [name], to=TensorProto.FLOAT))
        graph.initializer[place].CopyFrom(numpy_helper.from_array(halved, name + _SUFFIX))
    stored = {cast.output[0] for cast in casts}
    for value in [value for value in graph.input if value.name in stored]:
        graph.input.remove(value)  # old files list their constants as inputs too
    for place, cast in enumerate(casts):
        graph.node.insert(place, cast)
    onnx.checker.check_model(network)
    result: bytes = network.SerializeToString(deterministic=True)
    return result
