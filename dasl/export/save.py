"""Files of a face, by suffix: .glb .obj .ply .stl .usdz .json .npz.

Every file is written whole or not at all.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dasl import atomic_files
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
    """Writes all files or none (`dasl.atomic_files`).

    Raises:
        ExportError: a file cannot be written; no temporary file stays behind.
    """
    try:
        atomic_files.write_files(files)
    except OSError as error:
        # the file that could not get its name, or the first, which all the others belong to
        path = error.filename2 or next(iter(files))
        raise unwritable(path, error.strerror or error) from error


def unwritable(path: str | Path, reason: object) -> ExportError:
    """The error of a file that cannot be written, with the next step."""
    return ExportError(
        f"cannot write '{path}': {reason}; choose a folder that can be written and has space"
    )


def _check_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise ExportError(
            f"cannot write '{path}': there is no folder '{path.parent}'; make it first"
        )
    if path.is_dir():
        raise ExportError(f"cannot write '{path}': it is a folder; name a file")
