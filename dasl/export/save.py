"""Writing of a face's files by suffix: head .glb .vrm .obj .ply .stl .usdz, record .json .npz.

Files are written completely or not at all.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from dasl import atomic_files
from dasl.errors import ExportError
from dasl.export.face_record import FaceRecord, json_bytes, npz_bytes
from dasl.export.mesh_files import Contents, glb, obj, ply, stl
from dasl.export.names import safe_stem
from dasl.export.options import HeadOptions
from dasl.export.textured_head import TexturedHead
from dasl.export.usdz import usdz
from dasl.export.vrm import vrm

HEAD_WRITERS: dict[str, Callable[[TexturedHead, str, HeadOptions], Contents]] = {
    ".glb": glb,
    ".vrm": vrm,
    ".obj": obj,
    ".ply": ply,
    ".stl": stl,
    ".usdz": usdz,
}
"""Map head, file stem and options to the files' contents."""

RECORD_WRITERS: dict[str, Callable[[FaceRecord], bytes]] = {".json": json_bytes, ".npz": npz_bytes}
SUFFIXES = (*HEAD_WRITERS, *RECORD_WRITERS)


def check_path(path: Path) -> None:
    """Raise if a path is obviously not writable, before the expensive work.

    Raises:
        ExportError: unknown suffix, missing folder, or the path is a folder.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ExportError(
            f"cannot write '{path}': the suffix must be one of {', '.join(SUFFIXES)}, "
            f"got {path.suffix or 'none'!r}"
        )
    if not path.parent.is_dir():
        raise ExportError(
            f"cannot write '{path}': there is no folder '{path.parent}'; make it first"
        )
    if path.is_dir():
        raise ExportError(f"cannot write '{path}': it is a folder; name a file")


def save_head(path: Path, head: TexturedHead, options: HeadOptions) -> None:
    """Write a mesh file; the suffix, one of `HEAD_WRITERS`, selects the format.

    Raises:
        ExportError: the file cannot be written.
    """
    suffix, name = path.suffix.lower(), safe_stem(path.stem)
    contents = HEAD_WRITERS[suffix](head, name, options)
    write_files(
        {path if end == suffix else path.with_name(name + end): contents[end] for end in contents}
    )


def save_record(path: Path, record: FaceRecord) -> None:
    """Write a record; the suffix, one of `RECORD_WRITERS`, selects the format.

    Raises:
        ExportError: the file cannot be written.
    """
    write_files({path: RECORD_WRITERS[path.suffix.lower()](record)})


def write_files(files: Mapping[Path, bytes]) -> None:
    """Write all files or none (`dasl.atomic_files`).

    Raises:
        ExportError: a file cannot be written; no temporary file remains.
    """
    try:
        atomic_files.write_files(files)
    except OSError as error:
        # The file that could not be renamed, or else the first, main file.
        path = error.filename2 or next(iter(files))
        raise unwritable(path, error.strerror or error) from error


def unwritable(path: str | Path, reason: object) -> ExportError:
    """The error for a file that cannot be written, with a remedy."""
    return ExportError(
        f"cannot write '{path}': {reason}; choose a folder that can be written and has space"
    )
