"""Results as records: fractions, unrounded, with everything needed to read the number."""

import dataclasses
import json
import math
import types
import typing
from dataclasses import dataclass
from pathlib import Path

from eval.errors import RecordError
from eval.files import write_atomically

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class BinScore:
    """One yaw bin: its label, how many faces were scored in it, and their mean NME."""

    label: str
    count: int
    mean: float


@dataclass(frozen=True)
class Interval:
    """A percentile bootstrap interval, resampled within the yaw bins."""

    low: float
    high: float
    level: float
    draws: int
    seed: int


@dataclass(frozen=True)
class Score:
    """NME in one kind of coordinates, as fractions; NaN where nothing was scored.

    Attributes:
        z_rule: how the depth's free offset was fixed; None for a score in x and y.
        mean_of_bins: the headline.
        std_of_bins: population standard deviation of the bins' means, as in 3DDFA v1's code
            (the CVPR 2016 table prints the sample one, larger by sqrt(3 / 2)).
        mean_of_images: over the scored images.
        interval: of ``mean_of_bins``.
        failure_rate: share of the expected images that failed or lie above the threshold.
        failure_threshold: that threshold.
        bins: the yaw bins.
        regions: mean of bins for jaw, brows, nose, eyes, mouth.
        per_image: NME by image id, NaN for a failed face.
    """

    z_rule: str | None
    mean_of_bins: float
    std_of_bins: float
    mean_of_images: float
    interval: Interval
    failure_rate: float
    failure_threshold: float
    bins: tuple[BinScore, ...]
    regions: dict[str, float]
    per_image: dict[str, float]


@dataclass(frozen=True)
class ProtocolResult:
    """One method's measured result under one protocol.

    ``score_2d`` is the headline. ``boxes`` says which face boxes the method used, as its
    author states it. Partial coverage (``scored`` below ``expected``) is not ranked.
    """

    protocol: str
    protocol_version: int
    method: str
    link: str
    weights_revision: str
    training_data: str
    boxes: str
    submission_sha256: str
    landmark_source: str
    yaw_source: str
    normaliser: str
    alignment: str
    expected: int
    scored: int
    failed_ids: tuple[str, ...]
    score_2d: Score
    score_3d: Score | None
    warnings: tuple[str, ...]
    schema_version: int = SCHEMA_VERSION

    @property
    def is_ranked(self) -> bool:
        """Whether every expected image was scored."""
        return self.scored == self.expected


def to_json(result: ProtocolResult) -> str:
    """The record as JSON text; NaN is written as null."""
    return json.dumps(_plain(dataclasses.asdict(result)), indent=1, allow_nan=False) + "\n"


def from_json(text: str) -> ProtocolResult:
    """Read a record back.

    Raises:
        RecordError: not JSON, another schema version, or fields missing, unknown or mistyped.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordError(
            f"not JSON ({error}); write it with python -m eval score --json"
        ) from error
    version = data.get("schema_version") if isinstance(data, dict) else None
    if version != SCHEMA_VERSION:
        raise RecordError(
            f"schema_version must be {SCHEMA_VERSION}, got {version!r}; score the submission again"
        )
    result = _typed(ProtocolResult, data, "record")
    assert isinstance(result, ProtocolResult)
    return result


def save_result(path: str | Path, result: ProtocolResult) -> None:
    """Write a record; a crash in the middle leaves the old file.

    Raises:
        RecordError: the place cannot be written.
    """
    path = Path(path)
    payload = to_json(result).encode()
    try:
        write_atomically(path, lambda file: file.write(payload))
    except OSError as error:
        reason = error.strerror or error
        raise RecordError(f"cannot write {path}: {reason}; choose another place") from error


def load_records(folder: str | Path) -> list[ProtocolResult]:
    """All records of a folder, by file name; none when the folder is absent or empty.

    Raises:
        RecordError: a file is not a record; the message names it.
    """
    records = []
    for path in sorted(Path(folder).glob("*.json")):
        try:
            records.append(from_json(path.read_text(encoding="utf-8")))
        except (RecordError, OSError, UnicodeDecodeError) as error:
            raise RecordError(f"{path}: {error}") from error
    return records


def _plain(value: object) -> object:
    """Containers and numbers as JSON has them."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _typed(kind: typing.Any, value: object, where: str) -> object:
    """Rebuild ``value`` as the annotated type ``kind``, checking every field on the way."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        return None if value is None else _typed(inner[0], value, where)
    if dataclasses.is_dataclass(kind) and isinstance(value, dict):
        hints = typing.get_type_hints(kind)
        if set(hints) != set(value):
            wrong = ", ".join(sorted(map(str, set(hints) ^ set(value))))
            raise RecordError(f"{where} has missing or unknown fields: {wrong}")
        fields = {name: _typed(hint, value[name], name) for name, hint in hints.items()}
        return typing.cast(typing.Any, kind)(**fields)
    if origin is tuple and isinstance(value, list):
        return tuple(_typed(inner[0], item, where) for item in value)
    if origin is dict and isinstance(value, dict):
        return {key: _typed(inner[1], item, where) for key, item in value.items()}
    if kind is float and (value is None or type(value) in (float, int)):
        return math.nan if value is None else float(typing.cast(float, value))
    if kind in (str, int) and type(value) is kind:
        return value
    raise RecordError(f"{where} must be {getattr(kind, '__name__', kind)}, got {value!r:.60}")
