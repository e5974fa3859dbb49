"""Tables of a clip: pose and ARKit weights of each person in each frame, as CSV and JSON."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from dasl.export.face_record import FRAMES
from dasl.video.clip import MAX_SIDE
from dasl.video.samples import Sample, Track, TrackedClip
from dasl.video.steadiness import DEFINITIONS, jitter_px, lag_frames

SCHEMA_VERSION = 1
FRAME_PIXELS = (
    f"pixels of the upright frame, which is made smaller if a side exceeds {MAX_SIDE}: width and "
    "height say; 0-based, integer = pixel centre, x right, y down"
)
_PLACE = ("person", "frame", "time_s", "confidence")
_BOX = ("box_x0", "box_y0", "box_x1", "box_y1")
_POSE = ("yaw_deg", "pitch_deg", "roll_deg", "scale_px_per_m", "translation_x", "translation_y")


def csv_table(tracks: Sequence[Track], expression_names: Sequence[str]) -> bytes:
    """One row for each person and frame: time, confidence, box, pose, one column per ARKit name.

    Args:
        tracks: people.
        expression_names: of the weights, in order.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*_PLACE, *_BOX, *_POSE, *expression_names])
    for track in tracks:
        for sample in track.samples:
            place = [track.number, sample.frame, round(sample.time_s, 4)]
            box, pose, weights = _box(sample), _pose(sample), _weights(sample)
            writer.writerow([*place, round(sample.confidence, 4), *box, *pose, *weights])
    return text.getvalue().encode()


def json_table(clip: TrackedClip, tracks: Sequence[Track], names: Sequence[str]) -> bytes:
    """The same as JSON: a description of the values, then one entry per person.

    Args:
        clip: the source of the tracks: size, number of frames, and the unsmoothed tracks, the
            reference of jitter and lag.
        tracks: people; may be smoothed.
        names: of the expression weights, in order.
    """
    record = {
        "schema_version": SCHEMA_VERSION,
        "frames_of_reference": FRAMES | {"image": FRAME_PIXELS},
        "width": clip.size[0],
        "height": clip.size[1],
        "frame_count": clip.frame_count,
        "complete": clip.damage is None,
        "expression_names": list(names),
        "definitions": DEFINITIONS,
        "people": [_person(track, clip) for track in tracks],
    }
    return (json.dumps(record, separators=(",", ":")) + "\n").encode()


def steadiness(track: Track, clip: TrackedClip) -> dict[str, float | None]:
    """Jitter of a track and of its unsmoothed one, and its lag, by the names of `DEFINITIONS`.

    Args:
        track: of one person; may be smoothed.
        clip: has the unsmoothed track of the same number.
    """
    unsmoothed = next(one for one in clip.tracks if one.number == track.number)
    return {
        "jitter_px": _rounded(jitter_px(track.samples)),
        "jitter_unsmoothed_px": _rounded(jitter_px(unsmoothed.samples)),
        "lag_frames": _rounded(lag_frames(track.samples, unsmoothed.samples)),
    }


def _person(track: Track, clip: TrackedClip) -> dict[str, Any]:
    identity = track.samples[0].coefficients.identity[0].tolist()
    return {
        "person": track.number,
        "identity_sd": [round(value, 4) for value in identity],
        **steadiness(track, clip),
        "samples": [
            {
                "frame": sample.frame,
                "time_s": round(sample.time_s, 4),
                "confidence": round(sample.confidence, 4),
                "box": _box(sample),
                **dict(zip(_POSE, _pose(sample), strict=True)),
                "expression": _weights(sample),
            }
            for sample in track.samples
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _box(sample: Sample) -> list[float]:
    return [round(float(edge), 2) for edge in sample.box]


def _pose(sample: Sample) -> list[float]:
    pose = sample.coefficients.pose
    scale, place = float(pose.scale[0]), pose.translation[0].tolist()
    return [round(value, 3) for value in (*sample.angles_deg, scale, *place)]


def _weights(sample: Sample) -> list[float]:
    return [round(value, 4) for value in sample.coefficients.expression[0].tolist()]
