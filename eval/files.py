"""Writing files so that a crash leaves the old one, and showing a stranger's text safely."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO


def write_atomically(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file under a temporary name beside it, then rename it into place.

    Args:
        path: destination; its folder must exist.
        write: fills the open binary file it is given.

    Raises:
        OSError: the folder is missing or not writable; ``path`` is then untouched.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def printable(text: str, limit: int = 80) -> str:
    """One line of a stranger's text, without control characters, at most ``limit`` long."""
    clean = "".join(c if c.isprintable() else "?" for c in text[: limit + 1])
    return clean if len(clean) <= limit else clean[: limit - 3] + "..."


def listed(names: list[str], show: int = 3) -> str:
    """The first few names for a message: ``a, b, c and 5 more``."""
    head = ", ".join(printable(name, 40) for name in names[:show])
    return head if len(names) <= show else f"{head} and {len(names) - show} more"


def _umask() -> int:
    """The process's umask; ``mkstemp`` ignores it, and reading it means setting it."""
    current = os.umask(0o077)
    os.umask(current)
    return current
