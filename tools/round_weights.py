"""Rounds the weights of an int8 network so that the outputs of each layer change least.

Method: GPTQ (E. Frantar et al., arXiv 2210.17323), which follows B. Hassibi's optimal brain
surgeon. Weights are rounded one input after the other. The error of each is compensated by the
inputs that are not rounded yet, as far as these correlate with it. What remains in the mean is
subtracted from the bias.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dasl.arrays import FloatArray
from dasl.errors import WeightsError
from dasl.network.int8 import QUANTISED, SCALE
from dasl.network.onnx import INPUT_NAME

LARGEST = 63
"""Largest value of a weight of 7 bits; symmetric, as the scales are."""
DAMPING = 0.01
"""Power that is added to every input's, as a share of their mean."""
SAMPLED_VALUES = 3_000_000
"""Limit on the sampled values of a layer's inputs, per batch."""

Doubles = NDArray[np.float64]


@dataclass
class Layer:
    """A convolution or a matrix product.

    Attributes:
        name: of its weights.
        bias: name of its bias.
        source: name of its input.
        weights: (R, C) float32, a row for each output channel.
        kernel, stride, padding: of a convolution; a matrix product has 1, 1 and none.
        depthwise: whether each channel is convolved alone.
        moments: (G, C + 1, C + 1) sums of products of the inputs, the last of which is 1;
            G is R for depthwise convolutions, else 1.
        count: of the sums' samples.
    """

    name: str
    bias: str
    source: str
    weights: FloatArray
    kernel: int
    stride: int
    padding: tuple[int, ...]
    depthwise: bool
    moments: Doubles
    count: int = 0

    def observe(self, values: FloatArray, random: np.random.Generator) -> None:
        """Add inputs (B, C, H, W), or (B, C) of a matrix product, at random places."""
        values = values.reshape(*values.shape[:2], *(values.shape[2:] or (1, 1)))
        top, left, bottom, right = self.padding
        values = np.pad(values, ((0, 0), (0, 0), (top, bottom), (left, right)))
        window = (self.kernel, self.kernel)
        patches = np.lib.stride_tricks.sliding_window_view(values, window, axis=(2, 3))
        patches = patches[:, :, :: self.stride, :: self.stride]
        places = patches.shape[0] * patches.shape[2] * patches.shape[3]
        sampled = min(places, max(1, SAMPLED_VALUES // (values.shape[1] * self.kernel**2)))
        chosen = random.choice(places, sampled, replace=False)
        face, y, x = np.unravel_index(chosen, (len(patches), *patches.shape[2:4]))
        rows = patches[face, :, y, x].astype(np.float64)
        groups = values.shape[1] if self.depthwise else 1
        inputs = np.moveaxis(rows.reshape(sampled, groups, -1), 1, 0)
        inputs = np.concatenate((inputs, np.ones((groups, sampled, 1))), axis=2)
        self.moments += inputs.mT @ inputs
        self.count += sampled

    def rounded(self, scale: FloatArray) -> tuple[Doubles, Doubles]:
        """Round the weights to multiples of `scale` (R,).

        Returns:
            (R, C) whole numbers, and (R,) what to add to the bias.
        """
        moments = self.moments / self.count
        whole = round_with_feedback(self.weights, scale, moments[:, :-1, :-1])
        error = whole * scale[:, None] - self.weights
        return whole, -(error * moments[:, -1, :-1]).sum(axis=1)


def round_with_feedback(weights: FloatArray, scale: FloatArray, moments: Doubles) -> Doubles:
    """Round to multiples of a step so that the square of the layer's error is small.

    Args:
        weights: (R, C).
        scale: (R,) the steps.
        moments: (R or 1, C, C) mean products of the inputs.

    Returns:
        (R, C) whole numbers within `LARGEST`.
    """
    powers = np.diagonal(moments, axis1=1, axis2=2)
    order = np.argsort(-powers.sum(axis=0))  # the largest are rounded while others can follow
    damping = DAMPING * powers.mean(axis=1)[:, None, None] + 1e-12
    damped = moments[:, order][:, :, order] + damping * np.eye(len(order))
    feedback = np.linalg.cholesky(np.linalg.inv(damped)).mT  # upper triangles
    left = weights[:, order].astype(np.float64)
    whole = np.zeros_like(left)
    for column in range(len(order)):
        whole[:, column] = np.clip(np.round(left[:, column] / scale), -LARGEST, LARGEST)
        error = left[:, column] - whole[:, column] * scale
        share = feedback[:, column, column:] / feedback[:, column, column, None]
        left[:, column:] -= error[:, None] * share
    result = np.empty_like(whole)
    result[:, order] = whole
    return result


def round_weights(network: Any, exact: Any, inputs: list[FloatArray]) -> Any:
    """Round the weights of an int8 network anew, and correct its biases.

    Args:
        network: `onnx.ModelProto`, made of `exact` by ONNX Runtime's `quantize_static`; changed.
        exact: `onnx.ModelProto` in float32.
        inputs: representative inputs, each (B, 4, 120, 120).

    Returns:
        The changed network.

    Raises:
        WeightsError: the network has none of the exact one's weights, under ONNX Runtime's names.
    """
    from onnx import numpy_helper

    tensors = {tensor.name: tensor for tensor in network.graph.initializer}
    layers = [layer for layer in layers_of(exact) if f"{layer.name}{QUANTISED}" in tensors]
    if not layers:
        raise WeightsError("no weights of the network are in the int8 file under known names")
    _observe(exact, layers, inputs)
    for layer in layers:
        scale = numpy_helper.to_array(tensors[f"{layer.name}{SCALE}"]).reshape(-1)
        whole, correction = layer.rounded(scale)
        _replace(tensors[f"{layer.name}{QUANTISED}"], whole)
        step = numpy_helper.to_array(tensors[f"{layer.bias}{QUANTISED}{SCALE}"])
        bias = tensors[f"{layer.bias}{QUANTISED}"]
        _replace(bias, numpy_helper.to_array(bias) + np.round(correction / step))
    return network


def layers_of(exact: Any) -> list[Layer]:
    """The convolutions and matrix products of an `onnx.ModelProto` in float32.

    Raises:
        WeightsError: one is of a kind that no backbone of ours has.
    """
    from onnx import helper, numpy_helper

    values = {tensor.name: tensor for tensor in exact.graph.initializer}
    layers = []
    for node in exact.graph.node:
        if node.op_type not in ("Conv", "Gemm"):
            continue
        settings = {"group": 1, "transB": int(node.op_type == "Conv"), "dilations": [1, 1]}
        settings |= {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}
        weights = numpy_helper.to_array(values[node.input[1]])
        kernel = weights.shape[-1] if node.op_type == "Conv" else 1
        depthwise = settings["group"] > 1
        usual = settings["group"] in (1, len(weights)) and settings["dilations"] == [1, 1]
        if len(node.input) != 3 or settings["transB"] != 1 or not usual:
            raise WeightsError(f"{node.name}: wanted a bias, rows for outputs, one or all groups")
        rows = weights.reshape(len(weights), -1)
        size = rows.shape[1] + 1
        layers.append(
            Layer(
                name=node.input[1],
                bias=node.input[2],
                source=node.input[0],
                weights=rows,
                kernel=kernel,
                stride=settings.get("strides", [1])[0],
                padding=tuple(settings.get("pads", (0, 0, 0, 0))),
                depthwise=depthwise,
                moments=np.zeros((len(rows) if depthwise else 1, size, size)),
            )
        )
    return layers


def _observe(exact: Any, layers: list[Layer], inputs: list[FloatArray]) -> None:
    """Run the network in float32 and let each layer see its inputs."""
    import onnx
    import onnxruntime

    names = sorted({layer.source for layer in layers} - {INPUT_NAME})
    watched = onnx.ModelProto()
    watched.CopyFrom(exact)
    watched.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names
    )
    session = onnxruntime.InferenceSession(
        watched.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    random = np.random.default_rng(0)
    for batch in inputs:
        said = dict(zip(names, session.run(names, {INPUT_NAME: batch}), strict=True))
        for layer in layers:
            layer.observe(batch if layer.source == INPUT_NAME else said[layer.source], random)


def _replace(tensor: Any, values: Doubles) -> None:
    """Give an `onnx.TensorProto` other values; its shape and type stay."""
    from onnx import numpy_helper

    before = numpy_helper.to_array(tensor)
    after = values.reshape(before.shape).astype(before.dtype)
    tensor.CopyFrom(numpy_helper.from_array(after, tensor.name))
