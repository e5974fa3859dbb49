"""Names of files that hold whatever a photo is called."""

import hashlib
import os
import re

LONGEST_STEM = 200
"""Bytes: with what is put behind it, a name stays below the 255 that most discs allow."""
_NO_NAME = re.compile(
    r"\.*$|(con|prn|aux|nul|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\.|$)", re.IGNORECASE
)
"""A folder to every system, or a device to Windows, whatever ending follows."""
_UNSAFE = re.compile("[\x00-\x1f\x7f\"'#\\\\\ud800-\udfff]")


def short_stem(stem: str) -> str:
    """The stem, cut where endings would make the name too long for a disc.

    One that means something else, such as `.` or Windows' `CON`, gets a `_` in front.
    """
    stem = f"_{stem}" if _NO_NAME.match(stem) else stem
    name = os.fsencode(stem)
    if len(name) <= LONGEST_STEM:
        return stem
    return f"{name[: LONGEST_STEM - 10].decode(errors='ignore')}_{_mark(name)}"


def safe_stem(stem: str) -> str:
    """A stem that can stand inside an OBJ or MTL file, where line breaks and quotes end a name."""
    short = short_stem(stem)
    safe = _UNSAFE.sub("_", short)
    return short if safe == short else f"{safe}_{_mark(os.fsencode(stem))}"


def _mark(name: bytes) -> str:
    """Keeps apart what is written alike."""
    return hashlib.sha256(name).hexdigest()[:8]
