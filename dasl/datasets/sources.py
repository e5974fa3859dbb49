"""Sources of 2D faces: the entries of `data.train` and `data.validation`.

faces_2d                      ROOT/faces_2d/{train,validation}-*.parquet
hub:USER/NAME[@REVISION]      a data set on the hub with the same columns
FOLDER                        with such parquet files (`python -m dasl annotate`), or photos
                              with landmarks (`dasl.datasets.photo_folder`)
"""

from pathlib import Path

from dasl.datasets.face_rows import Faces2d
from dasl.datasets.faces_2d import (
    FOLDER_NAME,
    Split,
    parquet_files,
    read_faces_2d,
    read_hub_faces,
    read_parquet,
)
from dasl.datasets.photo_folder import read_photo_folder
from dasl.errors import ConfigError

HUB = "hub:"
FORMS = (
    "faces_2d, hub:USER/NAME, a folder with train-*.parquet or with photos and landmarks, 300w_lp, "
    "painted:COUNT:SEED or a .safetensors file"
)


def read_source(
    entry: str, root: Path, split: Split, limit: int | None = None, broken_share: float = 0.0
) -> Faces2d:
    """The faces of one entry.

    Args:
        entry: see the module's docstring; a relative folder is resolved in the working folder, then
            in `root`.
        root: data root.
        split: ignored for a folder of photos, which is read entirely.
        limit: number of faces, the first ones.
        broken_share: share of the rows that may be skipped, with a logged count.

    Raises:
        ConfigError: the source is missing or unusable; the message says what to do.
    """
    if entry == FOLDER_NAME:
        return read_faces_2d(root, split, limit, broken_share)
    if entry.startswith(HUB):
        repo_id, _, revision = entry.removeprefix(HUB).partition("@")
        return read_hub_faces(repo_id, split, revision or None, limit, broken_share)
    folder = Path(entry) if Path(entry).is_dir() else root / entry
    if not folder.is_dir():
        raise ConfigError(f"data entries are {FORMS}; got {entry!r}")
    if parquet_files(folder, "train") or parquet_files(folder, "validation"):
        if not parquet_files(folder, split):
            raise ConfigError(f"{folder} has no {split}-*.parquet")
        return read_parquet(folder, split, limit, broken_share)
    return read_photo_folder(folder, limit, broken_share)
