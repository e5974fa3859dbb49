"""Make the int8 network of a weights folder, and measure it on the validation split.

    python -m tools.quantise_network --root DIR                        # of the embedded weights
    python -m tools.quantise_network runs/lite0/weights --root DIR
    python -m tools.quantise_network --root DIR --limit 200 --keep     # measure only, fewer faces

Writes `int8.safetensors` beside the weights, the default on a CPU. Weights have 7 bits, so results
are the same on processors without VNNI, which would saturate with 8. They are rounded so that the
outputs change least (`tools.round_weights`). The activation ranges are calibrated on the inputs of
both passes over training faces. The error is measured at the hand-placed points of the validation
faces, as in training. The last line gives the root mean square and the largest difference between
the outputs, in standard deviations.
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from dasl.arrays import FloatArray
from dasl.datasets.conventions import without_offsets
from dasl.datasets.faces_2d import read_faces_2d
from dasl.datasets.handplaced import handplaced_nme, summarise
from dasl.errors import WeightsError
from dasl.geometry.coefficients import Coefficients, decode
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.config import network_input
from dasl.network.onnx import INPUT_NAME, OnnxNetwork
from dasl.network.onnx_export import filled_graph, int8_bytes
from dasl.network.passes import two_passes
from dasl.network.tensors import StoredNetwork
from dasl.weights.folder import EMBEDDED_FOLDER, INT8_FILE, load_graph, load_stored, write_files
from tools.data_root import parse, parser_with_root
from tools.round_weights import round_weights

CALIBRATION_FACES = 48
FLOAT_LAYERS = 3
"""So many convolutions, from the first, stay float32. This costs no measurable time, and outputs
are closer to those in float32 (docs/training_log.md)."""
FLOAT_OUTPUTS = ("Gemm",)
"""Operations whose outputs stay float32: in 8 bits, the coefficients would be rounded."""
BATCH = 16
TIMED_RUNS = 50


class Watched:
    """The network, with a record of its inputs and outputs."""

    def __init__(self, network: OnnxNetwork) -> None:
        """Start with an empty record."""
        self._network = network
        self.given: list[FloatArray] = []
        self.said: list[FloatArray] = []

    def predict(self, images: FloatArray, maps: FloatArray) -> Coefficients:
        """Predict and record, for `dasl.network.passes`."""
        self.given.append(network_input(images, maps))
        self.said.append(self._network(self.given[-1]))
        config, whitening = self._network.config, self._network.whitening
        return decode(self.said[-1], whitening, config.identity_count)


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("weights", type=Path, nargs="?", default=EMBEDDED_FOLDER)
    parser.add_argument("--limit", type=int, help="validation faces; default: all")
    parser.add_argument("--keep", action="store_true", help="measure the file that is there")
    options = parse(parser, arguments)
    model, (stored, _) = MorphableModel.load(), load_stored(options.weights)
    graph = load_graph(options.weights)
    if graph is None:
        raise WeightsError(f"{options.weights}: there is no graph.onnx; train or embed it again")
    exact = OnnxNetwork(stored, graph)
    if not options.keep:
        images = read_faces_2d(options.root, "train", CALIBRATION_FACES).images
        watched = Watched(exact)
        for batch in _batches(images):
            two_passes(watched.predict, batch, model)
        content = quantised(stored, graph, watched.given)
        write_files(options.weights, {INT8_FILE: content})
        print(f"{options.weights / INT8_FILE}  {len(content):,} bytes")
    small = OnnxNetwork(
        stored, load_graph(options.weights, precision="int8") or b"", precision="int8"
    )
    faces = without_offsets(
        read_faces_2d(options.root, "validation", options.limit), hand_placed=False
    )
    said = []
    for name, network in (("float32", exact), ("int8", small)):
        watched, points = Watched(network), []
        for batch in tqdm(list(_batches(faces.images)), desc=name, leave=False):
            points.append(
                landmarks68_image(model, two_passes(watched.predict, batch, model).result)
            )
        landmarks = torch.from_numpy(np.concatenate(points))
        nme = handplaced_nme(landmarks, faces.landmarks21_crop, faces.visible21)
        means = summarise(nme, faces.yaw_deg)
        shown = "  ".join(f"{bin_name} {100 * value:.3f}" for bin_name, value in means.items())
        print(f"{name:8s} error in percent: {shown}; {_milliseconds(network):.2f} ms a pass")
        said.append(np.concatenate(watched.said[::3]))  # first passes: the same input for both
    apart = np.abs(said[1] - said[0])
    print(f"outputs: {np.sqrt((apart**2).mean()):.3f} rms, {apart.max():.3f} at most")
    return 0


def quantised(network: StoredNetwork, graph: bytes, inputs: list[FloatArray]) -> bytes:
    """Quantise the network; returns the content of its int8 file.

    Args:
        network: the tensors.
        graph: the network's graph, without tensors.
        inputs: representative inputs for calibration, each (B, 4, 120, 120).

    Raises:
        WeightsError: the graph does not fit the network.
    """
    import onnx
    from onnxruntime import quantization

    class Inputs(quantization.CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._remaining = iter(inputs)

        def get_next(self) -> dict[str, FloatArray] | None:
            batch = next(self._remaining, None)
            return None if batch is None else {INPUT_NAME: batch}

    model = filled_graph(graph, network)
    if model is None:
        raise WeightsError("the graph does not fit the network; remake it with export_graph")
    layers = [node.name for node in model.graph.node if node.op_type == "Conv"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "int8.onnx"
        quantization.quantize_static(
            model,
            path,
            Inputs(),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8,
            nodes_to_exclude=layers[:FLOAT_LAYERS],
            extra_options={"OpTypesToExcludeOutputQuantization": list(FLOAT_OUTPUTS)},
        )
        # filled once more, since quantize_static has changed the model
        made = round_weights(onnx.load(path), filled_graph(graph, network), inputs)
    return int8_bytes(made, network)


def _batches(images: torch.Tensor) -> Iterator[FloatArray]:
    for start in range(0, len(images), BATCH):
        yield images[start : start + BATCH].numpy().astype(np.float32)


def _milliseconds(network: OnnxNetwork) -> float:
    """Shortest of `TIMED_RUNS` times of one pass on one face."""
    image, times = np.zeros((1, 4, 120, 120), np.float32), []
    for _ in range(TIMED_RUNS):
        start = time.perf_counter()
        network(image)
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


if __name__ == "__main__":
    raise SystemExit(main())
