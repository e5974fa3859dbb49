"""A network of 3DDFA_V2's size, with random weights, for `tools.benchmark_beside`.

3DDFA_V2 (Guo et al. 2020) regresses 62 coefficients with MobileNet v1 (Howard et al. 2017, table 1)
on crops of 120x120. Its time does not depend on the weights' values.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

INPUT, OUTPUT, OUTPUT_COUNT, SIDE = "images", "coefficients", 62, 120
STEM = 32
BLOCKS = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *[(512, 1)] * 5,
    *((1024, 2), (1024, 1)),
)
"""Channels and stride of each pair of a depthwise and a pointwise convolution."""
OPSET = 18


def mobilenet_v1(seed: int = 0) -> bytes:
    """An ONNX file: `images` (B, 3, 120, 120) float32 to `coefficients` (B, 62)."""
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(seed)
    nodes: list[Any] = []
    tensors: list[Any] = []

    def drawn(name: str, shape: tuple[int, ...]) -> str:
        fan_in = int(np.prod(shape[1:])) if len(shape) > 1 else shape[0]
        values: NDArray[np.float32] = random.normal(0, (2 / fan_in) ** 0.5, shape).astype("f4")
        tensors.append(numpy_helper.from_array(values, name))
        return name

    def convolved(
        source: str, inward: int, outward: int, size: int, stride: int, group: int
    ) -> str:
        name = f"conv{len(nodes)}"
        kernel = drawn(f"{name}.weight", (outward, inward // group, size, size))
        shape: dict[str, Any] = {"kernel_shape": [size] * 2, "pads": [size // 2] * 4}
        inputs = [source, kernel, drawn(f"{name}.bias", (outward,))]
        nodes.append(
            helper.make_node("Conv", inputs, [name], strides=[stride] * 2, group=group, **shape)
        )
        nodes.append(helper.make_node("Relu", [name], [f"{name}.relu"]))
        return f"{name}.relu"

    last, channels = convolved(INPUT, 3, STEM, 3, 2, 1), STEM
    for outward, stride in BLOCKS:
        last = convolved(last, channels, channels, 3, stride, channels)
        last, channels = convolved(last, channels, outward, 1, 1, 1), outward
    nodes.append(helper.make_node("GlobalAveragePool", [last], ["pooled"]))
    nodes.append(helper.make_node("Flatten", ["pooled"], ["features"]))
    linear = [
        drawn("linear.weight", (OUTPUT_COUNT, channels)),
        drawn("linear.bias", (OUTPUT_COUNT,)),
    ]
    nodes.append(helper.make_node("Gemm", ["features", *linear], [OUTPUT], transB=1))
    graph = helper.make_graph(
        nodes,
        "mobilenet_v1",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["batch", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", OUTPUT_COUNT])],
        tensors,
    )
    imports = [helper.make_opsetid("", OPSET)]
    content: bytes = helper.make_model(
        graph, opset_imports=imports, ir_version=8
    ).SerializeToString()
    return content
