"""Converts the colours of photos to sRGB, which all further processing assumes."""

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

from dasl.photo.code_points import CodePoints
from dasl.photo.transfer import srgb_table

SPACES = {"RGB": "RGB", "L": "GRAY", "CMYK": "CMYK"}
"""Pillow's modes, and the ICC names of their profiles' colour spaces."""

_SAME = 1
"""A profile that changes colours by at most this, of 255, counts as sRGB."""
_STEPS = np.linspace(0, 255, 17).round().astype(np.uint8)


def in_srgb(
    photo: Image.Image, profile: bytes | None, codes: CodePoints | None = None
) -> Image.Image:
    """An RGB image in sRGB.

    Args:
        photo: of any mode without transparency that Pillow converts to RGB.
        profile: its ICC profile. If it is damaged, or made for another colour mode, it is ignored,
            as in viewers.
        codes: its code points; they replace the profile.

    Raises:
        ValueError: the mode cannot be converted.
    """
    if codes is not None:
        return _by_codes(photo.convert("RGB"), codes)
    base = photo if photo.mode in SPACES else photo.convert("RGB")
    transform = _transform(profile, base.mode) if profile else None
    if transform is None:
        return base.convert("RGB")
    converted = ImageCms.applyTransform(base, transform)
    assert converted is not None  # None only for in-place conversion
    return converted


def _by_codes(photo: Image.Image, codes: CodePoints) -> Image.Image:
    """The sRGB image of a photo with these code points."""
    if not codes.is_full_range:
        photo = photo.point([round(max(0.0, value - 16) * 255 / 219) for value in range(256)] * 3)
    table = srgb_table(codes.transfer, codes.primaries)
    return photo if table is None else photo.filter(table)


@lru_cache(maxsize=8)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Transform from a profile to sRGB; None if none is needed or possible."""
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != SPACES[mode]:
            return None
        target = ImageCms.createProfile("sRGB")
        intent = ImageCms.Intent.PERCEPTUAL
        transform = ImageCms.buildTransform(source, target, mode, "RGB", renderingIntent=intent)
        return None if _is_neutral(transform, mode) else transform
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None


def _is_neutral(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """Whether a transform hardly changes colours; pixels are then kept exactly."""
    if mode == "CMYK":
        return False
    axes = [_STEPS] * len(Image.new(mode, (1, 1)).getbands())
    colours = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(1, -1, len(axes))
    asked = Image.fromarray(colours if len(axes) > 1 else colours[..., 0])
    got = ImageCms.applyTransform(asked, transform)
    assert got is not None
    difference = np.asarray(got).astype(int) - np.asarray(asked.convert("RGB"))
    return bool(np.abs(difference).max() <= _SAME)
