"""Inference with torch: on photos without an ONNX graph, and on sets of crops."""

import numpy as np
import torch
from torch import Tensor

from dasl.arrays import FloatArray
from dasl.geometry.coefficients import Coefficients
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.coefficient_network import CoefficientNetwork, fold_batch_norm
from dasl.network.config import network_input
from dasl.network.passes import Predict


class TorchNetwork:
    """Runs a `CoefficientNetwork` with torch on any device; same interface as `OnnxNetwork`.

    Attributes:
        config, whitening: of the network.
        callers: 1, since torch itself shares a batch among all cores.
    """

    callers = 1

    def __init__(self, network: CoefficientNetwork, device: torch.device | str = "cpu") -> None:
        """Fold the batch norms and copy the network to the device."""
        stored = network.stored()
        self.config, self.whitening = stored.config, stored.whitening
        self._device = torch.device(device)
        self._network = fold_batch_norm(network).float().to(self._device)

    @property
    def for_callers(self) -> "TorchNetwork":
        """The network itself."""
        return self

    @torch.no_grad()
    def __call__(self, images: FloatArray) -> FloatArray:
        """(B, 4, 120, 120) float32 to (B, 9 + K + E) float32, whitened."""
        raw = self._network(torch.from_numpy(np.ascontiguousarray(images)).to(self._device))
        answers: FloatArray = raw.float().cpu().numpy()
        return answers


def predictor_of(network: CoefficientNetwork, bfloat16: bool = False) -> Predict:
    """Wrap a torch network for `dasl.network.passes`; the network must be in eval mode."""

    def predict(images: Tensor, maps: Tensor) -> Coefficients:
        with torch.autocast(images.device.type, torch.bfloat16, enabled=bfloat16):
            inputs = network_input(images, maps)
            # Channels last: convolutions are twice as fast on a CPU.
            raw = network(inputs.contiguous(memory_format=torch.channels_last))
        return network.coefficients(raw.float())

    return predict


@torch.no_grad()
def predict_landmarks(
    network: CoefficientNetwork,
    images: Tensor,
    maps: Tensor,
    model: MorphableModel,
) -> Tensor:
    """Predict the 68 landmarks.

    Args:
        network: in eval mode.
        images: (B, 3, 120, 120) uint8 or float, 0..255.
        maps: (B, 1, 120, 120) landmark maps.
        model: head model.

    Returns:
        (B, 68, 3) crop frame, pixels.
    """
    return landmarks68_image(model, predictor_of(network)(images, maps))
