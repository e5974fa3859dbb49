"""Appearance augmentation of a batch: occluders, colour, blur, low resolution, noise.

All images are (B, 3, 120, 120) float32 in 0..255. Some functions overwrite their input, as their
docstrings state, because copying a whole batch is slow on a CPU.
"""

import math
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from dasl.training.augment.keyed_random import Draws, few_sizes
from dasl.training.config import AugmentConfig

LUMA = (0.299, 0.587, 0.114)
"""ITU-R BT.601 weights of red, green and blue in grey."""

BLUR_RADIUS_PX = 4


def occlude(images: Tensor, others: Tensor, config: AugmentConfig, draws: Draws) -> Tensor:
    """Cover parts of some images with rotated rectangles or ellipses; overwrites `images`.

    Args:
        images: (B, 3, S, S).
        others: (B, 3, S, S) of any numeric type: pictures to cut occluders from.
        config: number and size of the occluders.
        draws: of the B faces.
    """
    for number in range(config.occluder_count):
        name = f"occluder {number}"
        rows = draws.some(name, config.occluder_share)
        if len(rows):
            chosen = draws.rows(rows)
            mask = _occluder_mask(name, images.shape[-1], config, chosen)
            fill = _occluder_fill(name, others[rows].float(), chosen)
            images[rows] = torch.where(mask[:, None], fill, images[rows])
    return images


def _occluder_mask(name: str, side: int, config: AugmentConfig, draws: Draws) -> Tensor:
    """(R, side, side) bool, one rectangle or ellipse each."""
    pixels = torch.arange(side, dtype=torch.float32, device=draws.keys.device)
    centre = draws.uniform(f"{name} centre", (2,), 0.0, side - 1.0)
    half = draws.uniform(f"{name} size", (2,), *config.occluder_size_px) / 2
    angle = draws.uniform(f"{name} angle", (), 0.0, math.pi)
    x = pixels[None, None, :] - centre[:, 0, None, None]
    y = pixels[None, :, None] - centre[:, 1, None, None]
    cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None]
    u = (x * cos + y * sin) / half[:, 0, None, None]
    v = (y * cos - x * sin) / half[:, 1, None, None]
    ellipse = u.square() + v.square() <= 1.0
    rectangle = torch.maximum(u.abs(), v.abs()) <= 1.0
    return torch.where(draws.chance(f"{name} shape", 0.5)[:, None, None], ellipse, rectangle)


def _occluder_fill(name: str, others: Tensor, draws: Draws) -> Tensor:
    """(R, 3, side, side) content of the occluders: flat colour, coarse noise or another picture."""
    side = others.shape[-1]
    colour = draws.uniform(f"{name} colour", (3, 1, 1), 0.0, 255.0)
    coarse = draws.uniform(f"{name} noise", (3, 15, 15), -90.0, 90.0)
    noise = colour + F.interpolate(coarse, size=(side, side), mode="nearest")
    kind = draws.uniform(f"{name} kind", (1, 1, 1), 0.0, 3.0)
    fill = torch.where(kind < 1.0, colour.expand_as(others), noise.clamp(0.0, 255.0))
    return torch.where(kind < 2.0, fill, others)


def change_appearance(images: Tensor, config: AugmentConfig, draws: Draws) -> Tensor:
    """Blur, low resolution, colour and noise, as a camera would; may overwrite `images`."""
    rows = few_sizes(draws.some("blur", config.blur_share))
    if len(rows):
        images[rows] = blur(images[rows], config.blur_sigma_px, draws.rows(rows))
    rows = draws.some("low resolution", config.low_resolution_share)
    if len(rows):
        images[rows] = lower_resolution(images[rows], config.low_resolution_px, draws.rows(rows))
    images = change_colour(images, config, draws)
    rows = draws.some("noise", config.noise_share)
    if len(rows):
        chosen = draws.rows(rows)
        sigma = chosen.uniform("noise sigma", (1, 1, 1), *config.noise_sigma)
        images[rows] += chosen.normal("noise pixels", tuple(images.shape[1:])) * sigma
    return images.clamp_(0.0, 255.0)


