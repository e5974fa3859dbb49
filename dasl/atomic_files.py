"""Files that are written whole or not at all."""

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path


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


def write_files(contents: Mapping[Path, bytes]) -> None:
    """Write several files that belong together; none is renamed before all are written.

    Args:
        contents: by path; the files get their names in this order.

    Raises:
        OSError: a folder is missing, not writable or full; no temporary file stays behind.
    """
    with ExitStack() as stack:
        for path, content in reversed(list(contents.items())):  # the stack unwinds backwards
            stack.enter_context(replacing(path)).write_bytes(content)
