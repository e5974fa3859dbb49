"""The cover network: a tiny convolutional network that predicts covered eyes and mouths.

The upright face, 60 x 60 pixels, passes through three strided convolutions and two linear layers:

    x1 = relu(conv5(x, stride 2)), x2 = relu(conv3(x1, stride 2)), x3 = relu(conv3(x2, stride 2))
    (eyes, mouth) = sigmoid(W1 relu(W0 x3 + b0) + b1)

Unlike the error head, it does not depend on the weights of the reconstruction network. It is
trained on real faces with synthetic covers (`dasl.network.cover_fit`) and runs in NumPy.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dasl.arrays import Array, like
from dasl.errors import check_shape
from dasl.geometry.crop import CROP_SIZE
from dasl.geometry.resample import affine
from dasl.geometry.similarity import transform_points
from dasl.network.passes import closer

Floats = NDArray[np.float32]

REGIONS = ("eyes", "mouth")
"""Face regions for which the network predicts whether they are covered."""
SIDE = 60
"""Side of the network's input, pixels."""
HALF = CROP_SIZE // SIDE
STRIDE = 2
GREY, CONTRAST = 128.0, 64.0
_MIDDLE = (HALF - 1) / 2  # of the pixels that one of the result covers, from the first


@dataclass(frozen=True, eq=False)
class CoverNetwork:
    """Maps upright faces to the probability that each of `REGIONS` is covered.

    Attributes:
        kernel1, kernel2, kernel3: (out, in, k, k) of the convolutions.
        bias1, bias2, bias3: (out,).
        hidden: (F, H); hidden_bias: (H,).
        out: (H, 2); out_bias: (2,).
    """

    kernel1: Floats
    bias1: Floats
    kernel2: Floats
    bias2: Floats
    kernel3: Floats
    bias3: Floats
    hidden: Floats
    hidden_bias: Floats
    out: Floats
    out_bias: Floats

    def __post_init__(self) -> None:
        """Check the shapes.

        Raises:
            ShapeError: the tensors' shapes disagree.
        """
        channels, side = 3, SIDE
        for number, (kernel, bias) in enumerate(self._convolutions(), start=1):
            check_shape(f"bias{number}", bias, "C")
            count, size = len(bias), kernel.shape[-1]
            check_shape(f"kernel{number}", kernel, count, channels, size, size)
            channels, side = count, -(-side // STRIDE)
        units = len(self.hidden_bias)
        check_shape("hidden", self.hidden, channels * side * side, units)
        check_shape("out", self.out, units, len(REGIONS))
        check_shape("out_bias", self.out_bias, len(REGIONS))

    def __call__(self, faces: NDArray[np.floating]) -> Floats:
        """Map `upright_faces` (B, 3, 60, 60) to probabilities (B, 2).

        Raises:
            ShapeError: the faces have another size.
        """
        check_shape("faces", faces, None, 3, SIDE, SIDE)
        seen = ((np.asarray(faces, np.float32) - GREY) / CONTRAST).astype(np.float32)
        for kernel, bias in self._convolutions():
            seen = np.maximum(_convolved(seen, kernel) + bias[:, None, None], 0.0)
        units = np.maximum(seen.reshape(len(seen), -1) @ self.hidden + self.hidden_bias, 0.0)
        odds = units @ self.out + self.out_bias
        probability: Floats = 1 / (1 + np.exp(-odds.clip(-30.0, 30.0)))
        return probability

    def _convolutions(self) -> tuple[tuple[Floats, Floats], ...]:
        return (
            (self.kernel1, self.bias1),
            (self.kernel2, self.bias2),
            (self.kernel3, self.bias3),
        )


def upright_faces(images: Array, landmarks_crop: Array, lean_rad: Array) -> Array:
    """Crop faces tightly and upright, as input of a `CoverNetwork`.

    Args:
        images: (B, 3, 120, 120) float32, 0..255.
        landmarks_crop: (B, 68, 2 or 3) pixels of these images.
        lean_rad: (B,) clockwise roll of the faces.

    Returns:
        (B, 3, 60, 60) float32.
    """
    # faster than a mean over two axes of a reshaped array
    halved = sum(images[..., y::HALF, x::HALF] for y in range(HALF) for x in range(HALF)) / HALF**2
    back = closer(landmarks_crop, 0.0, lean_rad).inverse()
    start = transform_points(like([[[_MIDDLE, _MIDDLE]]], images), back)[:, 0]
    return affine(halved, back.linear, (start - _MIDDLE) / HALF, SIDE)


def _convolved(images: Floats, kernel: Floats) -> Floats:
    """Strided convolution with zero padding: (B, C, S, S) to (B, O, S / 2, S / 2)."""
    size = kernel.shape[-1]
    edge, half = size // 2, -(-images.shape[-1] // STRIDE)
    padded = np.zeros(
        (*images.shape[:2], *(side + 2 * edge for side in images.shape[2:])), np.float32
    )
    padded[..., edge:-edge, edge:-edge] = images  # faster than np.pad
    # (B, C, k k, S / 2, S / 2): what each weight of the kernel meets
    met = np.stack(
        [
            padded[..., y::STRIDE, x::STRIDE][..., :half, :half]
            for y in range(size)
            for x in range(size)
        ],
        axis=2,
    )
    summed: Floats = kernel.reshape(len(kernel), -1) @ met.reshape(len(met), -1, half * half)
    return summed.reshape(len(met), -1, half, half)