def change_colour(images: Tensor, config: AugmentConfig, draws: Draws) -> Tensor:
    """Brightness, contrast, saturation and white balance as one 3x4 matrix, then a tone curve.

    The curve x + t x (1 - x), x in 0..1, approximates gamma: it brightens or darkens the midtones
    and keeps black and white, at a tenth of the cost of a power.
    """

    def around_zero(name: str, *shape: int) -> Tensor:
        return draws.uniform(name, shape, -1.0, 1.0)

    luma = images.new_tensor(LUMA)
    saturation = 1.0 + around_zero("saturation") * config.saturation
    saturation = saturation.masked_fill(draws.chance("grey", config.grey_share), 0.0)
    keep = torch.eye(3, device=images.device) * saturation[:, None, None]
    matrix = keep + (1.0 - saturation)[:, None, None] * luma.expand(3, 3)
    contrast = 1.0 + around_zero("contrast", 1) * config.contrast
    brightness = around_zero("brightness", 1) * config.brightness
    gain = (1.0 + around_zero("channel gain", 3) * config.channel_gain) * contrast
    offset = (127.5 * (1.0 - contrast + brightness)).expand(len(images), 3)
    flat = images.flatten(2)
    changed = torch.baddbmm(offset[..., None], gain[..., None] * matrix, flat).clamp_(0.0, 255.0)
    tone = around_zero("tone", 1, 1) * config.tone
    return (changed * ((1.0 + tone) - changed * (tone / 255.0))).view_as(images)


def blur(images: Tensor, sigma_px: tuple[float, float], draws: Draws) -> Tensor:
    """Gaussian blur whose spread differs along and across a random direction (motion)."""
    count, channels, height, width = images.shape
    steps = torch.arange(-BLUR_RADIUS_PX, BLUR_RADIUS_PX + 1, device=images.device)
    y, x = (axis.float() for axis in torch.meshgrid(steps, steps, indexing="ij"))
    angle = draws.uniform("blur angle", (1, 1), 0.0, math.pi)
    sigma = draws.uniform("blur sigma", (2, 1, 1), *sigma_px)
    along, across = angle.cos() * x + angle.sin() * y, angle.cos() * y - angle.sin() * x
    kernel = torch.exp(-0.5 * ((along / sigma[:, 0]) ** 2 + (across / sigma[:, 1]) ** 2))
    kernel = kernel / kernel.sum(dim=(1, 2), keepdim=True)
    padded = F.pad(images, (BLUR_RADIUS_PX,) * 4, mode="replicate")
    stacked = padded.flatten(0, 1)[None]
    weight = kernel[:, None].repeat_interleave(channels, dim=0)
    blurred = F.conv2d(stacked, weight, groups=count * channels)
    return blurred.view(count, channels, height, width)


def lower_resolution(images: Tensor, side_px: tuple[int, int], draws: Draws) -> Tensor:
    """Reduce each image to fewer pixels by averaging, then enlarge it again.

    Both steps are linear along rows and columns. One matrix for each side length does both, so
    every image of a batch can have its own side length.
    """
    low, high = side_px
    matrices = _resolution_matrices(images.shape[-1], low, high).to(images.device)
    matrix = matrices[draws.integers("low resolution side", high - low + 1)][:, None]
    return matrix @ images @ matrix.transpose(-1, -2)


@lru_cache(maxsize=8)
def _resolution_matrices(size: int, low: int, high: int) -> Tensor:
    """(high - low + 1, size, size): down to low, low + 1, ... pixels and back up."""
    unit = torch.eye(size)[None]
    return torch.cat(
        [
            F.interpolate(F.interpolate(unit, side, mode="area"), size, mode="linear")
            for side in range(low, high + 1)
        ]
    ).transpose(1, 2)
