"""Untrusted texts: read up to a stated size, and sanitised for display."""

from collections.abc import Sequence
from pathlib import Path

from eval.errors import EvalError, SubmissionError


def read_bytes(
    path: Path, largest: int, refusal: type[EvalError], advice: str = "check the path"
) -> bytes:
    """A file of at most `largest` bytes.

    Args:
        path: of the file.
        largest: bytes.
        refusal: the class of the error to raise.
        advice: the message's advice to the user.

    Raises:
        EvalError: of the class `refusal`: missing, unreadable or too large.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(largest + 1)
    except OSError as error:
        reason = error.strerror or error
        raise refusal(f"cannot read {path}: {reason}; {advice}") from error
    if len(content) > largest:
        raise refusal(f"{path} is larger than {largest:,} bytes, so it is another file; {advice}")
    return content


def read_text(path: Path, largest: int) -> str:
    """A text file of at most `largest` bytes.

    Raises:
        SubmissionError: missing, unreadable, too large, or not text.
    """
    try:
        return read_bytes(path, largest, SubmissionError).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SubmissionError(
            f"{path} must be UTF-8 text, got other bytes; save it again"
        ) from error


def printable(text: str, limit: int = 80) -> str:
    """Untrusted text as one line without control characters, at most ``limit`` long."""
    clean = "".join(c if c.isprintable() else "?" for c in text[: limit + 1])
    return clean if len(clean) <= limit else clean[: limit - 3] + "..."


def listed(names: Sequence[str], show: int = 3) -> str:
    """The first `show` names for a message: ``a, b, c and 5 more``."""
    head = ", ".join(printable(name, 40) for name in names[:show])
    return head if len(names) <= show else f"{head} and {len(names) - show} more"
