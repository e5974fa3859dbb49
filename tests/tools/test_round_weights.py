"""Rounding of weights so that a layer's outputs change least."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tools.round_weights import LARGEST, Layer, layers_of, round_weights, round_with_feedback


def _layer(weights: torch.Tensor, stride: int, padding: int, depthwise: bool) -> Layer:
    rows = weights.flatten(1).numpy()
    size = rows.shape[1] + 1
    groups = len(rows) if depthwise else 1
    return Layer(
        name="w",
        bias="b",
        source="x",
        weights=rows,
        kernel=weights.shape[-1],
        stride=stride,
        padding=(padding,) * 4,
        depthwise=depthwise,
        moments=np.zeros((groups, size, size)),
    )


def test_independent_inputs_are_rounded_to_the_nearest() -> None:
    weights = np.random.default_rng(0).normal(size=(4, 9)).astype(np.float32)
    scale = np.abs(weights).max(axis=1) / LARGEST
    whole = round_with_feedback(weights, scale, np.eye(9)[None])
    assert np.array_equal(whole, np.round(weights / scale[:, None]))


def test_errors_are_compensated_by_inputs_that_correlate() -> None:
    """The error of the outputs is less than half of what plain rounding gives."""
    random = np.random.default_rng(1)
    inputs = random.normal(size=(2000, 3)) @ random.normal(size=(3, 24))
    inputs += 0.1 * random.normal(size=inputs.shape)
    weights = random.normal(size=(8, 24)).astype(np.float32)
    scale = np.abs(weights).max(axis=1) / LARGEST
    whole = round_with_feedback(weights, scale, (inputs.T @ inputs / 2000)[None])

    def error(integers: np.ndarray) -> float:
        return float(np.square(inputs @ (integers * scale[:, None] - weights).T).mean())

    assert np.array_equal(whole, np.round(whole)) and np.abs(whole).max() <= LARGEST
    assert error(whole) < 0.25 * error(np.round(weights / scale[:, None]))


@pytest.mark.parametrize("depthwise", [False, True])
@pytest.mark.parametrize(("kernel", "stride", "padding"), [(1, 1, 0), (3, 1, 1), (5, 2, 2)])
def test_the_mean_of_the_outputs_stays(
    kernel: int, stride: int, padding: int, depthwise: bool
) -> None:
    """The bias makes up for what rounding does to the mean, at all places of a convolution."""
    generator = torch.Generator().manual_seed(2)
    images = torch.rand(3, 6, 12, 13, generator=generator) + 1
    inputs = 1 if depthwise else 6
    weights = torch.randn(6, inputs, kernel, kernel, generator=generator)
    layer = _layer(weights, stride, padding, depthwise)
    layer.observe(images.numpy(), np.random.default_rng(0))  # few enough places to take all
    scale = np.full(6, 0.25, np.float32)
    whole, correction = layer.rounded(scale)
    coarse = torch.from_numpy(whole * scale[:, None]).float().reshape(weights.shape)

    def means(filters: torch.Tensor) -> np.ndarray:
        groups = 6 if depthwise else 1
        said = F.conv2d(images, filters, stride=stride, padding=padding, groups=groups)
        return said.mean(dim=(0, 2, 3)).numpy()

    assert np.abs(means(coarse) - means(weights)).max() > 0.01
    assert np.allclose(means(coarse) + correction, means(weights), atol=1e-4)


def test_a_small_network_in_8_bits_comes_closer(tmp_path) -> None:
    """The outputs of a convolution and a matrix product differ less from float32."""
    onnx = pytest.importorskip("onnx")
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper
    from onnxruntime import quantization

    random = np.random.default_rng(3)
    tensors = {
        "w": random.normal(size=(16, 4, 3, 3)),
        "b": random.normal(size=16),
        "v": random.normal(size=(5, 16)),
        "c": random.normal(size=5),
    }
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["images", "w", "b"], ["y"], pads=[1] * 4, strides=[2, 2]),
            helper.make_node("Clip", ["y", "low", "high"], ["z"]),
            helper.make_node("GlobalAveragePool", ["z"], ["mean"]),
            helper.make_node("Flatten", ["mean"], ["flat"]),
            helper.make_node("Gemm", ["flat", "v", "c"], ["raw"], transB=1),
        ],
        "small",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 4, 16, 16])],
        [helper.make_tensor_value_info("raw", TensorProto.FLOAT, ["n", 5])],
        [
            numpy_helper.from_array(np.asarray(values, np.float32), name)
            for name, values in (tensors | {"low": 0.0, "high": 6.0}).items()
        ],
    )
    exact = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    smooth = random.normal(size=(8, 4, 4, 4)).repeat(4, axis=2).repeat(4, axis=3)
    batches = [smooth[:4].astype(np.float32), smooth[4:].astype(np.float32)]

    class Inputs(quantization.CalibrationDataReader):
        def __init__(self) -> None:
            self._left = iter(batches)

        def get_next(self):
            batch = next(self._left, None)
            return None if batch is None else {"images": batch}

    copy, path = onnx.ModelProto(), tmp_path / "small.onnx"
    copy.CopyFrom(exact)
    quantization.quantize_static(
        copy,
        path,
        Inputs(),
        per_channel=True,
        reduce_range=True,
        activation_type=quantization.QuantType.QUInt8,
        extra_options={"OpTypesToExcludeOutputQuantization": ["Gemm"]},
    )

    def said(model) -> np.ndarray:
        session = onnxruntime.InferenceSession(model.SerializeToString())
        return np.concatenate([session.run(None, {"images": batch})[0] for batch in batches])

    plain, wanted = onnx.load(path), said(exact)
    before = np.square(said(plain) - wanted).mean()
    after = np.square(said(round_weights(plain, exact, batches)) - wanted).mean()
    assert [layer.depthwise for layer in layers_of(exact)] == [False, False]
    assert after < 0.5 * before
