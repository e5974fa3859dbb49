"""In-the-wild faces with 2D landmarks, from parquet files or a data set on the hub.

Both are streamed by Hugging Face `datasets`; nothing is copied to its cache. The columns are those
of `dasl.datasets.face_rows`.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from dasl.datasets.face_rows import REQUIRED, Faces2d, Row, faces_from_rows
from dasl.errors import ConfigError
from eval.program.data_root import VARIABLE

Split = Literal["train", "validation"]
FOLDER_NAME = "faces_2d"


def read_faces_2d(
    root: Path, split: Split, limit: int | None = None, broken_share: float = 0.0
) -> Faces2d:
    """Read one split of the folder `faces_2d`.

    Args:
        root: data root, the folder that holds `faces_2d/`.
        split: selects the files.
        limit: number of faces, the first ones.
        broken_share: share of the rows that may be skipped, see `faces_from_rows`.

    Raises:
        ConfigError: no such files, unreadable ones, or broken rows.
    """
    folder = root / FOLDER_NAME
    if not parquet_files(folder, split):
        raise ConfigError(
            f"no {split}-*.parquet in {folder}; name the folder that holds faces_2d/ "
            f"with --root or {VARIABLE}"
        )
    return read_parquet(folder, split, limit, broken_share)


def parquet_files(folder: Path, split: Split) -> list[Path]:
    """The files of one split, sorted by name."""
    return sorted(folder.glob(f"{split}-*.parquet"))


def read_parquet(
    folder: Path, split: Split, limit: int | None = None, broken_share: float = 0.0
) -> Faces2d:
    """Read `split`-*.parquet of any folder; arguments and errors as for `read_faces_2d`."""
    files = [str(file) for file in parquet_files(folder, split)]
    rows = _rows(f"{folder} as face parquet", "parquet", data_files=files, split="train")
    return faces_from_rows(islice(rows, limit), str(folder), broken_share)


def read_hub_faces(
    repo_id: str,
    split: Split,
    revision: str | None = None,
    limit: int | None = None,
    broken_share: float = 0.0,
) -> Faces2d:
    """Read one split of a data set on the hub.

    Args:
        repo_id: "user/name".
        split: of the data set.
        revision: branch, tag or commit.
        limit: number of faces, the first ones.
        broken_share: share of the rows that may be skipped, see `faces_from_rows`.

    Raises:
        ConfigError: the download failed, the split or a column is missing, or rows are broken.
    """
    rows = _rows(f"the data set {repo_id}", repo_id, split=split, revision=revision)
    return faces_from_rows(islice(rows, limit), repo_id, broken_share)


def _rows(called: str, path: str, **options: Any) -> Iterator[Row]:
    """Rows one by one, with pictures still encoded.

    Raises:
        ConfigError: also while iterating, since the data is streamed.
    """
    from huggingface_hub.errors import HTTPError

    try:
        import datasets
    except ImportError as error:
        raise ConfigError(
            f'reading {called} needs `pip install "dasl[train]"` ({error})'
        ) from error
    # Without this, `datasets` would report every load to a server, of local files too.
    datasets.config.HF_UPDATE_DOWNLOAD_COUNTS = False
    try:
        stream = datasets.load_dataset(path, streaming=True, **options)
        names = stream.column_names
        missing = [name for name in REQUIRED if names is not None and name not in names]
        if missing:
            raise ConfigError(f"{called} has no column {', '.join(missing)}, only {sorted(names)}")
        if isinstance((stream.features or {}).get("image"), datasets.Image):
            stream = stream.cast_column("image", datasets.Image(decode=False))
        yield from stream
    except (OSError, ValueError, datasets.exceptions.DatasetsError, HTTPError) as error:
        if isinstance(error, ConfigError):
            raise
        reason = str(error).strip().splitlines()[0] if str(error).strip() else ""
        raise ConfigError(
            f"cannot read {called}: {type(error).__name__}: {reason}; check the name, the "
            "revision, the connection and that the files are whole"
        ) from error
