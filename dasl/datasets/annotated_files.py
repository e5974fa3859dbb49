"""The output folder of `python -m dasl annotate`: parquet files and a list of skipped photos.

Files are only added, and written atomically, so that a stopped run can continue. Photos are
identified by their content: another photo with the same name is processed, the same photo under
another name is not.
"""

import csv
import errno
import hashlib
import io
import stat
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any

from dasl.errors import ConfigError, ExportError
from dasl.export.save import write_files

LOG_NAME = "left_out.csv"
CONTENT = "photo_sha256"
"""Column of the parquet files and of the list."""
LOG_COLUMNS = ("name", "reason", CONTENT)
_SHORT = 8
_NUMBERED = "train-" + "[0-9]" * 5 + ".parquet"


@dataclass(frozen=True)
class LeftOut:
    """A photo or face that is not in the set.

    Attributes:
        name: of the photo, or of a face of it.
        reason: why.
        content: `content_id` of the photo; empty if it cannot be read, so that the next run tries
            again.
    """

    name: str
    reason: str
    content: str = ""


def content_id(path: Path) -> str:
    """A photo's identifier, from its content.

    Raises:
        OSError: it cannot be read, or is not a regular file.
    """
    if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would block
        raise OSError(errno.EINVAL, "not a file; a photo is read twice: save it to a file")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass
class AnnotatedFolder:
    """The state of the folder.

    Attributes:
        path: the folder.
        done: content ids of processed photos.
        names: names of photos in the set, each with its content id.
        faces: number of faces in the parquet files.
        left_out: number of photos and faces in the list.
    """

    path: Path
    done: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    faces: int = 0
    _log: list[LeftOut] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path) -> "AnnotatedFolder":
        """A new folder, or one of an earlier run.

        Raises:
            ExportError: the folder cannot be created.
            ConfigError: it holds files of another kind.
        """
        try:
            import pyarrow as arrow
            import pyarrow.parquet as parquet
        except ImportError as error:
            raise ConfigError(f'parquet needs `pip install "dasl[train]"` ({error})') from error
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExportError(f"cannot make the folder {path}: {error.strerror}") from error
        folder = cls(path)
        for file in sorted(path.glob("train-*.parquet")):
            try:
                rows = parquet.read_table(file, columns=["name", CONTENT]).to_pylist()
            except (arrow.ArrowException, OSError) as error:
                raise ConfigError(
                    f"cannot continue with {file} ({error}); remove it, or name another --output"
                ) from error
            folder._count(rows)
        folder._read_log()
        return folder

    @property
    def log(self) -> Path:
        """Path of the list of skipped photos and faces."""
        return self.path / LOG_NAME

    @property
    def left_out(self) -> int:
        """Number of photos and faces in the list."""
        return len(self._log)

    def new_name(self, name: str, content: str) -> str:
        """The photo's name in the set: its own, unless another photo already has that name."""
        known = self.names.setdefault(name, content)
        return name if known == content else f"{name}@{content[:_SHORT]}"

    def add(self, rows: Sequence[dict[str, Any]], left_out: Iterable[LeftOut]) -> None:
        """Add a file, and rewrite the list.

        Args:
            rows: each with its photo's content id; may be empty.
            left_out: skipped photos and faces.

        Raises:
            ExportError: the folder cannot be written or the disk is full; existing files stay
                intact.
        """
        new = list(left_out)
        told_again = {one.name for one in new if not one.content}
        log = [one for one in self._log if one.content or one.name not in told_again] + new
        files = {self.log: _csv(log)}
        if rows:
            # Faces are written first; if the list is lost, its photos are only processed again.
            files = {self._next_file(): _parquet(rows), **files}
        write_files(files)
        self._log = log
        self._count(rows)
        self.done |= {one.content for one in new if one.content}

    def _count(self, rows: Iterable[dict[str, Any]]) -> None:
        for row in rows:
            self.faces += 1
            self.done.add(row[CONTENT])
            self.names.setdefault(_photo(row["name"]), row[CONTENT])

    def _next_file(self) -> Path:
        """An unused file name, also if some files have been removed."""
        numbers = (int(file.stem.removeprefix("train-")) for file in self.path.glob(_NUMBERED))
        return self.path / f"train-{max(numbers, default=-1) + 1:05d}.parquet"

    def _read_log(self) -> None:
        try:
            text = self.log.read_text(encoding="utf-8") if self.log.exists() else ""
            lines = list(csv.reader(io.StringIO(text)))[1:]
            self._log = [LeftOut(name, reason, content) for name, reason, content in lines]
        except (OSError, ValueError, csv.Error) as error:
            raise ConfigError(f"cannot continue with {self.log} ({error}); remove it") from error
        self.done |= {one.content for one in self._log if one.content}


def _photo(name: str) -> str:
    """The photo's name from a face's name: the part before the last `#` and number."""
    photo, mark, number = name.rpartition("#")
    return photo if mark and number.isdigit() else name


def _csv(lines: Iterable[LeftOut]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerows([LOG_COLUMNS, *(astuple(line) for line in lines)])
    return buffer.getvalue().encode("utf-8", "backslashreplace")


def _parquet(rows: Sequence[dict[str, Any]]) -> bytes:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    buffer = io.BytesIO()
    parquet.write_table(arrow.Table.from_pylist(list(rows)), buffer)
    return buffer.getvalue()
