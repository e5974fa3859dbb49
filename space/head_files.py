"""The files that a visitor takes home, written where Gradio looks for files to delete."""

import tempfile
import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path

from gradio.utils import get_upload_folder

from dasl.face import Face


@dataclass(frozen=True)
class HeadFiles:
    """Paths of one face's files.

    Attributes:
        glb: textured head with morph targets.
        obj_zip: OBJ, MTL and PNG.
        json: pose, expression, identity, landmarks.
    """

    glb: Path
    obj_zip: Path
    json: Path


def visitor_folder() -> Path:
    """A new folder inside Gradio's: files that are outputs from there are deleted in time."""
    folder = Path(get_upload_folder()) / "heads" / uuid.uuid4().hex
    folder.mkdir(parents=True)
    return folder


def write_head_files(face: Face, folder: Path, stem: str) -> HeadFiles:
    """Write the three files.

    Args:
        face: whose head.
        folder: that exists.
        stem: name of the files, without suffix.

    Raises:
        ExportError: the folder cannot be written.
    """
    glb, json = (face.save(folder / f"{stem}{suffix}") for suffix in (".glb", ".json"))
    return HeadFiles(glb=glb, obj_zip=_zipped_obj(face, folder / f"{stem}_obj.zip"), json=json)


def _zipped_obj(face: Face, path: Path) -> Path:
    with tempfile.TemporaryDirectory() as temporary:
        face.save(Path(temporary) / f"{path.stem.removesuffix('_obj')}.obj")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(temporary).iterdir()):
                archive.write(part, part.name)
    return path
