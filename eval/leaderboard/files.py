"""Records on disk: a JSON file, and beside it a CSV with the error of each image.

Reading a record checks that its aggregates follow from the CSV.
"""

import csv
import dataclasses
import hashlib
import io
import json
import math
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.atomic_files import replacing
from eval.errors import RecordError
from eval.leaderboard.recheck import refuse_edited
from eval.results.record import SCHEMA_VERSION, ProtocolResult, Score

SIDE_SUFFIX = ".per_image.csv"
SIDE_KEY = "per_image_sha256"
SIDE_FIELDS = ("per_image", "bin_of", "angle_deg")
LARGEST_FILE = 64 << 20
OLDER_SCHEMA = 2


@dataclass(frozen=True)
class StoredRecords:
    """The records of a folder.

    Attributes:
        records: by file name.
        unreadable: what is wrong with each unreadable file, by its name.
    """

    records: tuple[ProtocolResult, ...]
    unreadable: Mapping[str, str]


def save_record(path: str | Path, result: ProtocolResult) -> None:
    """Write a record and its side file; a crash while writing leaves the old record readable.

    Args:
        path: of the JSON, ending in .json; its folder must exist.
        result: a result of `eval.score`.

    Raises:
        RecordError: another suffix, or the place cannot be written.
    """
    path = Path(path)
    if path.suffix != ".json":
        raise RecordError(f"a record is a .json file, got {path.name}; end its name in .json")
    table = per_image_csv(result.scores)
    try:
        with replacing(_fresh_side_path(path)) as temporary:
            temporary.write_bytes(table)
        with replacing(path) as temporary:  # from here on, the new record
            temporary.write_bytes(record_json(result).encode())
        _fresh_side_path(path).replace(side_path(path))
    except OSError as error:
        reason = error.strerror or error
        raise RecordError(f"cannot write {path}: {reason}; choose another place") from error


def load_record(path: str | Path) -> ProtocolResult:
    """Read a record with its side file.

    Raises:
        RecordError: a file is missing, damaged or of another schema, the two files do not belong
            together, or a figure does not follow from the per-image errors.
    """
    path = Path(path)
    try:
        text = _read(path).decode("utf-8", errors="replace")
        return parse_record(text, _read_side(path, text))
    except RecordError as error:
        raise RecordError(f"{path}: {error}") from error


def load_records(folder: str | Path) -> list[ProtocolResult]:
    """All records of a folder, sorted by file name; none if the folder is absent or empty.

    Raises:
        RecordError: a file is not a record; the message names it.
    """
    return [load_record(path) for path in _record_paths(folder)]


def read_records(folder: str | Path) -> StoredRecords:
    """The records of a folder that others write to; unreadable ones are left out and named."""
    records, unreadable = [], {}
    for path in _record_paths(folder):
        try:
            records.append(load_record(path))
        except RecordError as error:
            unreadable[path.name] = str(error)
    return StoredRecords(tuple(records), unreadable)


def _record_paths(folder: str | Path) -> list[Path]:
    return sorted(Path(folder).glob("*.json"))


def _read_side(path: Path, text: str) -> bytes:
    """The per-image errors with the record's hash; also from a writer that died while saving."""
    for candidate in (side_path(path), _fresh_side_path(path)):
        if candidate.exists():
            side = _read(candidate)
            if hashlib.sha256(side).hexdigest() in text:
                return side
    return _read(side_path(path))


def side_path(path: Path) -> Path:
    """Path of the per-image errors of the record at `path`."""
    return path.with_name(path.stem + SIDE_SUFFIX)


def _fresh_side_path(path: Path) -> Path:
    """Path of new per-image errors until the record refers to them."""
    return path.with_name(path.stem + SIDE_SUFFIX + ".new")


