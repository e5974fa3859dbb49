"""The network of the face parser that teaches the hair network: BiSeNet on a ResNet-18.

Yu et al., "BiSeNet: Bilateral Segmentation Network for Real-time Semantic Segmentation", ECCV 2018,
arXiv 1808.00897; with ResNet's features in place of the spatial path. The modules have the names of
the published weights (zllrunning/face-parsing.PyTorch, MIT).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

CLASSES = 19


class _Convolution(nn.Module):
    def __init__(self, inputs: int, outputs: int, size: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=False)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)))


class _Block(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample: nn.Module | None = None
        if stride != 1:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        changed = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(changed + (x if self.downsample is None else self.downsample(x)))


class _ResNet18(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        widths = (64, 64, 128, 256, 512)
        for number in range(1, 5):
            inputs, outputs = widths[number - 1], widths[number]
            blocks = [_Block(inputs, outputs, 1 if number == 1 else 2), _Block(outputs, outputs, 1)]
            setattr(self, f"layer{number}", nn.Sequential(*blocks))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Features at an eighth, a sixteenth and a thirty-second of the resolution."""
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        features = [x := getattr(self, f"layer{number}")(x) for number in range(1, 5)]
        return features[1:]


class _Attention(nn.Module):
    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = _Convolution(inputs, outputs)
        self.conv_atten = nn.Conv2d(outputs, outputs, 1, bias=False)
        self.bn_atten = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return x * torch.sigmoid(self.bn_atten(self.conv_atten(x.mean((2, 3), keepdim=True))))


class _ContextPath(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.resnet = _ResNet18()
        self.arm16, self.arm32 = _Attention(256, 128), _Attention(512, 128)
        self.conv_head32, self.conv_head16 = _Convolution(128, 128), _Convolution(128, 128)
        self.conv_avg = _Convolution(512, 128, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        feature8, feature16, feature32 = self.resnet(x)
        x = self.arm32(feature32) + self.conv_avg(feature32.mean((2, 3), keepdim=True))
        x = self.conv_head32(F.interpolate(x, feature16.shape[2:]))
        x = self.conv_head16(F.interpolate(self.arm16(feature16) + x, feature8.shape[2:]))
        return feature8, x


class _Fusion(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.convblk = _Convolution(256, 256, 1)
        self.conv1 = nn.Conv2d(256, 64, 1, bias=False)
        self.conv2 = nn.Conv2d(64, 256, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.convblk(x)
        attention = self.conv2(F.relu(self.conv1(x.mean((2, 3), keepdim=True))))
        return x + x * torch.sigmoid(attention)


class _Head(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = _Convolution(256, 256)
        self.conv_out = nn.Conv2d(256, CLASSES, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv_out(self.conv(x))


class BiSeNet(nn.Module):
    """Maps normalised pictures (B, 3, H, W) to log odds (B, 19, H, W)."""

    def __init__(self) -> None:
        super().__init__()
        self.cp, self.ffm, self.conv_out = _ContextPath(), _Fusion(), _Head()

    def forward(self, pictures: Tensor) -> Tensor:
        fused = self.ffm(torch.cat(self.cp(pictures), dim=1))
        odds = self.conv_out(fused)
        return F.interpolate(odds, pictures.shape[2:], mode="bilinear", align_corners=True)
