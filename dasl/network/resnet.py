"""ResNet-50: the backbone of the 2DASL paper.

Source: K. He et al., arXiv 1512.03385, table 1; the stride is in the 3x3 convolution, as in the
weights that torchvision publishes. The layers have torchvision's names, so that its state dict
loads from a local file without conversion.
"""

from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor, nn

from dasl.errors import WeightsError

STAGE_WIDTHS = (64, 128, 256, 512)
STAGE_REPEATS = (3, 4, 6, 3)
EXPANSION = 4
"""Output channels of a stage divided by those of its 3x3 convolutions."""


class Bottleneck(nn.Module):
    """1x1 reduce, 3x3, 1x1 expand, added to the input."""

    def __init__(self, inputs: int, width: int, stride: int, momentum: float) -> None:
        """Build one block from `inputs` channels to 4 * width."""
        super().__init__()
        outputs = width * EXPANSION
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width, momentum=momentum)
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width, momentum=momentum)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs, momentum=momentum)
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False),
                nn.BatchNorm2d(outputs, momentum=momentum),
            )

    def forward(self, features: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, 4 * width, H / stride, W / stride)."""
        result = self.relu(self.bn1(self.conv1(features)))
        result = self.relu(self.bn2(self.conv2(result)))
        result = self.bn3(self.conv3(result))
        summed: Tensor = self.relu(result + self.downsample(features))
        return summed


class ResNet50(nn.Module):
    """The backbone: (B, C, H, W) images to (B, 2048, H / 32, W / 32) features.

    Attributes:
        channels: 2048, the channels of the result.
    """

    channels = STAGE_WIDTHS[-1] * EXPANSION

    def __init__(self, input_channels: int = 3, batch_norm_momentum: float = 0.1) -> None:
        """Build the backbone with random weights.

        Args:
            input_channels: 3 for published ImageNet weights.
            batch_norm_momentum: weight of the newest batch in the running statistics.
        """
        super().__init__()
        momentum = batch_norm_momentum
        self.conv1 = nn.Conv2d(input_channels, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64, momentum=momentum)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        inputs = 64
        for number, (width, repeats) in enumerate(zip(STAGE_WIDTHS, STAGE_REPEATS, strict=True), 1):
            blocks: list[nn.Module] = []
            for repeat in range(repeats):
                stride = 2 if repeat == 0 and number > 1 else 1
                blocks.append(Bottleneck(inputs, width, stride, momentum))
                inputs = width * EXPANSION
            self.add_module(f"layer{number}", nn.Sequential(*blocks))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: Tensor) -> Tensor:
        """Map (B, C, H, W) images, RGB as (x - 127.5) / 128, to (B, 2048, H / 32, W / 32)."""
        features = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        for number in range(1, len(STAGE_WIDTHS) + 1):
            features = self.get_submodule(f"layer{number}")(features)
        return features


def imagenet_state(path: Path) -> dict[str, Tensor]:
    """Read a torchvision ResNet-50 state dict from the user's own file.

    Args:
        path: a .pth file with torchvision's names; only tensors are unpickled.

    Returns:
        The backbone's state for `input_channels=3`, without the classifier.

    Raises:
        WeightsError: the file is missing or is not a dict of named tensors.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, UnpicklingError) as error:
        raise WeightsError(f"{path}: cannot read a ResNet-50 state dict ({error})") from error
    if not isinstance(state, dict) or not all(isinstance(v, Tensor) for v in state.values()):
        raise WeightsError(f"{path}: got {type(state).__name__}, wanted a dict of named tensors")
    return {name: tensor for name, tensor in state.items() if not name.startswith("fc.")}
