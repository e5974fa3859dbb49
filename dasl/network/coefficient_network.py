"""The coefficient network: a crop and its landmark map in, whitened coefficients out.

A 120x120 crop leaves a 4x4 map at the end of either backbone. Average pooling alone forgets where
in the crop a feature was, which the translation and every landmark depend on; so the regressor
sees the pooled features next to a narrow copy of the 4x4 map that keeps its layout.
"""

import copy
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from dasl.errors import ConfigError, WeightsError, check_shape
from dasl.geometry.coefficients import POSE_COUNT, Coefficients, Whitening, decode
from dasl.geometry.crop import CROP_SIZE
from dasl.head.morphable_model import MorphableModel
from dasl.head.versions import HEAD_1
from dasl.network import efficientnet_lite, resnet
from dasl.network.efficientnet_lite import EfficientNetLite0
from dasl.network.resnet import ResNet50

INPUT_CHANNELS = 4
"""Red, green, blue, landmark map."""

BACKBONES = {"efficientnet_lite0": EfficientNetLite0, "resnet50": ResNet50}

_GRID_CHANNELS = 64  # width of the 4x4 copy: 64 * 16 = 1024 numbers next to 1280 pooled ones
_GRID_SIZE = CROP_SIZE // 32 + 1
_SHOWN = 5  # tensors named in one message
_REGRESSOR_SPREAD = 0.01  # starts near zero output, which de-whitens to the mean face


@dataclass(frozen=True)
class NetworkConfig:
    """What defines the network's tensors and their shapes.

    Attributes:
        identity_count: K, identity coefficients of the head model.
        expression_count: E, expression coefficients of the head model.
        head_id: of that head model; absent means head 1 (`dasl.head.versions`).
        backbone: one of `BACKBONES`.
        dropout: share of the features dropped while training; 0 by default because dropping
            shifts the scale that a regression depends on.
        batch_norm_momentum: weight of the newest batch in the running statistics; TensorFlow's
            slow 0.01, because two-pass steps mix the statistics of blank and drawn maps.

    Raises:
        ConfigError: a value is out of range or the backbone unknown.
    """

    identity_count: int
    expression_count: int
    backbone: str = "efficientnet_lite0"
    dropout: float = 0.0
    batch_norm_momentum: float = 0.01
    head_id: str = HEAD_1

    def __post_init__(self) -> None:
        """Check the values."""
        if self.backbone not in BACKBONES:
            raise ConfigError(f"backbone is {self.backbone!r}, wanted one of {tuple(BACKBONES)}")
        for name in ("identity_count", "expression_count"):
            count = getattr(self, name)
            if type(count) is not int or count < 0:
                raise ConfigError(f"{name} is {count!r}, wanted a whole number >= 0")
        if not isinstance(self.head_id, str):
            raise ConfigError(f"head_id is {self.head_id!r}, wanted the id of a head model")
        if not 0.0 <= self.dropout < 1.0:
            raise ConfigError(f"dropout is {self.dropout!r}, wanted 0 <= dropout < 1")
        momentum = self.batch_norm_momentum
        if not 0.0 < momentum <= 1.0:
            raise ConfigError(f"batch_norm_momentum is {momentum!r}, wanted 0 < momentum <= 1")

    @property
    def output_count(self) -> int:
        """Length of the network's output, 9 + K + E."""
        return POSE_COUNT + self.identity_count + self.expression_count

    @classmethod
    def of_head(cls, model: MorphableModel, **settings: Any) -> "NetworkConfig":
        """The configuration of a network that answers for a head model."""
        return cls(model.identity_count, model.expression_count, head_id=model.head_id, **settings)


