"""Export of the network to ONNX.

`export_onnx` writes a complete file for use outside this package. `export_graph` makes the graph
without tensors that is stored in weights folders (`dasl.network.onnx`).
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from dasl.atomic_files import replacing
from dasl.errors import WeightsError
from dasl.geometry.crop import CROP_SIZE
from dasl.head.versions import HEAD_ID_KEY
from dasl.network.coefficient_network import CoefficientNetwork, fold_batch_norm
from dasl.network.config import INPUT_CHANNELS, NetworkConfig
from dasl.network.int8 import GRAPH, QUANTISED, SCALE, WEIGHTS, nearest
from dasl.network.onnx import (
    CONFIG_KEY,
    INPUT_NAME,
    OUTPUT_NAME,
    OnnxNetwork,
    config_json,
    weight_tensors,
)
from dasl.network.tensors import StoredNetwork, weights_hash

OPSET = 18
LARGEST_DIFFERENCE = 2.0e-4
"""Largest allowed difference between torch and an exported file, whitened units: thousandths of a
crop pixel."""

# File name of the graph's external tensors; never opened, since the tensors are passed in memory.
_ELSEWHERE = "tensors-are-handed-over"
_EXTERNAL = 1  # onnx.TensorProto.EXTERNAL


def export_graph(config: NetworkConfig) -> bytes:
    """Make the graph without tensors that `OnnxNetwork` takes.

    Args:
        config: of the network; the graph does not depend on its weights.

    Returns:
        The bytes of `graph.onnx`.

    Raises:
        WeightsError: the exporter's packages are missing, or the graph's output differs from
            torch's.
    """
    network = _random_network(config)
    model = _exported(network)
    names = set(weight_tensors(network.stored()))
    for tensor in model.graph.initializer:
        if tensor.name not in names:
            continue  # a constant of the computation, such as a shape; stays in the graph
        _hand_over(tensor)
    graph: bytes = model.SerializeToString()
    difference = _difference(network, OnnxNetwork(network.stored(), graph))
    _check_difference("the ONNX graph", difference)
    return graph


def int8_bytes(model: Any, network: StoredNetwork) -> bytes:
    """The content of an int8 file, see `dasl.network.int8`.

    Args:
        model: the complete `onnx.ModelProto` in int8; its weights are removed.
        network: that it was made from.
    """
    from onnx import numpy_helper
    from safetensors.numpy import save

    exact = weight_tensors(network)
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    parts = {WEIGHTS: np.frombuffer(weights_hash(network).encode(), np.uint8)}
    for name in exact:
        if f"{name}{QUANTISED}" not in tensors or exact[name].ndim < 2:
            continue  # in float32, or a bias
        tensor = tensors[f"{name}{QUANTISED}"]
        scale = numpy_helper.to_array(tensors[f"{name}{SCALE}"])
        offset = numpy_helper.to_array(tensor) - nearest(exact[name], scale)
        parts |= {tensor.name: offset.astype(np.int8), f"{name}{SCALE}": scale}
        _hand_over(tensor)
    parts[GRAPH] = np.frombuffer(model.SerializeToString(), np.uint8)
    return bytes(save({name: np.ascontiguousarray(part) for name, part in parts.items()}))


def _hand_over(tensor: Any) -> None:
    """Remove the values of an `onnx.TensorProto`: the session gets them in memory."""
    tensor.ClearField("raw_data")
    tensor.data_location = _EXTERNAL
    tensor.external_data.add(key="location", value=_ELSEWHERE)


def export_onnx(network: CoefficientNetwork, path: Path, graph: bytes | None = None) -> float:
    """Write one complete ONNX file for use outside this package.

    Input `images` (batch, 4, 120, 120) float32; output `raw` (batch, 9 + K + E), whitened. The
    metadata holds `whitening_mean` and `whitening_std`, for de-whitening, and `head_id`, the head
    model of the coefficients.

    Args:
        network: not changed.
        path: the .onnx file; written under a temporary name first.
        graph: from `export_graph`; if made for the same configuration, it is filled with the
            tensors, which avoids tracing the network.

    Returns:
        The largest difference from torch over random images, in whitened units.

    Raises:
        WeightsError: the exporter's packages are missing, the file cannot be written, or its output
            differs from torch's; no partial file remains.
    """
    import onnxruntime

    filled = None if graph is None else filled_graph(graph, network.stored())
    model = filled or _exported(network)
    for name in ("whitening_mean", "whitening_std"):
        values = getattr(network, name).tolist()
        model.metadata_props.add(key=name, value=json.dumps(values))
    model.metadata_props.add(key=HEAD_ID_KEY, value=network.config.head_id)
    content: bytes = model.SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    difference = _difference(network, lambda x: session.run([OUTPUT_NAME], {INPUT_NAME: x})[0])
    _check_difference(str(path), difference)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise WeightsError(f"{path.parent}: cannot write {path.name} ({error})") from error
    return difference


def _random_network(config: NetworkConfig) -> CoefficientNetwork:
    """Build a network without all-zero vectors, since the exporter removes additions of zero."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = CoefficientNetwork(config)
        for parameter in network.parameters():
            if parameter.ndim == 1:
                torch.nn.init.uniform_(parameter, 0.5, 1.5)
    return network.eval()


