"""The folder that `python -m dasl annotate` fills: parquet files and a list of what was left out.

Files are only ever added, whole, so that a run that was stopped goes on where it was. Photos are
known by their content: another photo of the same name is looked at, the same photo under another
name is not.
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
        content: `content_id` of the photo; empty where it cannot be read, so that the next run
            looks again.
    """

    name: str
    reason: str
    content: str = ""


def content_id(path: Path) -> str:
    """What a photo is known by, whatever its name.

    Raises:
        OSError: it cannot be read, or not twice.
    """
    if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for ever
        raise OSError(errno.EINVAL, "not a file; a photo is read twice: save it to a file")
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass
class AnnotatedFolder:
    """What is in the folder.

    Attributes:
        path: the folder.
        done: contents of photos that need not be looked at again.
        names: of photos in the set, each with its content.
        faces: how many are in the parquet files.
        left_out: how many photos and faces the list holds.
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
            ExportError: it cannot be made.
            ConfigError: it holds files that are not ours.
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
                    f"cannot go on with {file} ({error}); remove it, or name another --output"
                ) from error
            folder._count(rows)
        folder._read_log()
        return folder

    @property
    def log(self) -> Path:
        """The list of what was left out."""
        return self.path / LOG_NAME

    @property
    def left_out(self) -> int:
        """How many photos and faces are on it."""
        return len(self._log)

    def new_name(self, name: str, content: str) -> str:
        """The photo's name in the set: its own, unless another photo has that already."""
        known = self.names.setdefault(name, content)
        return name if known == content else f"{name}@{content[:_SHORT]}"

    def add(self, rows: Sequence[dict[str, Any]], left_out: Iterable[LeftOut]) -> None:
        """Write one more file, and the list anew.

        Args:
            rows: may be none; each with the content of its photo.
            left_out: what is not in the set.

        Raises:
            ExportError: the folder cannot be written or is full; what was there is whole.
        """
        new = list(left_out)
        told_again = {one.name for one in new if not one.content}
        log = [one for one in self._log if one.content or one.name not in told_again] + new
        files = {self.log: _csv(log)}
        if rows:
            # The faces come first: a photo whose list is lost is only looked at again.
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
        """A name that none of the files has, though some may have been removed."""
        numbers = (int(file.stem.removeprefix("train-")) for file in self.path.glob(_NUMBERED))
        return self.path / f"train-{max(numbers, default=-1) + 1:05d}.parquet"

    def _read_log(self) -> None:
        try:
            text = self.log.read_text(encoding="utf-8") if self.log.exists() else ""
            lines = list(csv.reader(io.StringIO(text)))[1:]
            self._log = [LeftOut(name, reason, content) for name, reason, content in lines]
        except (OSError, ValueError, csv.Error) as error:
            raise ConfigError(f"cannot go on with {self.log} ({error}); remove it") from error
        self.done |= {one.content for one in self._log if one.content}


def _photo(name: str) -> str:
    """The photo of a face: what stands before the number behind `#`."""
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