class CoefficientNetwork(nn.Module):
    """Regresses whitened 3DMM coefficients from a crop with its landmark map.

    Attributes:
        config: what it was built from.
        feature_count: length of the vector that `features` gives (a critic reads it).
        whitening_mean, whitening_std: (9 + K + E,) float32 buffers, saved with the weights:
            coefficients = raw * std + mean.
    """

    whitening_mean: Tensor
    whitening_std: Tensor

    def __init__(self, config: NetworkConfig) -> None:
        """Build the network with random weights and a whitening that changes nothing."""
        super().__init__()
        self.config = config
        self.backbone = _build_backbone(config)
        channels = self.backbone.channels
        self.grid = nn.Sequential(
            nn.Conv2d(channels, _GRID_CHANNELS, 1, bias=False),
            nn.BatchNorm2d(_GRID_CHANNELS, momentum=config.batch_norm_momentum),
            nn.ReLU(inplace=True),
        )
        self.feature_count = channels + _GRID_CHANNELS * _GRID_SIZE**2
        self.dropout = nn.Dropout(config.dropout)
        self.regressor = nn.Linear(self.feature_count, config.output_count)
        nn.init.normal_(self.regressor.weight, std=_REGRESSOR_SPREAD)
        nn.init.zeros_(self.regressor.bias)
        self.register_buffer("whitening_mean", torch.zeros(config.output_count))
        self.register_buffer("whitening_std", torch.ones(config.output_count))

    def features(self, images: Tensor) -> Tensor:
        """Describe each crop by one vector: pooled features, then the 4x4 copy.

        Args:
            images: (B, 4, 120, 120), as for `forward`.

        Returns:
            (B, feature_count).
        """
        grid = self.backbone(images)
        return torch.cat([grid.mean(dim=(2, 3)), self.grid(grid).flatten(1)], dim=1)

    def forward(self, images: Tensor) -> Tensor:
        """Regress whitened coefficients.

        Args:
            images: (B, 4, 120, 120) float: RGB as (x - 127.5) / 128, then the landmark map in
                [-1, 1]; `network_input` makes it.

        Returns:
            (B, 9 + K + E) whitened: rotation6d (6), log-scale, translation (2), identity (K),
            expression (E).
        """
        raw: Tensor = self.regressor(self.dropout(self.features(images)))
        return raw

    def coefficients(self, raw: Tensor) -> Coefficients:
        """De-whiten and split the output of `forward` into pose, identity and expression.

        Args:
            raw: (B, 9 + K + E), as `forward` (or the ONNX session) gives it.

        Returns:
            Coefficients whose pose maps the model frame to the crop.

        Raises:
            ShapeError: raw has another length.
        """
        check_shape("raw", raw, None, self.config.output_count)
        whitening = Whitening(self.whitening_mean, self.whitening_std)
        return decode(raw, whitening, self.config.identity_count)

    @torch.no_grad()
    def set_whitening(self, mean: Tensor, std: Tensor) -> None:
        """Store the statistics that whiten the coefficients.

        Args:
            mean: (9 + K + E,) of the coefficients over the training labels.
            std: (9 + K + E,), > 0.

        Raises:
            ShapeError: either has another length.
            ConfigError: a std is not positive, or a value not finite.
        """
        for name, values in (("mean", mean), ("std", std)):
            check_shape(name, values, self.config.output_count)
            if not bool(torch.isfinite(values).all()):
                raise ConfigError(f"whitening {name} holds a value that is not finite")
        if not bool((std > 0).all()):
            raise ConfigError(f"whitening std has a minimum of {std.min().item():g}, wanted > 0")
        self.whitening_mean.copy_(mean)
        self.whitening_std.copy_(std)


def network_input(rgb: Tensor, maps: Tensor) -> Tensor:
    """Put crops and landmark maps together as the network wants them.

    Args:
        rgb: (B, 3, 120, 120) uint8, or float on the same scale 0..255.
        maps: (B, 1, 120, 120) float in [-1, 1], from `dasl.network.landmark_map`.

    Returns:
        (B, 4, 120, 120) float32: RGB as (x - 127.5) / 128, then the map.

    Raises:
        ShapeError: either input has another shape.
    """
    check_shape("rgb", rgb, None, 3, CROP_SIZE, CROP_SIZE, hint="channels come second")
    check_shape("maps", maps, rgb.shape[0], 1, CROP_SIZE, CROP_SIZE)
    return torch.cat([(rgb.float() - 127.5) / 128.0, maps.float()], dim=1)


