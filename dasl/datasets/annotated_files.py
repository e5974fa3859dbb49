"""The folder that `python -m dasl annotate` fills: parquet files and a list of what was left out.

Files are only ever added, whole, so that a run that was stopped goes on where it was.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dasl.errors import ConfigError, ExportError
from dasl.export.save import write_files

LOG_NAME = "left_out.csv"
LOG_COLUMNS = ("name", "reason")
_NUMBERED = "train-" + "[0-9]" * 5 + ".parquet"


@dataclass
class AnnotatedFolder:
    """What is in the folder.

    Attributes:
        path: the folder.
        done: photos that need not be looked at again.
        faces: how many are in the parquet files.
        left_out: how many photos and faces the list holds.
    """

    path: Path
    done: set[str] = field(default_factory=set)
    faces: int = 0
    _log: list[tuple[str, str]] = field(default_factory=list)

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
                names = parquet.read_table(file, columns=["name"]).column("name").to_pylist()
            except (arrow.ArrowException, OSError) as error:
                raise ConfigError(
                    f"cannot go on with {file} ({error}); remove it, or name another --output"
                ) from error
            folder.faces += len(names)
            folder.done |= {_photo(name) for name in names}
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

    def add(self, rows: Sequence[dict[str, Any]], left_out: Iterable[tuple[str, str]]) -> None:
        """Write one more file, and the list anew.

        Args:
            rows: may be none.
            left_out: (photo or face, reason).

        Raises:
            ExportError: the folder cannot be written or is full; what was there is whole.
        """
        log = [*self._log, *left_out]
        files = {self.log: _csv(log)}
        if rows:
            # The faces come first: a photo whose list is lost is only looked at again.
            files = {self._next_file(): _parquet(rows), **files}
        write_files(files)
        self._log = log
        self.faces += len(rows)
        self.done |= {_photo(row["name"]) for row in rows} | {_photo(name) for name, _ in log}

    def _next_file(self) -> Path:
        """A name that none of the files has, though some may have been removed."""
        numbers = (int(file.stem.removeprefix("train-")) for file in self.path.glob(_NUMBERED))
        return self.path / f"train-{max(numbers, default=-1) + 1:05d}.parquet"

    def _read_log(self) -> None:
        try:
            text = self.log.read_text(encoding="utf-8") if self.log.exists() else ""
            lines = list(csv.reader(io.StringIO(text)))[1:]
            self._log = [(name, reason) for name, reason in lines]
        except (OSError, ValueError, csv.Error) as error:
            raise ConfigError(f"cannot go on with {self.log} ({error}); remove it") from error
        self.done |= {_photo(name) for name, _ in self._log}


def _photo(name: str) -> str:
    """The photo of a face: what stands before the number behind `#`."""
    photo, mark, number = name.rpartition("#")
    return photo if mark and number.isdigit() else name


def _csv(lines: Iterable[tuple[str, str]]) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerows([LOG_COLUMNS, *lines])
    return buffer.getvalue().encode()


def _parquet(rows: Sequence[dict[str, Any]]) -> bytes:
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    buffer = io.BytesIO()
    parquet.write_table(arrow.Table.from_pylist(list(rows)), buffer)
    return buffer.getvalue()
