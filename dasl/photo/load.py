"""Loads photos of any kind as (H, W, 3) uint8 sRGB, or raises a `PhotoError` with advice."""

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from dasl.arrays import RgbImage
from dasl.errors import PhotoError
from dasl.photo.code_points import CodePoints, code_points
from dasl.photo.colours import in_srgb
from dasl.photo.files import MAX_PIXELS, MIN_SIDE, SHRINK, decoded, opened

PhotoSource = str | os.PathLike[str] | Image.Image | npt.NDArray[np.uint8]


def name_of(photo: PhotoSource) -> str:
    """A photo's name for messages."""
    return str(photo) if isinstance(photo, str | Path) else "the photo"


def load_photo(source: PhotoSource) -> RgbImage:
    """Read one photo as it is displayed.

    EXIF orientation and colours (ICC profile; cICP of PNG; nclx of AVIF and HEIC, HDR included)
    are applied to files and PIL images. Grey, palette, 1-bit, 16-bit and CMYK become 8-bit RGB.
    Transparency is composited on white, as in viewers; the colours of transparent pixels are
    arbitrary. Animated files give their first frame. A truncated JPEG is used, with a warning, if
    at least `dasl.photo.files.MIN_SHARE` of its rows are present.

    Args:
        source: path of a file or pipe; PIL image (left unchanged); or uint8 array, (H, W) grey,
            (H, W, 3) RGB or (H, W, 4) RGBA.

    Returns:
        (H, W, 3) uint8 RGB. Shares memory with `source` if that is already such an array.

    Raises:
        PhotoError: the file is missing, a folder, empty, truncated or not a photo, the photo is
            smaller than `MIN_SIDE` or larger than `MAX_PIXELS` (checked before decoding), or the
            array has another type or shape.

    Example:
        >>> load_photo(np.zeros((32, 48), np.uint8)).shape
        (32, 48, 3)
    """
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        return _from_pil(source, "the PIL image")
    if isinstance(source, (str, os.PathLike)):
        return _from_file(Path(source))
    raise PhotoError(
        f"a photo must be a path, a PIL image or a uint8 array, got {type(source).__name__}"
    )


def _from_file(path: Path) -> RgbImage:
    with opened(path) as photo:
        return _from_pil(photo, f"'{path}'")


def _from_pil(photo: Image.Image, name: str) -> RgbImage:
    _check_size(photo.width, photo.height, name)
    codes = code_points(photo)
    whole = decoded(photo, name)
    try:
        upright = ImageOps.exif_transpose(whole)
    except Exception:  # EXIF data is untrusted, too
        upright = whole
    try:
        return np.array(_rgb(upright, codes), dtype=np.uint8)
    except ValueError as error:
        raise PhotoError(
            f"{name} has pixels of the kind {upright.mode!r}; save it as 8-bit RGB ({error})"
        ) from error


def _rgb(photo: Image.Image, codes: CodePoints | None) -> Image.Image:
    profile = photo.info.get("icc_profile") if codes is None else None
    if photo.mode.startswith(("I", "F")):
        photo = _from_deep_grey(photo)
    if not photo.has_transparency_data:
        return in_srgb(photo, profile, codes)
    layered = photo.convert("RGBA")
    colours = in_srgb(photo.convert("L" if photo.mode == "LA" else "RGB"), profile, codes)
    colours.putalpha(layered.getchannel("A"))
    white = Image.new("RGBA", photo.size, "white")
    return Image.alpha_composite(white, colours).convert("RGB")


def _from_deep_grey(photo: Image.Image) -> Image.Image:
    values = np.asarray(photo)
    if values.dtype.kind == "f" or values.min() < 0 or values.max() > 65535:
        raise ValueError("more than 16 bits a pixel")
    # 257 maps 65535 to 255; Pillow's own conversion would clip everything above 255 to white.
    return Image.fromarray(np.round(values / 257.0).astype(np.uint8))


def _from_array(array: npt.NDArray[np.uint8]) -> RgbImage:
    if array.dtype != np.uint8:
        raise PhotoError(_wrong_dtype_text(array))
    is_grey = array.ndim == 2
    if not is_grey and (array.ndim != 3 or array.shape[2] not in (3, 4)):
        raise PhotoError(
            f"a photo array must be (H, W), (H, W, 3) or (H, W, 4), got {array.shape}; "
            "pass one photo, channels last"
        )
    _check_size(array.shape[1], array.shape[0], "the photo array")
    if not is_grey and array.shape[2] == 3:
        return np.ascontiguousarray(array)
    return _from_pil(Image.fromarray(np.ascontiguousarray(array)), "the photo array")


def _wrong_dtype_text(array: npt.NDArray[np.generic]) -> str:
    text = f"a photo array must be uint8 in 0..255, got {array.dtype}"
    if array.dtype.kind != "f":
        return f"{text}; scale it to 0..255 and call .astype(np.uint8)"
    if not np.isfinite(array).all():
        return f"{text} with NaN or infinite values; repair them, then convert to uint8"
    return f"{text}; for values in 0..1 pass (array * 255).round().astype(np.uint8)"


def _check_size(width: int, height: int, name: str) -> None:
    if min(width, height) < MIN_SIDE:
        raise PhotoError(
            f"{name} is {width}x{height} pixels; wanted at least {MIN_SIDE} on each side"
        )
    if width * height > MAX_PIXELS:
        raise PhotoError(f"{name} is {width}x{height} pixels; {SHRINK}")
