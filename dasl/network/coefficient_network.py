"""The coefficient network: maps a crop and its landmark map to whitened coefficients.

For a 120x120 crop either backbone ends in a 4x4 feature map. Average pooling alone discards where
in the crop a feature was, but translation and landmarks depend on it. The regressor's input is
therefore the pooled features concatenated with a copy of the 4x4 map that has fewer channels.
"""

import copy
import itertools
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dasl.errors import ConfigError, WeightsError, check_shape
from dasl.geometry.coefficients import Coefficients, Whitening, decode
from dasl.geometry.crop import CROP_SIZE
from dasl.network import efficientnet_lite, resnet
from dasl.network.config import INPUT_CHANNELS, Backbone, NetworkConfig
from dasl.network.efficientnet_lite import EfficientNetLite0
from dasl.network.resnet import ResNet50
from dasl.network.tensors import COUNTER, StoredNetwork, check_tensors, folded_tensors

_GRID_CHANNELS = 64  # channels of the 4x4 copy: 64 * 16 = 1024 values next to 1280 pooled ones
_GRID_SIZE = CROP_SIZE // 32 + 1
_REGRESSOR_SPREAD = 0.01  # initial output near zero, which de-whitens to the mean face


class CoefficientNetwork(nn.Module):
    """Regresses whitened 3DMM coefficients from a crop with its landmark map.

    Attributes:
        config: the configuration it was built from.
        feature_count: length of the vector that `features` returns (input of the critic).
        whitening_mean, whitening_std: (9 + K + E,) float32 buffers, saved with the weights:
            coefficients = raw * std + mean.
    """

    whitening_mean: Tensor
    whitening_std: Tensor

    def __init__(self, config: NetworkConfig) -> None:
        """Build the network with random weights and an identity whitening."""
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
        """Compute one feature vector per crop: pooled features, then the 4x4 copy.

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
                [-1, 1]; made by `network_input`.

        Returns:
            (B, 9 + K + E) whitened: rotation6d (6), log-scale, translation (2), identity (K),
            expression (E).
        """
        raw: Tensor = self.regressor(self.dropout(self.features(images)))
        return raw

    def coefficients(self, raw: Tensor) -> Coefficients:
        """De-whiten and split the output of `forward` into pose, identity and expression.

        Args:
            raw: (B, 9 + K + E), output of `forward` or of the ONNX session.

        Returns:
            Coefficients whose pose maps the model frame to the crop.

        Raises:
            ShapeError: raw has another length.
        """
        check_shape("raw", raw, None, self.config.output_count)
        whitening = Whitening(self.whitening_mean, self.whitening_std)
        return decode(raw, whitening, self.config.identity_count)

    def stored(self) -> StoredNetwork:
        """The network's tensors as float32 NumPy arrays."""
        tensors = trained_tensors(self).items()
        return StoredNetwork(self.config, {n: t.detach().float().cpu().numpy() for n, t in tensors})

    @torch.no_grad()
    def set_whitening(self, mean: Tensor, std: Tensor) -> None:
        """Set the statistics that whiten the coefficients.

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


def load_imagenet_backbone(network: CoefficientNetwork, path: Path | None = None) -> None:
    """Initialise the backbone with ImageNet weights.

    The first convolution keeps its RGB weights and gets zero weights for the landmark map. The map
    has no effect at the start, so the backbone behaves as on ImageNet. The zero weights still
    learn from the first step, since their gradient depends on the map and not on the weights.

    Args:
        network: changed in place.
        path: for EfficientNet-Lite0, None uses the installed package. ResNet-50 needs a local file
            with torchvision's state dict; no package provides it.

    Raises:
        WeightsError: the weights are not available, or do not fit the backbone.
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
        state[first] = F.pad(state[first], (0, 0, 0, 0, 0, 1))  # one more input channel
    check_tensors(str(path or "ImageNet weights"), state, trained_tensors(backbone))
    backbone.load_state_dict(state, strict=False)  # batch counters may be missing


def network_from_stored(stored: StoredNetwork, name: str) -> CoefficientNetwork:
    """Build the network from stored tensors: float32 on the CPU, in eval mode.

    Args:
        stored: its tensors.
        name: of their file, for error messages.

    Raises:
        WeightsError: a tensor is missing, unexpected or of another shape.
    """
    # Random weights, replaced below, take 40 ms; the device "meta" would import sympy, taking 1 s.
    with torch.random.fork_rng(devices=[]):
        network = CoefficientNetwork(stored.config)
    wanted = trained_tensors(network)
    check_tensors(name, stored.tensors, wanted)
    state = {each: torch.from_numpy(stored.tensors[each]) for each in wanted}
    for each, buffer in network.named_buffers():
        if each not in state:  # a batch counter, which is not stored
            state[each] = torch.zeros_like(buffer, device="cpu")
    network.load_state_dict(state, strict=True, assign=True)
    return network.eval()


def trained_tensors(module: nn.Module) -> dict[str, Tensor]:
    """The state of a module, without batch counters.

    Returns:
        Tensors by name. Batch norm uses its counter of batches only if it has no momentum; ours
        always has one.
    """
    state = module.state_dict()
    return {n: tensor for n, tensor in state.items() if not n.endswith(COUNTER)}


@torch.no_grad()
def fold_batch_norm(network: CoefficientNetwork) -> CoefficientNetwork:
    """Copy a network for inference, with each batch norm folded into its convolution.

    Args:
        network: not changed; its running statistics are used in either mode.

    Returns:
        A copy in eval mode, equal to the network in eval mode up to float32 rounding.
    """
    folded = copy.deepcopy(network).eval()
    for module in list(folded.modules()):
        children = list(module.named_children())
        for (_, convolution), (norm_name, norm) in itertools.pairwise(children):
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                convolution.bias = nn.Parameter(
                    convolution.weight.new_zeros(convolution.out_channels)
                )
                module.add_module(norm_name, nn.Identity())
    folded.load_state_dict(folded_tensors(trained_tensors(network), network.config))
    return folded


def _build_backbone(config: NetworkConfig) -> EfficientNetLite0 | ResNet50:
    kinds: dict[Backbone, type[EfficientNetLite0 | ResNet50]] = {
        "efficientnet_lite0": EfficientNetLite0,
        "resnet50": ResNet50,
    }
    return kinds[config.backbone](INPUT_CHANNELS, config.batch_norm_momentum)
