"""A network stored with 16 bits gives nearly the same answers from about half the bytes."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from tools.half_precision import in_half_precision


def network(weights: np.ndarray) -> bytes:
    """y = x @ weights + 1."""
    side = len(weights)
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "weights"], ["product"]),
            helper.make_node("Add", ["product", "one"], ["y"]),
        ],
        "test",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, side])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, side])],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.ones(1, np.float32), "one"),
        ],
    )
    opsets = [helper.make_opsetid("", 17)]
    return onnx.helper.make_model(graph, opset_imports=opsets, ir_version=9).SerializeToString()


def test_the_answers_stay_and_the_bytes_are_halved() -> None:
    random = np.random.default_rng(0)
    weights = random.normal(size=(64, 64)).astype(np.float32)
    before = network(weights)
    after = in_half_precision(before)
    assert len(after) < 0.55 * len(before)
    x = random.normal(size=(1, 64)).astype(np.float32)
    (found,) = onnxruntime.InferenceSession(after).run(None, {"x": x})
    halved = weights.astype(np.float16).astype(np.float32)
    np.testing.assert_allclose(found, x @ halved + 1.0, atol=1e-4)


def test_a_constant_that_does_not_fit_is_named() -> None:
    with pytest.raises(ValueError, match="weights holds values above"):
        in_half_precision(network(np.full((64, 64), 1e6, np.float32)))
