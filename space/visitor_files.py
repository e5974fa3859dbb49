"""Files that come from visitors and go to them, where Gradio looks for files to delete."""

import uuid
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder

from dasl.atomic_files import replacing
from dasl.errors import ExportError

UploadedFile = dict[str, Any] | None
"""What Gradio hands over of an upload without looking into it; a file that is no photo must reach
`load_photo`, which says so in words."""


def visitor_folder() -> Path:
    """A new folder inside Gradio's: files that are outputs from there are deleted in time."""
    folder = Path(get_upload_folder()) / "heads" / uuid.uuid4().hex
    folder.mkdir(parents=True)
    return folder


def zipped(contents: Mapping[str, bytes], path: Path) -> Path:
    """Writes a zip of files by name, whole or not at all.

    Raises:
        ExportError: it cannot be written.
    """
    try:
        with (
            replacing(path) as temporary,
            zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for name, content in contents.items():
                archive.writestr(name, content)
    except OSError as error:
        raise ExportError(f"cannot write '{path.name}': {error.strerror or error}") from error
    return path
