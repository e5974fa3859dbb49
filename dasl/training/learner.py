"""The trained module: the network, run once or twice over a batch, and its auxiliary head."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dasl.geometry.crop import CROP_SIZE
from dasl.head.landmarks import IBUG_POINTS
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.config import network_input
from dasl.network.landmark_map import draw_landmark_map


@dataclass(frozen=True, eq=False)
class Passes:
    """The network's predictions in training; raw vectors are whitened coefficients, float32.

    Attributes:
        first: (B, N) from the given map.
        second: (B, N) from the map drawn from the first prediction, or None.
        direct_crop: (B, 68, 2) the auxiliary head's landmarks in the first pass, crop pixels, or
            None.
    """

    first: Tensor
    second: Tensor | None
    direct_crop: Tensor | None


class Learner(nn.Module):
    """A network with its training-only parts, in one module: one call, one backward pass.

    Attributes:
        network: the network that is exported.
        direct: regresses landmarks from the network's features; None without that loss.
    """

    def __init__(
        self,
        network: CoefficientNetwork,
        map_points: Callable[[Tensor], Tensor],
        second_pass: bool,
        direct_landmarks: bool,
        bfloat16: bool,
        frozen_batch_norm: bool,
    ) -> None:
        """Combine the parts.

        Args:
            network: the network.
            map_points: from (B, N) raw predictions to the (B, 18, 2) points of the second map.
            second_pass: whether to run one; no gradient flows through the drawing of its map.
            direct_landmarks: whether there is the auxiliary head.
            bfloat16: run the network, never the geometry, in bfloat16 autocast.
            frozen_batch_norm: keep the statistics of batch normalisation.
        """
        super().__init__()
        self.network = network
        self.direct = (
            nn.Linear(network.feature_count, 2 * IBUG_POINTS) if direct_landmarks else None
        )
        if self.direct is not None:
            nn.init.normal_(self.direct.weight, std=0.01)
            nn.init.zeros_(self.direct.bias)
        self._map_points = map_points
        self._second_pass = second_pass
        self._bfloat16 = bfloat16
        self._frozen_batch_norm = frozen_batch_norm

    def train(self, mode: bool = True) -> "Learner":
        """Set the mode; frozen batch statistics stay frozen."""
        super().train(mode)
        if mode and self._frozen_batch_norm:
            for module in self.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        return self

    def forward(self, images: Tensor, maps: Tensor) -> Passes:
        """Predict once, or twice.

        Args:
            images: (B, 3, 120, 120) 0..255.
            maps: (B, 1, 120, 120) landmark maps.
        """
        first, direct = self._predict(images, maps)
        second = None
        if self._second_pass:
            points = self._map_points(first.detach())
            second, _ = self._predict(images, draw_landmark_map(points))
        return Passes(first, second, direct)

    def _predict(self, images: Tensor, maps: Tensor) -> tuple[Tensor, Tensor | None]:
        inputs = network_input(images, maps)
        if self._channels_last():
            inputs = inputs.contiguous(memory_format=torch.channels_last)
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=self._bfloat16):
            features = self.network.features(inputs)
        # A coefficient is a sum of many features; in bfloat16 it would lose too much precision.
        features = features.float()
        raw = self.network.regressor(self.network.dropout(features))
        direct = None if self.direct is None else self.direct(features)
        if direct is not None:
            half = CROP_SIZE / 2  # outputs of about 1 reach from the centre to the border
            direct = direct.view(-1, IBUG_POINTS, 2) * half + (half - 0.5)
        return raw, direct

    def _channels_last(self) -> bool:
        first = next(p for p in self.network.parameters() if p.ndim == 4)
        return first.is_contiguous(memory_format=torch.channels_last)
