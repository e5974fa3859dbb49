"""Inference with ONNX Runtime.

The graph beside the weights (`graph.onnx`) holds the computation only: names and shapes of its
tensors, but no values. So the two files cannot disagree, and 14 MB of float32 tensors are not
shipped twice. `OnnxNetwork` supplies the tensors of a weights folder, with batch norms folded. A
graph therefore fits all weights of its architecture, and has to be exported again only when the
architecture changes (`dasl.network.onnx_export`).

In int8 the graph comes from another file, which depends on the weights (`dasl.network.int8`).
"""

import json
import os
from copy import copy
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from dasl.errors import WeightsError, check_shape
from dasl.geometry.crop import CROP_SIZE
from dasl.network.config import INPUT_CHANNELS, NetworkConfig
from dasl.network.int8 import read_int8
from dasl.network.tensors import StoredNetwork, folded_tensors
from dasl.runtime.sessions import THREADS, session_options

if TYPE_CHECKING:
    import onnxruntime

INPUT_NAME = "images"
OUTPUT_NAME = "raw"
CONFIG_KEY = "dasl_network"
"""Metadata of a file: the JSON of the `NetworkConfig` it was made for."""
Precision = Literal["float32", "int8"]
PRECISIONS: tuple[Precision, ...] = ("float32", "int8")


class OnnxNetwork:
    """Runs a stored network with ONNX Runtime on the CPU.

    Call it with (B, 4, 120, 120) float32 images, as for `CoefficientNetwork.forward`; it
    returns (B, 9 + K + E) float32. Concurrent calls from several threads are allowed.

    Attributes:
        config, whitening: of the network.
        callers: how many threads it is worth calling at the same time.
    """

    def __init__(
        self,
        network: StoredNetwork,
        graph: bytes,
        threads: int = THREADS,
        precision: Precision = "float32",
    ) -> None:
        """Start a session.

        Args:
            network: its tensors.
            graph: from `export_graph`, made for the same configuration; for int8 the content of
                an int8 file, made from the same weights.
            threads: number that ONNX Runtime uses for one call; 0 lets it choose.
            precision: of the graph.

        Raises:
            WeightsError: the graph is damaged or was made for another configuration or other
                weights, or a tensor is missing, unexpected or of another shape.
        """
        try:
            self.config, self.whitening = network.config, network.whitening
            self.callers = os.cpu_count() or 1
            exact = weight_tensors(network)
        except KeyError as error:
            raise WeightsError(f"the weights lack the tensor {error}; fetch them again") from error
        self._tensors: dict[str, NDArray[Any]] = exact  # the session reads them while it lives
        if precision == "int8":
            graph, self._tensors = read_int8(graph, network, exact)
        self._graph, self._threads = graph, threads
        self._session = self._opened(threads)
        metadata = self._session.get_modelmeta().custom_metadata_map
        found = metadata.get(CONFIG_KEY)
        if found != config_json(network.config):
            raise WeightsError(
                f"the ONNX graph was made for {found}, wanted {config_json(network.config)}; "
                "remake it with export_graph"
            )

    @cached_property
    def for_callers(self) -> "OnnxNetwork":
        """The same network for `callers` calls at the same time: on one thread each."""
        if self._threads == 1 or self.callers == 1:
            return self
        other = copy(self)
        other._threads, other._session = 1, self._opened(1)
        return other

    def _opened(self, threads: int) -> "onnxruntime.InferenceSession":
        import onnxruntime

        options = session_options(threads)
        values = {
            name: onnxruntime.OrtValue.ortvalue_from_numpy(tensor)
            for name, tensor in self._tensors.items()
        }
        options.add_external_initializers(list(values), list(values.values()))
        try:
            return onnxruntime.InferenceSession(
                self._graph, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the runtime's errors have no other common base
            raise WeightsError(
                f"the ONNX graph does not fit the network ({error}); remake it with export_graph"
            ) from error

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
        images = np.ascontiguousarray(images, dtype=np.float32)
        (raw,) = self._session.run([OUTPUT_NAME], {INPUT_NAME: images})
        return np.asarray(raw, dtype=np.float32)


def weight_tensors(network: StoredNetwork) -> dict[str, NDArray[np.float32]]:
    """The tensors that a graph omits, by name: batch norms folded, without the whitening."""
    folded = folded_tensors(network.tensors, network.config)
    return {
        name: np.ascontiguousarray(tensor, dtype=np.float32)
        for name, tensor in folded.items()
        if not name.startswith("whitening_")
    }


def config_json(config: NetworkConfig) -> str:
    """JSON of the settings that affect the graph."""
    shaping = asdict(config)
    for shapeless in ("dropout", "batch_norm_momentum", "head_id"):
        del shaping[shapeless]
    return json.dumps(shaping, sort_keys=True)