def load_imagenet_backbone(network: CoefficientNetwork, path: Path | None = None) -> None:
    """Start the backbone from ImageNet weights.

    The first convolution keeps its RGB weights and gets zeros for the map: at the start the map
    changes nothing, so the backbone works as it did on ImageNet, and the zeros learn at once
    because their gradient depends on the map and not on themselves.

    Args:
        network: changed in place.
        path: EfficientNet-Lite0: None for the installed package. ResNet-50: torchvision's state
            dict in a local file; there is none to install.

    Raises:
        WeightsError: no such weights here, or they do not fit the backbone.
    """
    backbone = network.backbone
    if isinstance(backbone, EfficientNetLite0):
        first, (state, _) = "stem.0.weight", efficientnet_lite.imagenet_state(path)
    elif path is not None:
        first, state = "conv1.weight", resnet.imagenet_state(path)
    else:
        raise WeightsError(
            "resnet50 has no installed ImageNet weights; name a local file with torchvision's "
            "state dict, or train from random weights"
        )
    if first in state and state[first].ndim == 4:
        state[first] = F.pad(state[first], (0, 0, 0, 0, 0, 1))  # one input channel more
    check_tensors(str(path or "ImageNet weights"), state, trained_tensors(backbone))
    backbone.load_state_dict(state, strict=False)  # what may lack are counters of batches


def trained_tensors(module: nn.Module) -> dict[str, Tensor]:
    """Name the tensors that make a module what it is.

    Returns:
        Its state without the counters of batches seen, which batch norm reads only where it has
        no momentum; ours always has one.
    """
    state = module.state_dict()
    return {n: tensor for n, tensor in state.items() if not n.endswith("num_batches_tracked")}


def check_tensors(name: str, tensors: dict[str, Tensor], wanted: dict[str, Tensor]) -> None:
    """Raise unless `tensors` can stand for `wanted`: same names and shapes, finite numbers.

    Args:
        name: of the file; it opens the message.
        tensors: by name, of any floating-point type; counters of batches are ignored.
        wanted: by name; only their shapes are read.

    Raises:
        WeightsError: naming each tensor (the first few) with what was got and wanted.
    """
    faults = [f"tensor {tensor_name} is missing" for tensor_name in wanted.keys() - tensors.keys()]
    for tensor_name, tensor in tensors.items():
        if tensor_name.endswith("num_batches_tracked"):
            continue
        got, fault = tuple(tensor.shape), ""
        if tensor_name not in wanted:
            fault = f"{got} is not expected"
        elif tensor.shape != wanted[tensor_name].shape:
            fault = f"is {got}, wanted {tuple(wanted[tensor_name].shape)}"
        elif not tensor.is_floating_point():
            fault = f"is {tensor.dtype}, wanted a floating-point type"
        elif not bool(torch.isfinite(tensor).all()):
            fault = "has values that are not finite"
        if fault:
            faults.append(f"tensor {tensor_name} {fault}")
    if faults:
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        raise WeightsError(f"{name}: {'; '.join(sorted(faults)[:_SHOWN])}{more}")


def fold_batch_norm(network: CoefficientNetwork) -> CoefficientNetwork:
    """Copy a network for inference with each batch norm folded into its convolution.

    Equation: norm(W x) = (g / s) W x + (b - g m / s), s = sqrt(var + eps). In both backbones a
    norm is registered right after the convolution it follows, which is how the pairs are found.

    Args:
        network: not changed; its running statistics are used, whatever its mode.

    Returns:
        A copy in eval mode, equal to the network in eval mode up to float32 rounding.
    """
    folded = copy.deepcopy(network).eval()
    for module in list(folded.modules()):
        children = list(module.named_children())
        for (name, convolution), (norm_name, norm) in itertools.pairwise(children):
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                module.add_module(name, fuse_conv_bn_eval(convolution, norm))
                module.add_module(norm_name, nn.Identity())
    return folded


def _build_backbone(config: NetworkConfig) -> EfficientNetLite0 | ResNet50:
    backbone = BACKBONES[config.backbone](INPUT_CHANNELS, config.batch_norm_momentum)
    return cast(EfficientNetLite0 | ResNet50, backbone)
