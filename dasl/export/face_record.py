"""What a face's record files hold: its numbers as JSON, and with the dense surface as NPZ."""

import io
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dasl.export.mesh_files import Contents
from dasl.export.options import HeadOptions
from dasl.head.measures import NOTE

if TYPE_CHECKING:
    from dasl.reconstruction.face import Face

FRAMES = {
    "model": "metres, right-handed: x to the image's right for a frontal face, y up, z forward",
    "image": "photo pixels, 0-based, integer = pixel centre, x right, y down, z to the viewer",
    "pose": "image = (tx + v.x, ty - v.y, v.z) with v = scale * rotation @ model",
    "angles": "degrees; yaw > 0: nose to the image's left, pitch > 0: nose up, "
    "roll > 0: head leans to the image's left",
}
SCHEMA_VERSION = 1


def record_json(face: "Face", name: str, options: HeadOptions) -> Contents:
    """Pose, expression, identity, landmarks, measures; the same whatever the options."""
    record = {
        "schema_version": SCHEMA_VERSION,
        "frames": FRAMES,
        "confidence": round(face.confidence, 4),
        "box": _rounded(face.box, 2),
        "pose": {
            "yaw_deg": round(face.pose.yaw_deg, 3),
            "pitch_deg": round(face.pose.pitch_deg, 3),
            "roll_deg": round(face.pose.roll_deg, 3),
            "rotation": _rounded(face.pose.rotation, 6),
            "scale_px_per_m": round(face.pose.scale, 3),
            "translation_px": _rounded(face.pose.translation, 3),
        },
        "expression": {key: round(value, 4) for key, value in face.expression.items()},
        "identity_sd": _rounded(face.identity, 4),
        "landmarks68_image": _rounded(face.landmarks, 2),
        "measures": {"note": NOTE}
        | {name: round(value, 2) for name, value in asdict(face.measures).items()},
    }
    return {".json": (json.dumps(record, indent=1) + "\n").encode()}


def record_npz(face: "Face", name: str, options: HeadOptions) -> Contents:
    """These and the dense surface; the same whatever the options."""
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        landmarks=face.landmarks,
        vertices=face.vertices,
        triangles=face.triangles,
        yaw_pitch_roll_deg=np.array(
            [face.pose.yaw_deg, face.pose.pitch_deg, face.pose.roll_deg], dtype=np.float32
        ),
        rotation=face.pose.rotation,
        scale=np.float32(face.pose.scale),
        translation=face.pose.translation,
        expression=np.array(list(face.expression.values()), dtype=np.float32),
        expression_names=np.array(list(face.expression)),
        identity=face.identity,
        confidence=np.float32(face.confidence),
        box=face.box,
        measures=np.array(list(asdict(face.measures).values()), dtype=np.float32),
        measure_names=np.array(list(asdict(face.measures))),
        frames=np.array(json.dumps(FRAMES)),
    )
    return {".npz": buffer.getvalue()}


def _rounded(values: npt.NDArray[Any], digits: int) -> list[Any]:
    return np.round(np.asarray(values, dtype=np.float64), digits).tolist()