def filled_graph(graph: bytes, network: StoredNetwork) -> Any | None:
    """The `onnx.ModelProto` of a graph, with the tensors; None if the graph does not fit."""
    _require_exporter()
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load_model_from_string(graph)
    except DecodeError:
        return None
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    if metadata.get(CONFIG_KEY) != config_json(network.config):
        return None
    tensors = weight_tensors(network)
    for tensor in model.graph.initializer:
        if tensor.data_location != _EXTERNAL:
            continue
        if tensor.name not in tensors:
            return None  # from an earlier version with other names
        tensor.ClearField("external_data")
        tensor.ClearField("data_location")
        tensor.raw_data = tensors[tensor.name].tobytes()
    return model


def _exported(network: CoefficientNetwork) -> Any:
    """Export a folded copy to an `onnx.ModelProto` whose initializers have the torch names."""
    _require_exporter()
    folded = fold_batch_norm(network).float().cpu()
    program = torch.onnx.export(
        folded,
        (torch.zeros(2, INPUT_CHANNELS, CROP_SIZE, CROP_SIZE),),
        input_names=[INPUT_NAME],
        output_names=[OUTPUT_NAME],
        opset_version=OPSET,
        dynamic_shapes={"images": {0: torch.export.Dim("batch")}},
        dynamo=True,
        verbose=False,
    )
    if program is None:
        raise WeightsError("torch.onnx.export gave no program")
    model = program.model_proto
    for node in model.graph.node:  # stack traces of the exporting machine
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output):
        value.ClearField("metadata_props")
    model.metadata_props.add(key=CONFIG_KEY, value=config_json(network.config))
    return model


def _require_exporter() -> None:
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise WeightsError(
            f"exporting to ONNX needs the package {error.name}; "
            'run `pip install -e ./dasl-eval -e ".[train]"`'
        ) from error


def _difference(network: CoefficientNetwork, run: Any) -> float:
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(3, INPUT_CHANNELS, CROP_SIZE, CROP_SIZE, generator=generator) * 2 - 1
    with torch.no_grad():
        wanted = fold_batch_norm(network).float().cpu()(images).numpy()
    return float(np.abs(run(images.numpy()) - wanted).max())


def _check_difference(name: str, difference: float) -> None:
    if not difference <= LARGEST_DIFFERENCE:
        raise WeightsError(
            f"{name} differs from torch by {difference:g} in whitened units, wanted at most "
            f"{LARGEST_DIFFERENCE:g}; do not use it"
        )
