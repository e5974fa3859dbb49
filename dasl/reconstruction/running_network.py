"""Choice of the inference library: ONNX Runtime on the CPU, torch on GPUs or without a graph.

Torch is imported only to run the network or to look for a GPU.
"""

import importlib.util
import runpy
from pathlib import Path
from typing import TYPE_CHECKING

from dasl.errors import WeightsError
from dasl.head.morphable_model import MorphableModel
from dasl.network.config import NetworkConfig
from dasl.network.onnx import OnnxNetwork, Precision
from dasl.network.tensors import StoredNetwork
from dasl.reconstruction.regressor import RunningNetwork
from dasl.weights.folder import load_graph, load_int8

if TYPE_CHECKING:
    from dasl.network.coefficient_network import CoefficientNetwork

CPU = "cpu"
INSTALL_TORCH = "pip install 'dasl[torch]', or use weights with a graph.onnx for this head on a CPU"


def running_network(
    network: "CoefficientNetwork | StoredNetwork",
    graph: bytes | None,
    device: str,
    precision: Precision = "float32",
) -> RunningNetwork:
    """Prepare a network for inference.

    Args:
        network: in torch, or as stored.
        graph: bytes of its `graph.onnx`, used on the CPU only.
        device: "cpu", or a torch device.
        precision: of the graph.

    Raises:
        WeightsError: the graph does not fit the network, int8 without a graph or on another device,
            or torch is needed but not installed.
    """
    if precision == "int8" and (graph is None or device != CPU):
        raise WeightsError(
            f"int8 runs on the CPU, with weights for this head; wanted device={CPU!r}, got "
            f"{device!r}; use float32 instead"
        )
    if graph is not None and device == CPU:
        stored = network if isinstance(network, StoredNetwork) else network.stored()
        return OnnxNetwork(stored, graph, precision=precision)
    _need_torch(f"running the network on {device} without an ONNX graph for it")
    from dasl.network.coefficient_network import network_from_stored
    from dasl.network.torch_network import TorchNetwork

    if isinstance(network, StoredNetwork):
        network = network_from_stored(network, "the weights")
    return TorchNetwork(network, device)


def graph_for(
    folder: Path, stored: StoredNetwork | None, device: str, precision: Precision | None
) -> tuple[bytes | None, Precision]:
    """Choose a graph of a weights folder.

    Args:
        folder: of the weights.
        stored: its network; None if the graphs do not fit the wanted head.
        device: where the network is to run.
        precision: None takes int8 on a CPU if there is a file made of these weights.

    Returns:
        The graph, None if there is none that fits, and its precision.

    Raises:
        WeightsError: int8 is asked for and missing, or a file cannot be read.
    """
    if stored is None:
        return None, precision or "float32"
    if precision is None and device == CPU and (small := load_int8(folder, stored)) is not None:
        return small, "int8"
    precision = precision or "float32"
    return load_graph(folder, precision), precision


def check_head(config: NetworkConfig, model: MorphableModel) -> None:
    """Check that a network predicts the coefficients of this head model.

    Raises:
        WeightsError: it belongs to another head.
    """
    wanted = NetworkConfig.of_head(model)
    for name in ("head_id", "identity_count", "expression_count"):
        if getattr(config, name) != getattr(wanted, name):
            raise WeightsError(
                f"the weights have {name} {getattr(config, name)}, the head model has "
                f"{getattr(wanted, name)}; load them for it: "
                "load_weights(..., head_id=model.head_id)"
            )


def network_for(
    head_id: str, stored: StoredNetwork, name: str
) -> "CoefficientNetwork | StoredNetwork":
    """The stored network if it predicts for this head, otherwise a copy mapped to it.

    Args:
        head_id: the wanted head.
        stored: any network.
        name: of the weights, for error messages.

    Raises:
        WeightsError: there is no map from its head, or torch is needed but not installed.
    """
    if stored.config.head_id == head_id:
        return stored
    _need_torch(f"mapping {name} from head {stored.config.head_id}")
    from dasl.network.coefficient_network import network_from_stored
    from dasl.weights.mapped import network_on_head

    return network_on_head(network_from_stored(stored, name), head_id, name)


def best_device() -> str:
    """A GPU if torch finds one, else the CPU; a CPU-only build of torch is not imported."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return CPU
    version = Path(spec.origin).with_name("version.py")
    build = runpy.run_path(str(version)) if version.exists() else {"cuda": "unknown"}
    if not (build.get("cuda") or build.get("hip")):
        return CPU
    import torch

    return "cuda" if torch.cuda.is_available() else CPU


def _need_torch(what: str) -> None:
    if importlib.util.find_spec("torch") is None:
        raise WeightsError(f"{what} needs torch, which is not installed; {INSTALL_TORCH}")