def record_json(result: ProtocolResult) -> str:
    """The record as JSON text without its per-image errors; NaN is written as null."""
    document = typing.cast(dict[str, typing.Any], _plain(dataclasses.asdict(result)))
    for score in document["scores"]:
        for name in SIDE_FIELDS:
            del score[name]
    document[SIDE_KEY] = hashlib.sha256(per_image_csv(result.scores)).hexdigest()
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def per_image_csv(scores: Sequence[Score]) -> bytes:
    """One row per image: id, bin, the image's angle, and each score's error; empty if unknown.

    All scores of a record that have bins share them.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["id", "bin", "angle_deg", *(score.name for score in scores)])
    bin_of, angle_deg = scores[0].bin_of, scores[0].angle_deg
    for name in scores[0].per_image:
        numbers = [angle_deg.get(name, math.nan), *(score.per_image[name] for score in scores)]
        cells = ("" if math.isnan(number) else f"{number:.9g}" for number in numbers)
        writer.writerow([name, bin_of.get(name, ""), *cells])
    return text.getvalue().encode()


def parse_record(text: str, side: bytes) -> ProtocolResult:
    """A record from its two files' contents.

    Args:
        text: of the JSON.
        side: of the CSV.

    Raises:
        RecordError: either is malformed, or the two do not fit together; the message says what.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"not JSON ({error}); write it with eval score --json") from error
    version = document.get("schema_version") if isinstance(document, dict) else None
    if version == OLDER_SCHEMA:
        # Old records do not state whether the board's maintainer had the predictions.
        document |= {"provenance": "reported", "schema_version": SCHEMA_VERSION}
    elif version != SCHEMA_VERSION:
        raise RecordError(
            f"schema_version must be {SCHEMA_VERSION}, got {version!r}; score the submission again"
        )
    if document.pop(SIDE_KEY, None) != hashlib.sha256(side).hexdigest():
        raise RecordError("its per-image file belongs to another record; score again")
    rows = _parse_side(side)
    scores = document.get("scores")
    for score in scores if isinstance(scores, list) else []:
        if isinstance(score, dict):
            score |= _side_fields(rows, score)
    result = _typed(ProtocolResult, document, "record")
    assert isinstance(result, ProtocolResult)
    if not result.scores:
        raise RecordError("scores must hold at least one; score the submission again")
    if len({score.name for score in result.scores}) < len(result.scores):
        raise RecordError("two scores have the same name; score the submission again")
    refuse_edited(result)
    return result


def _parse_side(side: bytes) -> list[dict[str, str]]:
    """The rows by column."""
    try:
        rows = list(csv.DictReader(io.StringIO(side.decode("utf-8", errors="replace"))))
    except csv.Error as error:
        raise RecordError(f"its per-image file is no CSV ({error}); score again") from error
    if any(None in row or None in row.values() or "id" not in row for row in rows):
        raise RecordError("its per-image file has rows of different lengths; score again")
    if len({row["id"] for row in rows}) < len(rows):
        raise RecordError("its per-image file names an image twice; score again")
    return rows


def _side_fields(
    rows: Sequence[Mapping[str, str]], score: Mapping[str, object]
) -> dict[str, object]:
    """The fields of one score that the side file holds."""
    column = str(score.get("name"))
    binned = bool(score.get("bins"))
    try:
        return {
            "per_image": {row["id"]: _number(row.get(column, "")) for row in rows},
            "bin_of": {r["id"]: r["bin"] for r in rows if binned and r.get("bin")},
            "angle_deg": {
                r["id"]: _number(r["angle_deg"]) for r in rows if binned and r.get("angle_deg")
            },
        }
    except ValueError as error:
        raise RecordError(f"its per-image file holds no numbers ({error}); score again") from error


def _number(cell: str) -> float:
    return float(cell) if cell else math.nan


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise RecordError(f"{path.name} exceeds {LARGEST_FILE >> 20} MiB: not a record")
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise RecordError(f"cannot read {path.name}: {reason}; score again") from error


def _plain(value: object) -> object:
    """Containers and numbers as JSON values."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _typed(kind: typing.Any, value: object, where: str) -> object:
    """Rebuild ``value`` as the annotated type ``kind``, checking every field on the way."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind) and isinstance(value, dict):
        hints = typing.get_type_hints(kind)
        if set(hints) != set(value):
            wrong = ", ".join(sorted(map(str, set(hints) ^ set(value))))
            raise RecordError(f"{where} has missing or unknown fields: {wrong}")
        fields = {name: _typed(hint, value[name], name) for name, hint in hints.items()}
        return typing.cast(typing.Any, kind)(**fields)
    if origin is tuple and isinstance(value, list):
        return tuple(_typed(inner[0], item, where) for item in value)
    if origin is Mapping and isinstance(value, dict):
        return {key: _typed(inner[1], item, where) for key, item in value.items()}
    if origin is typing.Literal and value in inner:
        return value
    if kind is float and (value is None or type(value) in (float, int)):
        return _float(typing.cast("float | None", value))
    if kind in (str, int) and type(value) is kind:
        return value
    wanted = " or ".join(inner) if origin is typing.Literal else getattr(kind, "__name__", kind)
    raise RecordError(f"{where} must be {wanted}, got {value!r:.60}")


def _float(value: float | None) -> float:
    """NaN for null; infinity for an integer too large for a float."""
    try:
        return math.nan if value is None else float(value)
    except OverflowError:
        return math.inf
