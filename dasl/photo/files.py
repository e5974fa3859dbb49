"""Opens and decodes photo files, also damaged ones; every failure is a `PhotoError`."""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image, UnidentifiedImageError

from dasl.errors import PhotoError, notice

FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "BMP", "GIF", "PPM", "JPEG2000", "AVIF", "HEIF")
"""Pillow's names of the accepted formats; formats that run other programs, such as EPS, are not."""

SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".heic", ".heif", ".hif", ".avif"),
    *(".tif", ".tiff", ".bmp", ".gif", ".jp2", ".j2k", ".ppm", ".pgm"),
)
"""Lower-case suffixes of the photos that are read from folders."""

MIN_SIDE = 16
"""Shortest side of a photo, pixels; smaller ones cannot show a usable face."""

MAX_PIXELS = 80_000_000
"""Largest number of pixels, below Pillow's own limit, so that it does not warn."""

MIN_SHARE = 0.75
"""A truncated JPEG is accepted if it has at least this share of its rows."""

MAX_STREAM_BYTES = 256 << 20
"""Largest number of bytes that is read from a pipe."""

WANTED = "wanted a photo such as JPEG, HEIC, PNG, WebP or TIFF"
SHRINK = f"wanted at most {MAX_PIXELS // 1_000_000} megapixels: shrink it first"

_HEAD_BYTES = 64
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}
_PNG = b"\x89PNG\r\n\x1a\n"
_TEXT_CHUNKS = (b"tEXt", b"zTXt", b"iTXt")
_END_OF_JPEG = b"\xff\xd9"


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """The file as a Pillow image of one of `FORMATS`, not decoded yet.

    Raises:
        PhotoError: the file is missing, a folder, empty, or not a photo.
    """
    name = f"'{path}'"
    try:
        if "\0" in str(path):
            raise PhotoError(f"{str(path)!r} cannot be a path (embedded null byte); check it")
        if path.is_dir():
            raise PhotoError(f"{name} is a folder; name one photo inside it")
        with _readable(path) as file, _identified(file, path) as photo:
            if photo.format not in FORMATS:
                raise PhotoError(f"{name} is a {photo.format} file; {WANTED}")
            yield photo
    except FileNotFoundError as error:
        raise PhotoError(f"{name} does not exist; check the path") from error
    except OSError as error:
        raise PhotoError(f"{name} cannot be read: {error.strerror or error}") from error


def decoded(photo: Image.Image, name: str) -> Image.Image:
    """The decoded image; for a truncated JPEG the part that is present.

    Args:
        photo: as opened, of a file or by the caller.
        name: for messages.

    Raises:
        PhotoError: it is damaged, or more is missing than `MIN_SHARE` allows.
    """
    try:
        photo.load()
        return photo
    except Exception as error:  # Pillow's decoders raise nearly every type on damaged files
        file = getattr(photo, "fp", None)
        if photo.format not in ("JPEG", "MPO") or file is None:
            raise PhotoError(
                f"{name} is truncated or damaged ({error}); get a whole copy"
            ) from error
        return _without_end(file, name, error)


@contextmanager
def _readable(path: Path) -> Iterator[IO[bytes]]:
    """The file; a pipe is first read into memory."""
    with path.open("rb") as file:
        if file.seekable() and path.is_file():
            content: IO[bytes] = file
            is_empty = not file.read(1)
            file.seek(0)
        else:
            content = io.BytesIO(file.read(MAX_STREAM_BYTES + 1))
            is_empty = not content.getbuffer()
            if len(content.getbuffer()) > MAX_STREAM_BYTES:
                raise PhotoError(
                    f"'{path}' gives more than {MAX_STREAM_BYTES >> 20} MB; save it to a file first"
                )
        if is_empty:
            raise PhotoError(f"'{path}' is empty (0 bytes); {WANTED}")
        yield content


def _identified(file: IO[bytes], path: Path) -> Image.Image:
    name, head = f"'{path}'", file.read(_HEAD_BYTES)
    file.seek(0)
    try:
        return _heif(file) if _is_heic(head) else Image.open(file)
    except UnidentifiedImageError as error:
        raise PhotoError(f"{name} is not an image; {WANTED}") from error
    except ImportError as error:
        raise PhotoError(f"{name} is a HEIC photo: `pip install pi-heif` ({error})") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoError(f"{name} is too large; {SHRINK} ({error})") from error
    except Exception as error:  # every decoder raises other errors
        if isinstance(error, ValueError) and head.startswith(_PNG):
            return _without_texts(file, name, error)
        raise PhotoError(f"{name} cannot be read ({error}); get a whole copy") from error


def _is_heic(head: bytes) -> bool:
    """Whether the brands of the file's first box are HEIC's; AVIF has the same container."""
    if head[4:8] != b"ftyp":
        return False
    box = head[8 : int.from_bytes(head[:4], "big")]
    brands = {box[at : at + 4] for at in range(0, len(box), 4)}
    return bool(brands & _HEIC_BRANDS) and not brands & _AVIF_BRANDS


def _heif(file: IO[bytes]) -> Image.Image:
    """Read HEIC with libheif directly, without changing Pillow's list of formats."""
    from pi_heif import HeifImageFile

    return HeifImageFile(file)


def _without_texts(file: IO[bytes], name: str, error: ValueError) -> Image.Image:
    """A PNG without its text chunks, which are longer than Pillow accepts."""
    file.seek(0)
    content = file.read()
    kept, at = [_PNG], len(_PNG)
    while at + 8 <= len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        if kind not in _TEXT_CHUNKS:
            kept.append(content[at : at + 12 + length])
        at += 12 + length
    try:
        return Image.open(io.BytesIO(b"".join(kept)))
    except Exception:
        raise PhotoError(f"{name} is damaged ({error}); get a whole copy") from error


def _without_end(file: IO[bytes], name: str, error: Exception) -> Image.Image:
    """A truncated JPEG, decoded as in viewers: grey in the missing part.

    The decoder does not report the first missing row. Therefore the file is decoded twice, with the
    end marker appended directly and after noise; the two differ from the first missing row on.
    """
    damaged = PhotoError(f"{name} is truncated or damaged ({error}); get a whole copy")
    file.seek(0)
    content = file.read()
    noise = np.random.default_rng(0).integers(0, 255, 1 << 16, dtype=np.uint8).tobytes()
    try:
        shown = Image.open(io.BytesIO(content + _END_OF_JPEG))
        shown.load()
        other = Image.open(io.BytesIO(content + noise + _END_OF_JPEG))
        other.load()
    except Exception:
        raise damaged from error
    differs = (np.asarray(shown) != np.asarray(other)).reshape(shown.height, -1).any(axis=1)
    share = (np.argmax(differs) if differs.any() else shown.height) / shown.height
    if share < MIN_SHARE:
        raise PhotoError(
            f"{name} is cut: {share:.0%} of its rows are there, wanted {MIN_SHARE:.0%}; get a "
            "whole copy"
        ) from error
    rest = (
        f"the last {1 - share:.1%} of its rows are missing" if share < 1 else "all rows are there"
    )
    notice(f"{name} is cut short ({rest}); what is there was used")
    return shown
