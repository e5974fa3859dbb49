"""Safe file names for output named after photos."""

import hashlib
import os
import re

LONGEST_STEM = 200
"""Longest stem in bytes; with endings added, names stay below the usual limit of 255."""
_NO_NAME = re.compile(
    r"\.*$|(con|prn|aux|nul|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\.|$)", re.IGNORECASE
)
"""Names of folders on any system, or of Windows devices with any ending."""
_UNSAFE = re.compile("[\x00-\x1f\x7f\"'#\\\\\ud800-\udfff]")


def short_stem(stem: str) -> str:
    """Shorten a stem such that the name with endings fits the file system's limit.

    A reserved stem, such as `.` or Windows' `CON`, is prefixed with `_`.
    """
    stem = f"_{stem}" if _NO_NAME.match(stem) else stem
    name = os.fsencode(stem)
    if len(name) <= LONGEST_STEM:
        return stem
    return f"{name[: LONGEST_STEM - 10].decode(errors='ignore')}_{_mark(name)}"


def safe_stem(stem: str) -> str:
    """A stem that OBJ and MTL files can refer to: without line breaks, quotes and the like."""
    short = short_stem(stem)
    safe = _UNSAFE.sub("_", short)
    return short if safe == short else f"{safe}_{_mark(os.fsencode(stem))}"


def _mark(name: bytes) -> str:
    """A short hash that keeps shortened or replaced names distinct."""
    return hashlib.sha256(name).hexdigest()[:8]
