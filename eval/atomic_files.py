"""Files that are written whole or not at all."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eval.errors import EvalError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file to write into, which takes the place of `path` at the end of the block.

    A kill at any moment leaves what was at `path` before. The bytes are on the disk before the name
    changes, and the file has the permissions that the process gives to new files.

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
    """`replacing`, where a place that cannot be written is told to the user.

    Raises:
        EvalError: of the kind `refusal`, in place of OSError.
    """
    try:
        with replacing(path) as temporary:
            yield temporary
    except OSError as error:
        reason = error.strerror or error
        raise refusal(f"cannot write {path}: {reason}; choose another place") from error
