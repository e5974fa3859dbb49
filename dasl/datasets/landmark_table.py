"""One file with the landmarks of many photos: `landmarks.json` or `landmarks.csv`.

JSON is an object from name to points. CSV has the columns name, x0, y0, ... x67, y67, separated by
commas, tabs or semicolons (with semicolons 1,5 is also a number). A name is a photo's path in the
folder, or its bare file name if that is unique.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from dasl.errors import ConfigError
from dasl.head.landmarks import IBUG_POINTS

TABLE_JSON, TABLE_CSV = "landmarks.json", "landmarks.csv"
SEPARATORS = ",;\t"


@dataclass(frozen=True)
class LandmarkTable:
    """Points by name.

    Attributes:
        folder: the names are relative to it.
        points: as in the file, not checked.
        bare_names: number of photos in the folder with each bare name.
    """

    folder: Path
    points: Mapping[str, Any]
    bare_names: Mapping[str, int]

    @classmethod
    def read(cls, folder: Path, photos: Sequence[Path]) -> "LandmarkTable":
        """The folder's tables; empty if it has none.

        Raises:
            ConfigError: a table is damaged, or names a photo twice.
        """
        named: list[tuple[str, Any]] = []
        try:
            if (folder / TABLE_JSON).is_file():
                named += _from_json(folder / TABLE_JSON)
            if (folder / TABLE_CSV).is_file():
                named += _from_csv(folder / TABLE_CSV)
        except (OSError, ValueError, RecursionError, csv.Error) as error:
            if isinstance(error, ConfigError):
                raise
            raise ConfigError(f"cannot read the landmarks in {folder}: {error}") from error
        points = {_normal(name): entry for name, entry in named}
        if len(points) < len(named):
            twice = Counter(_normal(name) for name, _ in named).most_common(1)[0][0]
            raise ConfigError(f"the landmarks in {folder} name {twice} twice; keep one of them")
        return cls(folder, points, Counter(photo.name for photo in photos))

    def points_of(self, photo: Path) -> Any | None:
        """The table's points of a photo; None if it has none.

        Raises:
            ConfigError: the table names the photo by a bare name that other photos share.
        """
        relative = photo.relative_to(self.folder).as_posix()
        if relative in self.points:
            return self.points[relative]
        if photo.name not in self.points:
            return None
        count = self.bare_names[photo.name]
        if count > 1:
            raise ConfigError(
                f"the landmarks in {self.folder} name {photo.name}, and {count} photos have this "
                f"name; name each by its path, such as {relative}"
            )
        return self.points[photo.name]


def _normal(name: str) -> str:
    """A path in normal form: with slashes and without `./`."""
    return PurePosixPath(name.strip().replace("\\", "/")).as_posix()


def _from_json(path: Path) -> Iterable[tuple[str, Any]]:
    text = path.read_text(encoding="utf-8-sig")
    pairs = json.loads(text, object_pairs_hook=list)  # a plain object would hide a name given twice
    if not text.lstrip().startswith("{"):
        raise ConfigError(f"{path} must be an object, file name to points")
    return list(pairs)


def _from_csv(path: Path) -> Iterable[tuple[str, Any]]:
    text = path.read_text(encoding="utf-8-sig")
    header = text.partition("\n")[0]
    separator = max(SEPARATORS, key=header.count)
    columns = [f"{axis}{n}" for n in range(IBUG_POINTS) for axis in "xy"]
    for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=separator):
        values = [row.get(column) or "" for column in columns]
        if separator == ";":
            values = [value.replace(",", ".") for value in values]
        yield row.get("name") or "", values
