"""Reads a photo's colour space from code points in its file, for photos without an ICC profile.

Sources: PNG (third edition) section 11.3.2.6, chunk cICP; ISO/IEC 14496-12 section 12.1.5, box
colr of type nclx, which AVIF and HEIF carry; the numbers are those of ITU-T H.273.
"""

from typing import NamedTuple

from PIL import Image

_PNG_HEAD, _CHUNK_HEAD = 8, 8
_CONTAINERS = (b"meta", b"iprp", b"ipco")
"""Boxes around colr, outermost first."""
_MOST_BYTES = 1 << 20
"""Bytes from the start of a file that are searched for colour information."""


class CodePoints(NamedTuple):
    """Code points of H.273.

    Attributes:
        primaries: table 2.
        transfer: table 3.
        is_full_range: whether decoded black is 0 and white the largest value.
    """

    primaries: int
    transfer: int
    is_full_range: bool = True


def code_points(photo: Image.Image) -> CodePoints | None:
    """The code points in the photo's file; None if it has none or is not available.

    In PNG they have priority over an ICC profile; in AVIF and HEIC the profile has priority.

    Args:
        photo: opened but not yet decoded; after decoding Pillow closes its file.
    """
    if photo.format != "PNG" and photo.info.get("icc_profile"):
        return None
    nclx = photo.info.get("nclx_profile")  # libheif's
    if nclx:
        return CodePoints(nclx["color_primaries"], nclx["transfer_characteristics"])
    file = getattr(photo, "fp", None)
    if photo.format not in ("PNG", "AVIF") or file is None:
        return None
    place = file.tell()
    file.seek(0)
    content = file.read(_MOST_BYTES)
    file.seek(place)
    return _of_png(content) if photo.format == "PNG" else _of_avif(content)


def _of_png(content: bytes) -> CodePoints | None:
    at = _PNG_HEAD
    while at + _CHUNK_HEAD <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        kind, start = content[at + 4 : at + 8], at + _CHUNK_HEAD
        if kind == b"cICP" and length == 4:
            numbers = content[start : start + 4]
            return (
                CodePoints(numbers[0], numbers[1], numbers[3] == 1) if len(numbers) == 4 else None
            )
        if kind == b"IDAT":
            return None
        at = start + length + 4
    return None


def _of_avif(content: bytes) -> CodePoints | None:
    for name in _CONTAINERS:
        inside = _box(content, name)
        if inside is None:
            return None
        content = inside[4:] if name == b"meta" else inside  # meta: version and flags first
    colours = _box(content, b"colr", b"nclx")
    if colours is None or len(colours) < 8:
        return None
    primaries, transfer = (int.from_bytes(colours[at : at + 2], "big") for at in (4, 6))
    return CodePoints(primaries, transfer)  # libavif gives full range


def _box(content: bytes, wanted: bytes, begins: bytes = b"") -> bytes | None:
    """Content of the first box of this name whose content starts with `begins`; None without."""
    at = 0
    while at + 8 <= len(content):
        size, name = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        inside = content[at + 8 : at + size if size else len(content)]
        if name == wanted and inside.startswith(begins):
            return inside
        if size < 8:
            return None  # to the end of the file, or damaged
        at += size
    return None
