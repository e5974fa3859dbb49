"""Output of live faces as JSON lines or as a CSV table."""

import csv
import json
from collections.abc import Sequence
from typing import TextIO

from dasl.video.live.tracker import LiveFace

_POSE = ("yaw_deg", "pitch_deg", "roll_deg")


class JsonLines:
    """Write one JSON object per frame and line; a frame without a face has only its time."""

    def __init__(self, out: TextIO) -> None:
        """Store the stream; nothing is written yet.

        Args:
            out: a text stream; flushed after each line.
        """
        self._out = out

    def __call__(self, face: LiveFace | None, time_s: float) -> None:
        """Write a line."""
        record: dict[str, object] = {"time_s": round(time_s, 4)}
        if face is not None:
            pose = zip(_POSE, (round(angle, 3) for angle in face.angles_deg), strict=True)
            weights = {name: round(weight, 4) for name, weight in face.weights.items()}
            record |= {"confidence": round(face.confidence, 4), **dict(pose), "weights": weights}
        self._out.write(json.dumps(record, separators=(",", ":")) + "\n")
        self._out.flush()


class CsvTable:
    """Write one row per frame with a face: time, confidence, pose, weights."""

    def __init__(self, out: TextIO, names: Sequence[str]) -> None:
        """Write the table's header.

        Args:
            out: a text stream.
            names: of the expression weights.
        """
        self._writer = csv.writer(out, lineterminator="\n")
        self._names = names
        self._writer.writerow(["time_s", "confidence", *_POSE, *names])

    def __call__(self, face: LiveFace | None, time_s: float) -> None:
        """Write a row."""
        if face is None:
            return
        numbers = [round(time_s, 4), round(face.confidence, 4)]
        angles = [round(angle, 3) for angle in face.angles_deg]
        weights = [round(face.weights[name], 4) for name in self._names]
        self._writer.writerow([*numbers, *angles, *weights])
