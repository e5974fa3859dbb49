"""Detects Dolby Vision without a standard base layer, whose colours cannot be decoded here.

Source: Dolby Vision Streams Within the ISO Base Media File Format 2.1, section 3.2, the record
DOVIDecoderConfiguration; in Matroska it is a BlockAdditionMapping of the same four letters.
"""

import os
import re
from pathlib import Path
from typing import IO

_RECORD = re.compile(rb"dv[cvw]C(?:\x41\xed.)?(\x01.{4})", re.DOTALL)
"""The record's first five bytes: version, minor version, profile and level, flags, base layer."""
_LARGEST_MOOV = 64 << 20
_HEAD_BYTES = 1 << 20


def closed_profile(path: Path) -> int | None:
    """The Dolby Vision profile of a clip without a standard base layer, such as 5; else None."""
    with path.open("rb") as file:
        found = _RECORD.search(_descriptions(file))
    if found is None:
        return None
    record = int.from_bytes(found[1], "big")
    profile, compatible_with = record >> 17 & 0x7F, record >> 4 & 0xF
    return profile if compatible_with == 0 else None


def _descriptions(file: IO[bytes]) -> bytes:
    """The bytes that describe the streams: MP4's box moov, or the start of other files."""
    start = file.read(_HEAD_BYTES)
    if start[4:8] not in (b"ftyp", b"moov", b"wide", b"free", b"mdat"):
        return start
    end, at = file.seek(0, os.SEEK_END), 0
    while at + 8 <= end:
        file.seek(at)
        head = file.read(16)
        size = int.from_bytes(head[:4], "big")
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        if head[4:8] == b"moov":
            file.seek(at)
            return file.read(min(size or end, _LARGEST_MOOV))
        if size < 8:
            break
        at += size
    return b""
