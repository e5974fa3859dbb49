"""The network in ONNX: exported for others, and run by ONNX Runtime here.

Two files must not disagree, and 14 MB of float32 tensors need not be shipped twice. So the
graph that lies beside the weights (`graph.onnx`) holds the computation alone: the names and
shapes of its tensors, without their values. `OnnxNetwork` hands it the tensors of a loaded network,
with batch norms folded. A graph therefore fits every set of weights of its architecture, and is
remade only when the architecture changes. `export_onnx` writes a usual, complete file.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dasl.atomic_files import replacing
from dasl.errors import WeightsError, check_shape
from dasl.geometry.crop import CROP_SIZE
from dasl.head.versions import HEAD_ID_KEY
from dasl.network.coefficient_network import (
    INPUT_CHANNELS,
    CoefficientNetwork,
    NetworkConfig,
    fold_batch_norm,
)

OPSET = 18
INPUT_NAME = "images"
OUTPUT_NAME = "raw"
CONFIG_KEY = "dasl_network"
"""Metadata of a file: the JSON of the `NetworkConfig` it was made for."""

LARGEST_DIFFERENCE = 2.0e-4
"""Between torch and an exported file, in whitened units: thousandths of a crop pixel."""

# Where a graph says its tensors are; they are handed over instead, and this is never opened.
_ELSEWHERE = "tensors-are-handed-over"
_EXTERNAL = 1  # onnx.TensorProto.EXTERNAL


class OnnxNetwork:
    """A `CoefficientNetwork` run by ONNX Runtime on the CPU.

    Call it with (B, 4, 120, 120) float32 images, as for `CoefficientNetwork.forward`; it
    gives (B, 9 + K + E) float32. Calls from several threads at once are allowed.
    """

    def __init__(self, network: CoefficientNetwork, graph: bytes, threads: int = 1) -> None:
        """Start a session.

        Args:
            network: its tensors are copied.
            graph: from `export_graph`, made for the same configuration.
            threads: how many ONNX Runtime uses for one call; 0 lets it choose.

        Raises:
            WeightsError: the graph is damaged or was made for another configuration.
        """
        import onnxruntime

        self._output_count = network.config.output_count
        self._tensors = folded_tensors(network)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Spinning threads win microseconds and take the cores from whatever runs beside.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        values = {
            name: onnxruntime.OrtValue.ortvalue_from_numpy(tensor)
            for name, tensor in self._tensors.items()
        }
        options.add_external_initializers(list(values), list(values.values()))
        try:
            self._session = onnxruntime.InferenceSession(
                graph, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the runtime's errors share no other base
            raise WeightsError(
                f"the ONNX graph does not fit the network ({error}); remake it with export_graph"
            ) from error
        found = self._session.get_modelmeta().custom_metadata_map.get(CONFIG_KEY)
        if found != _config_json(network.config):
            raise WeightsError(
                f"the ONNX graph was made for {found}, wanted {_config_json(network.config)}; "
                "remake it with export_graph"
            )

    def __call__(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Regress whitened coefficients.

        Args:
            images: (B, 4, 120, 120) float32.

        Returns:
            (B, 9 + K + E) float32.

        Raises:
            ShapeError: images have another shape.
        """
        check_shape("images", images, None, INPUT_CHANNELS, CROP_SIZE, CROP_SIZE)
        feed = {INPUT_NAME: np.ascontiguousarray(images, dtype=np.float32)}
        (raw,) = self._session.run([OUTPUT_NAME], feed)
        return np.asarray(raw, dtype=np.float32)


def export_graph(config: NetworkConfig) -> bytes:
    """Make the graph without tensors that `OnnxNetwork` takes.

    Args:
        config: of the network; its weights do not matter.

    Returns:
        The bytes of `graph.onnx`.

    Raises:
        WeightsError: the exporter's packages are missing, or the graph does not give what torch
            gives.
    """
    network = _random_network(config)
    model = _exported(network)
    names = set(folded_tensors(network))
    for tensor in model.graph.initializer:
        if tensor.name not in names:
            continue  # a constant of the computation, such as a shape: it stays inside
        tensor.ClearField("raw_data")
        tensor.data_location = _EXTERNAL
        tensor.external_data.add(key="location", value=_ELSEWHERE)
    graph: bytes = model.SerializeToString()
    difference = _difference(network, OnnxNetwork(network, graph))
    _check_difference("the ONNX graph", difference)
    return graph


def export_onnx(network: CoefficientNetwork, path: Path, graph: bytes | None = None) -> float:
    """Write one complete ONNX file for use outside this package.

    Input `images` (batch, 4, 120, 120) float32; output `raw` (batch, 9 + K + E), whitened. The
    metadata holds what is needed to de-whiten it, `whitening_mean` and `whitening_std`, and the
    head that the coefficients belong to, `head_id`.

    Args:
        network: not changed.
        path: the .onnx file; written under a temporary name first.
        graph: from `export_graph`; where it was made for the same configuration it is filled with
            the tensors, which saves tracing the network.

    Returns:
        The largest difference from torch over random images, in whitened units.

    Raises:
        WeightsError: the exporter's packages are missing, the file cannot be written, or it does
            not give what torch gives; then nothing is left behind.
    """
    import onnxruntime

    model = (None if graph is None else _filled(graph, network)) or _exported(network)
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
    """Build a network none of whose vectors are all zero: the exporter drops adding zeros."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = CoefficientNetwork(config)
        for parameter in network.parameters():
            if parameter.ndim == 1:
                torch.nn.init.uniform_(parameter, 0.5, 1.5)
    return network.eval()


def _config_json(config: NetworkConfig) -> str:
    shaping = asdict(config)
    for shapeless in ("dropout", "batch_norm_momentum", "head_id"):
        del shaping[shapeless]
    return json.dumps(shaping, sort_keys=True)


def folded_tensors(network: CoefficientNetwork) -> dict[str, NDArray[np.float32]]:
    """The tensors that a graph of `export_graph` is filled with, by name; batch norms folded."""
    parameters = fold_batch_norm(network).named_parameters()
    return {n: p.detach().float().cpu().contiguous().numpy() for n, p in parameters}


def _filled(graph: bytes, network: CoefficientNetwork) -> Any | None:
    """The `onnx.ModelProto` of a graph, with the tensors; None where the graph is another's."""
    _require_exporter()
    import onnx
    from google.protobuf.message import DecodeError

    try:
        model = onnx.load_model_from_string(graph)
    except DecodeError:
        return None
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    if metadata.get(CONFIG_KEY) != _config_json(network.config):
        return None
    tensors = folded_tensors(network)
    for tensor in model.graph.initializer:
        if tensor.data_location != _EXTERNAL:
            continue
        if tensor.name not in tensors:
            return None  # of an earlier version, which named them otherwise
        tensor.ClearField("external_data")
        tensor.ClearField("data_location")
        tensor.raw_data = tensors[tensor.name].tobytes()
    return model


def _exported(network: CoefficientNetwork) -> Any:
    """Export a folded copy to an `onnx.ModelProto` whose initializers bear the torch names."""
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
    for node in model.graph.node:  # stack traces of the machine that exported
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output):
        value.ClearField("metadata_props")
    model.metadata_props.add(key=CONFIG_KEY, value=_config_json(network.config))
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
