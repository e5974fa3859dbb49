"""Visitors' uploads and downloads, in the folder that Gradio cleans up."""

import uuid
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder

from dasl.atomic_files import replacing
from dasl.errors import ExportError
from eval.leaderboard.files import per_image_csv, record_json
from eval.leaderboard.storage import record_name
from eval.results.record import ProtocolResult

UploadedFile = dict[str, Any] | None
"""An upload as Gradio passes it on, unchecked: a file that is not a photo must reach `load_photo`,
whose error message explains."""


def visitor_folder() -> Path:
    """A new folder inside Gradio's, which deletes old output files."""
    folder = Path(get_upload_folder()) / "heads" / uuid.uuid4().hex
    folder.mkdir(parents=True)
    return folder


def zipped(contents: Mapping[str, bytes], path: Path) -> Path:
    """Writes a zip of named files atomically.

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


def record_files(record: ProtocolResult) -> tuple[Path, Path]:
    """A record in the form that `eval add` reads: JSON, and a CSV with the error of each image."""
    name = visitor_folder() / record_name(record)
    beside = name.with_suffix(".per_image.csv")
    name.write_text(record_json(record), encoding="utf-8")
    beside.write_bytes(per_image_csv(record.scores))
    return name, beside
