"""Random appearance of a batch: occluders, colour, blur, low resolution, noise.

Images are (B, 3, 120, 120) float32 in 0..255 throughout; inputs may be overwritten where a
docstring says so, because copies of a whole batch are what costs time on a CPU.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from dasl.training.config import AugmentConfig
from dasl.training.random_draws import chance, normal, some, uniform

LUMA = (0.299, 0.587, 0.114)
"""ITU-R BT.601 weights of red, green and blue in grey."""

BLUR_RADIUS_PX = 4


def occlude(images: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Cover parts of some images with turned rectangles or ellipses; overwrites `images`.

    The cover is flat colour, coarse noise, or the same place of another image of the batch.
    """
    source = images.clone() if config.occluder_count and config.occluder_share else images
    for _ in range(config.occluder_count):
        rows = some(len(images), config.occluder_share, generator)
        if len(rows) == 0:
            break
        mask = _occluder_mask(len(rows), images.shape[-1], config, generator)
        fill = _occluder_fill(source, rows, generator)
        images[rows] = torch.where(mask[:, None], fill, images[rows])
    return images


def _occluder_mask(
    count: int, side: int, config: AugmentConfig, generator: torch.Generator
) -> Tensor:
    """(count, side, side) bool, one rectangle or ellipse each."""
    pixels = torch.arange(side, dtype=torch.float32, device=generator.device)
    centre = uniform((count, 2), 0.0, side - 1.0, generator)
    half = uniform((count, 2), *config.occluder_size_px, generator) / 2
    angle = uniform((count,), 0.0, math.pi, generator)
    x = pixels[None, None, :] - centre[:, 0, None, None]
    y = pixels[None, :, None] - centre[:, 1, None, None]
    cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None]
    u = (x * cos + y * sin) / half[:, 0, None, None]
    v = (y * cos - x * sin) / half[:, 1, None, None]
    ellipse = u.square() + v.square() <= 1.0
    rectangle = torch.maximum(u.abs(), v.abs()) <= 1.0
    return torch.where(chance(count, 0.5, generator)[:, None, None], ellipse, rectangle)


def _occluder_fill(source: Tensor, rows: Tensor, generator: torch.Generator) -> Tensor:
    """(R, 3, side, side) what covers each row: colour, coarse noise or another image."""
    count, side = len(rows), source.shape[-1]
    colour = uniform((count, 3, 1, 1), 0.0, 255.0, generator)
    coarse = uniform((count, 3, 15, 15), -90.0, 90.0, generator)
    noise = colour + F.interpolate(coarse, size=(side, side), mode="nearest")
    other = source[(rows + len(source) // 2) % len(source)]
    kind = uniform((count, 1, 1, 1), 0.0, 3.0, generator)
    fill = torch.where(kind < 1.0, colour.expand_as(other), noise.clamp(0.0, 255.0))
    return torch.where(kind < 2.0, fill, other)


def change_appearance(images: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Blur, low resolution, colour and noise, as a camera would; may overwrite `images`."""
    rows = some(len(images), config.blur_share, generator)
    if len(rows):
        images[rows] = blur(images[rows], config.blur_sigma_px, generator)
    rows = some(len(images), config.low_resolution_share, generator)
    if len(rows):
        images[rows] = lower_resolution(images[rows], config.low_resolution_px, generator)
    images = change_colour(images, config, generator)
    rows = some(len(images), config.noise_share, generator)
    if len(rows):
        sigma = uniform((len(rows), 1, 1, 1), *config.noise_sigma, generator)
        images[rows] += normal((len(rows), *images.shape[1:]), generator) * sigma
    return images.clamp_(0.0, 255.0)


def change_colour(images: Tensor, config: AugmentConfig, generator: torch.Generator) -> Tensor:
    """Brightness, contrast, saturation and white balance as one 3x4 matrix, then a tone curve.

    The curve x + t x (1 - x), x in 0..1, stands in for gamma: it brightens or darkens the middle,
    keeps black and white, and costs a tenth of a power.
    """
    count = len(images)
    luma = images.new_tensor(LUMA)
    saturation = 1.0 + uniform((count,), -1.0, 1.0, generator) * config.saturation
    saturation[some(count, config.grey_share, generator)] = 0.0
    keep = torch.eye(3, device=images.device) * saturation[:, None, None]
    matrix = keep + (1.0 - saturation)[:, None, None] * luma.expand(3, 3)
    gain = 1.0 + uniform((count, 3), -1.0, 1.0, generator) * config.channel_gain
    contrast = 1.0 + uniform((count, 1), -1.0, 1.0, generator) * config.contrast
    brightness = uniform((count, 1), -1.0, 1.0, generator) * config.brightness
    gain = gain * contrast
    offset = (127.5 * (1.0 - contrast + brightness)).expand(count, 3)
    flat = images.flatten(2)
    changed = torch.baddbmm(offset[..., None], gain[..., None] * matrix, flat).clamp_(0.0, 255.0)
    tone = uniform((count, 1, 1), -1.0, 1.0, generator) * config.tone
    return (changed * ((1.0 + tone) - changed * (tone / 255.0))).view_as(images)


def blur(images: Tensor, sigma_px: tuple[float, float], generator: torch.Generator) -> Tensor:
    """Gaussian blur whose spread differs along and across a random direction (motion)."""
    count, channels, height, width = images.shape
    steps = torch.arange(-BLUR_RADIUS_PX, BLUR_RADIUS_PX + 1, device=images.device)
    y, x = (axis.float() for axis in torch.meshgrid(steps, steps, indexing="ij"))
    angle = uniform((count, 1, 1), 0.0, math.pi, generator)
    sigma = uniform((count, 2, 1, 1), *sigma_px, generator)
    along, across = angle.cos() * x + angle.sin() * y, angle.cos() * y - angle.sin() * x
    kernel = torch.exp(-0.5 * ((along / sigma[:, 0]) ** 2 + (across / sigma[:, 1]) ** 2))
    kernel = kernel / kernel.sum(dim=(1, 2), keepdim=True)
    padded = F.pad(images, (BLUR_RADIUS_PX,) * 4, mode="replicate")
    stacked = padded.flatten(0, 1)[None]
    weight = kernel[:, None].repeat_interleave(channels, dim=0)
    blurred = F.conv2d(stacked, weight, groups=count * channels)
    return blurred.view(count, channels, height, width)


def lower_resolution(
    images: Tensor, side_px: tuple[int, int], generator: torch.Generator
) -> Tensor:
    """Reduce to fewer pixels by averaging, then enlarge again; one side for the whole batch."""
    side = round(uniform((1,), *side_px, generator).item())
    small = F.interpolate(images, size=(side, side), mode="area")
    return F.interpolate(small, size=images.shape[-2:], mode="bilinear", align_corners=False)
