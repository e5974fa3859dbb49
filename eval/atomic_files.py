"""Atomic file writing: a file is written whole or not at all."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eval.errors import EvalError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file to write into; it replaces `path` at the end of the block.

    If the process is killed, `path` keeps its old content. The bytes are on the disk before the
    name changes. The file gets the process's default permissions for new files.

    Args:
        path: destination; its folder exists.

    Yields:
        The temporary file, empty; write to it under its name.

    Raises:
        OSError: the folder is missing, not writable or full. After this or any other error in the
            block the temporary file is removed and `path` is as before.
    """
    temporary = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        temporary.touch(exist_ok=False)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def writing(path: Path, refusal: type[EvalError]) -> Iterator[Path]:
    """As `replacing`, but a write failure becomes a message to the user.

    Args:
        path: see `replacing`.
        refusal: the class of the error to raise.

    Raises:
        EvalError: of the class `refusal`, in place of OSError.
    """
    try:
        with replacing(path) as temporary:
            yield temporary
    except OSError as error:
        reason = error.strerror or error
        raise refusal(f"cannot write {path}: {reason}; choose another place") from error
