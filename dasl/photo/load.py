"""Photos of any kind in, (H, W, 3) uint8 RGB out, or a `PhotoError` that says what to do.

Colours are taken as the file stores them: an embedded ICC profile is not applied.
"""

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

from dasl.arrays import RgbImage
from dasl.errors import HeicError, PhotoError

PhotoSource = str | os.PathLike[str] | Image.Image | npt.NDArray[np.uint8]

MIN_SIDE = 16
"""Shortest side of a photo, pixels: below it there is no face to measure."""

MAX_PIXELS = 80_000_000
"""Most pixels of a photo, below Pillow's own limit, so that no accepted photo makes it warn."""

FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM", "JPEG2000", "AVIF", "HEIF")
"""Pillow's names of the formats taken. EPS and the like, which start other programs, are not."""

_WANTED = "wanted a photo such as JPEG, PNG, WebP or TIFF"


def load_photo(source: PhotoSource) -> RgbImage:
    """Read one photo as it is meant to be seen.

    EXIF orientation is applied to files and PIL images. Grey, palette, 1-bit, 16-bit and CMYK
    become 8-bit RGB. Transparency is composited on white: that is what viewers show, whereas the
    colours under transparent pixels are arbitrary. Of an animated file the first frame is taken.

    Args:
        source: path of a file; PIL image (left unchanged); or uint8 array, (H, W) grey,
            (H, W, 3) RGB or (H, W, 4) RGBA.

    Returns:
        (H, W, 3) uint8 RGB. Shares memory with `source` where that is such an array already.

    Raises:
        PhotoError: missing, a folder, empty, truncated, no photo, smaller than `MIN_SIDE` or
            larger than `MAX_PIXELS` (judged before anything is decoded), or an array of another
            type or shape. Its subclass `HeicError`: a HEIC file, and no plug-in that reads it.

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
    name = f"'{path}'"
    if path.is_dir():
        raise PhotoError(f"{name} is a folder; name one photo inside it")
    try:
        if path.stat().st_size == 0:
            raise PhotoError(f"{name} is empty (0 bytes); {_WANTED}")
        photo = Image.open(path)
    except FileNotFoundError as error:
        raise PhotoError(f"{name} does not exist; check the path") from error
    except UnidentifiedImageError as error:
        raise _unidentified(path) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoError(f"{name} is too large; {_shrink_advice()} ({error})") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise PhotoError(f"{name} cannot be read: {error}") from error
    with photo:
        if photo.format not in FORMATS:
            raise PhotoError(f"{name} is a {photo.format} file; {_WANTED}")
        return _from_pil(photo, name)


def _unidentified(path: Path) -> PhotoError:
    with path.open("rb") as file:
        head = file.read(12)
    is_heic = head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc")
    if is_heic or path.suffix.lower() in (".heic", ".heif"):
        return HeicError(
            f"'{path}' is a HEIC photo, which is not read here; save it as JPEG, or install "
            "pillow-heif and call pillow_heif.register_heif_opener() first"
        )
    return PhotoError(f"'{path}' is not an image; {_WANTED}")


def _from_pil(photo: Image.Image, name: str) -> RgbImage:
    _check_size(photo.width, photo.height, name)
    try:
        photo.load()
        upright = ImageOps.exif_transpose(photo)
    except Exception as error:  # Pillow's decoders raise nearly every type on damaged files
        raise PhotoError(f"{name} is truncated or damaged ({error}); get a whole copy") from error
    try:
        return np.array(_rgb(upright), dtype=np.uint8)
    except ValueError as error:
        raise PhotoError(
            f"{name} has pixels of the kind {upright.mode!r}; save it as 8-bit RGB ({error})"
        ) from error


def _rgb(photo: Image.Image) -> Image.Image:
    if photo.mode.startswith(("I", "F")):
        return _from_deep_grey(photo).convert("RGB")
    if photo.has_transparency_data:
        white = Image.new("RGBA", photo.size, "white")
        return Image.alpha_composite(white, photo.convert("RGBA")).convert("RGB")
    return photo.convert("RGB")


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
        raise PhotoError(f"{name} is {width}x{height} pixels; {_shrink_advice()}")


def _shrink_advice() -> str:
    return f"wanted at most {MAX_PIXELS // 1_000_000} megapixels: shrink it first"
