"""Files of a face, by suffix: .glb .obj .ply .stl .usdz .json .npz.

Every file is first written whole under a temporary name beside its final one, then renamed.
"""

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dasl.errors import ExportError
from dasl.export.face_record import record_json, record_npz
from dasl.export.mesh_files import Contents, glb, obj, ply, stl
from dasl.export.options import HeadOptions
from dasl.export.usdz import usdz

if TYPE_CHECKING:
    from dasl.reconstruction.face import Face

WRITERS: dict[str, Callable[["Face", str, HeadOptions], Contents]] = {
    ".glb": glb,
    ".obj": obj,
    ".ply": ply,
    ".stl": stl,
    ".usdz": usdz,
    ".json": record_json,
    ".npz": record_npz,
}


def save_face(face: "Face", path: Path, options: HeadOptions) -> Path:
    """Writes the kind of file that the suffix names; see `Face.save`.

    Raises:
        ExportError: unknown suffix, or the file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in WRITERS:
        raise ExportError(
            f"cannot write '{path}': the suffix must be one of {', '.join(WRITERS)}, "
            f"got {path.suffix or 'none'!r}"
        )
    _check_folder(path)
    contents = WRITERS[suffix](face, path.stem, options)
    write_files(
        {path if end == suffix else path.with_suffix(end): contents[end] for end in contents}
    )
    return path


def write_files(files: Mapping[Path, bytes]) -> None:
    """Writes all files or none: under temporary names first, then renamed.

    Raises:
        ExportError: a file cannot be written; no temporary file stays behind.
    """
    waiting: dict[Path, Path] = {}
    try:
        for path, content in files.items():
            waiting[path] = _write_temporary(path, content)
        for path in files:
            os.replace(waiting[path], path)
            del waiting[path]
    except OSError as error:
        raise ExportError(
            f"cannot write '{path}': {error.strerror or error}; choose a folder that can be "
            "written and has space"
        ) from error
    finally:
        for temporary in waiting.values():
            temporary.unlink(missing_ok=True)


def _check_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise ExportError(
            f"cannot write '{path}': there is no folder '{path.parent}'; make it first"
        )
    if path.is_dir():
        raise ExportError(f"cannot write '{path}': it is a folder; name a file")


def _write_temporary(path: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        temporary.chmod(0o666 & ~_umask())
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
