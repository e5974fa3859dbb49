"""The hair network in torch, and its export to ONNX."""

import io

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dasl.network.hair_parser import PARTS, PLANES, STEP
from tools.half_precision import in_half_precision

WIDTHS = (12, 16, 24, 40)
"""Channels at half, a quarter, an eighth and a sixteenth of the resolution."""
_DILATIONS = (1, 2, 4)
_OPSET = 18


class _Convolution(nn.Sequential):
    def __init__(self, inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> None:
        convolution = nn.Conv2d(
            inputs, outputs, 3, stride, padding=dilation, dilation=dilation, bias=False
        )
        super().__init__(convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class _Residual(nn.Module):
    def __init__(self, width: int, dilation: int = 1) -> None:
        super().__init__()
        self.first = _Convolution(width, width, dilation=dilation)
        self.second = nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.norm(self.second(self.first(x))))


class HairNetwork(nn.Module):
    """Maps planes (B, 9, H, W), sides multiples of 16, to log odds of `PARTS`, (B, 5, H, W)."""

    def __init__(self) -> None:
        super().__init__()
        w2, w4, w8, w16 = WIDTHS
        self.at2 = _Convolution(PLANES, w2, 2)
        self.at4 = nn.Sequential(_Convolution(w2, w4, 2), _Residual(w4))
        self.at8 = nn.Sequential(_Convolution(w4, w8, 2), _Residual(w8))
        around = [_Residual(w16, dilation) for dilation in _DILATIONS]
        self.at16 = nn.Sequential(_Convolution(w8, w16, 2), *around)
        self.back8, self.back4 = _Convolution(w16 + w8, w8), _Convolution(w8 + w4, w4)
        self.back2, self.odds = _Convolution(w4 + w2, w4), nn.Conv2d(w4, len(PARTS), 1)

    def forward(self, planes: Tensor) -> Tensor:
        x2 = self.at2(planes)
        x4 = self.at4(x2)
        x8 = self.at8(x4)
        x = self.back8(_joined(self.at16(x8), x8))
        x = self.back4(_joined(x, x4))
        x = self.odds(self.back2(_joined(x, x2)))
        return F.interpolate(x, planes.shape[2:], mode="bilinear", align_corners=False)


def _joined(small: Tensor, large: Tensor) -> Tensor:
    enlarged = F.interpolate(small, large.shape[2:], mode="bilinear", align_corners=False)
    return torch.cat([enlarged, large], dim=1)


def onnx_bytes(network: HairNetwork) -> bytes:
    """The network as an ONNX file for pictures of any size, with weights of 16 bits."""
    file = io.BytesIO()
    sizes = {2: "height", 3: "width"}
    torch.onnx.export(
        network.eval(),
        (torch.zeros(1, PLANES, 10 * STEP, 11 * STEP),),
        file,
        input_names=["planes"],
        output_names=["odds"],
        dynamic_axes={"planes": sizes, "odds": sizes},
        opset_version=_OPSET,
        dynamo=False,
    )
    return in_half_precision(file.getvalue())
