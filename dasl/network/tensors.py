"""A network as named tensors, as stored in weights folders and used by ONNX Runtime; no torch."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from dasl.arrays import Array, FloatArray, array_namespace
from dasl.errors import HasShape, WeightsError
from dasl.geometry.coefficients import Whitening
from dasl.network.config import NetworkConfig

LITE0_EPSILON = 1e-3
"""Epsilon of EfficientNet-Lite0's batch norms: TensorFlow's, as its weights were trained."""
TORCH_EPSILON = 1e-5
"""Epsilon of all other batch norms."""
COUNTER = "num_batches_tracked"
"""Name suffix of batch norms' counters, which are neither stored nor read."""
HASH_DIGITS = 12
_SHOWN = 5  # tensors named in one message


@dataclass(frozen=True, eq=False)
class StoredNetwork:
    """The tensors of a network, without the code that runs it.

    Attributes:
        config: what the network is built from.
        tensors: by the names of `CoefficientNetwork`, float32.
    """

    config: NetworkConfig
    tensors: Mapping[str, FloatArray]

    @property
    def whitening(self) -> Whitening:
        """The whitening of the network's output."""
        return Whitening(self.tensors["whitening_mean"], self.tensors["whitening_std"])


def weights_hash(network: StoredNetwork) -> str:
    """First digits of a sha256 over a network's configuration and tensors, independent of the file.

    Args:
        network: as stored, not mapped: mapping to another head rounds differently across machines.
    """
    digest = hashlib.sha256(repr(sorted(asdict(network.config).items())).encode())
    for name, tensor in sorted(network.tensors.items()):
        digest.update(f"{name} {tensor.shape}".encode())
        digest.update(tensor.tobytes())
    return digest.hexdigest()[:HASH_DIGITS]


def folded_tensors(tensors: Mapping[str, Array], config: NetworkConfig) -> dict[str, Array]:
    """Fold each batch norm into the preceding convolution.

    Equation: norm(W x) = (g / s) W x + (b - g m / s), s = sqrt(var + eps).

    Args:
        tensors: by name; convolutions have no bias.
        config: of their network.
    """
    folded = dict(tensors)
    for name in tensors:
        norm, _, last = name.rpartition(".")
        if last != "running_mean":
            continue
        parts = ("weight", "bias", "running_mean", "running_var")
        gain, bias, mean, variance = (folded.pop(f"{norm}.{part}") for part in parts)
        factor = gain / (variance + _epsilon(norm, config)) ** 0.5
        convolution = _convolution_before(norm)
        kernel = folded[f"{convolution}.weight"]
        folded[f"{convolution}.weight"] = kernel * factor[:, None, None, None]
        folded[f"{convolution}.bias"] = bias - mean * factor
    return folded


def _epsilon(norm: str, config: NetworkConfig) -> float:
    is_lite0 = config.backbone == "efficientnet_lite0" and norm.startswith("backbone.")
    return LITE0_EPSILON if is_lite0 else TORCH_EPSILON


def _convolution_before(norm: str) -> str:
    """Name of a norm's convolution: `stem.0` for `stem.1`, `conv2` for `bn2`."""
    module, _, last = norm.rpartition(".")
    before = last.replace("bn", "conv") if last.startswith("bn") else str(int(last) - 1)
    return f"{module}.{before}"


def check_tensors(name: str, tensors: Mapping[str, Array], wanted: Mapping[str, HasShape]) -> None:
    """Raise unless `tensors` match `wanted` in names and shapes and are finite.

    Args:
        name: of the file, for error messages.
        tensors: by name, of any floating-point type; batch counters are ignored.
        wanted: by name; only their shapes are read.

    Raises:
        WeightsError: naming each tensor (the first few) with what was got and wanted.
    """
    faults = [f"tensor {tensor_name} is missing" for tensor_name in wanted.keys() - tensors.keys()]
    for tensor_name, tensor in tensors.items():
        if tensor_name.endswith(COUNTER):
            continue
        got, fault = tuple(tensor.shape), ""
        if tensor_name not in wanted:
            fault = f"{got} is not expected"
        elif got != tuple(wanted[tensor_name].shape):
            fault = f"is {got}, wanted {tuple(wanted[tensor_name].shape)}"
        elif not array_namespace(tensor).isdtype(tensor.dtype, "real floating"):
            fault = f"is {tensor.dtype}, wanted a floating-point type"
        elif not bool(array_namespace(tensor).all(array_namespace(tensor).isfinite(tensor))):
            fault = "has values that are not finite"
        if fault:
            faults.append(f"tensor {tensor_name} {fault}")
    if faults:
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise WeightsError(f"{name}: {'; '.join(sorted(faults)[:_SHOWN])}{more}")
