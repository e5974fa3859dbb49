"""The numeric results of a face, as JSON and, with the dense surface, as NPZ."""

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dasl.arrays import FloatArray
from dasl.head.measures import FaceMeasures

FRAMES = {
    "model": "metres, right-handed: x to the image's right for a frontal face, y up, z forward",
    "image": "photo pixels, 0-based, integer = pixel centre, x right, y down, z to the viewer",
    "pose": "image = (tx + v.x, ty - v.y, v.z) with v = scale * rotation @ model",
    "angles": "degrees; yaw > 0: nose to the image's left, pitch > 0: nose up, "
    "roll > 0: head leans to the image's left",
}
SCHEMA_VERSION = 2


@dataclass(frozen=True, eq=False)
class FaceRecord:
    """The exported numbers of a face; made by `Face.record`.

    Attributes:
        head_id: of the head model that defines identity and expression.
        confidence: in [0, 1].
        covered: which of "eyes" and "mouth" are probably covered.
        box: (4,) x0, y0, x1, y1 of the detection, photo pixels.
        angles_deg: yaw, pitch, roll.
        rotation: (3, 3) model to view.
        scale: photo pixels per metre.
        translation: (2,) photo position of the model's origin, pixels.
        expression: ARKit name -> weight in [0, 1].
        identity: (K,) standard deviations.
        landmarks: (68, 3) image frame.
        more_landmarks: scheme, such as "478" -> (N, 3) image frame; those that were asked for.
        vertices: (D, 3) dense surface, image frame; NPZ only.
        triangles: (S, 3) into `vertices`; NPZ only.
        measures: lengths on the neutral head.
    """

    head_id: str
    confidence: float
    covered: tuple[str, ...]
    box: FloatArray
    angles_deg: tuple[float, float, float]
    rotation: FloatArray
    scale: float
    translation: FloatArray
    expression: dict[str, float]
    identity: FloatArray
    landmarks: FloatArray
    vertices: FloatArray
    triangles: npt.NDArray[np.int32]
    measures: FaceMeasures
    more_landmarks: Mapping[str, FloatArray] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The content of the JSON file, and of each face in the page's `/reconstruct` response."""
        landmarks = _rounded(self.landmarks, 2)
        angles = zip(("yaw_deg", "pitch_deg", "roll_deg"), self.angles_deg, strict=True)
        return {
            "schema_version": SCHEMA_VERSION,
            "head_id": self.head_id,
            "frames": FRAMES,
            "confidence": round(self.confidence, 4),
            "covered": list(self.covered),
            "box": _rounded(self.box, 2),
            "pose": {
                **{name: round(angle, 3) for name, angle in angles},
                "rotation": _rounded(self.rotation, 6),
                "scale_px_per_m": round(self.scale, 3),
                "translation_px": _rounded(self.translation, 3),
            },
            "expression": {key: round(value, 4) for key, value in self.expression.items()},
            "identity_sd": _rounded(self.identity, 4),
            "landmarks68_image": landmarks,
            "landmarks": landmarks,  # the original name in `/reconstruct`, kept
            **{
                f"landmarks{scheme}_image": _rounded(points, 2)
                for scheme, points in self.more_landmarks.items()
            },
            "measures": {"note": self.measures.note}
            | {name: round(value, 2) for name, value in asdict(self.measures).items()},
        }


def json_bytes(record: FaceRecord) -> bytes:
    """The JSON file: pose, expression, identity, landmarks, measures."""
    return (json.dumps(record.document(), indent=1) + "\n").encode()


def npz_bytes(record: FaceRecord) -> bytes:
    """The NPZ file: the same as arrays, and the dense surface."""
    buffer = io.BytesIO()
    more: dict[str, Any] = {f"landmarks{s}": points for s, points in record.more_landmarks.items()}
    np.savez_compressed(
        buffer,
        landmarks=record.landmarks,
        **more,
        vertices=record.vertices,
        triangles=record.triangles,
        yaw_pitch_roll_deg=np.array(record.angles_deg, dtype=np.float32),
        rotation=record.rotation,
        scale=np.float32(record.scale),
        translation=record.translation,
        expression=np.array(list(record.expression.values()), dtype=np.float32),
        expression_names=np.array(list(record.expression)),
        identity=record.identity,
        confidence=np.float32(record.confidence),
        covered=np.array(record.covered, dtype=np.str_),
        box=record.box,
        measures=np.array(list(asdict(record.measures).values()), dtype=np.float32),
        measure_names=np.array(list(asdict(record.measures))),
        head_id=np.array(record.head_id),
        frames=np.array(json.dumps(FRAMES)),
    )
    return buffer.getvalue()


def _rounded(values: npt.NDArray[Any], digits: int) -> list[Any]:
    return np.round(np.asarray(values, dtype=np.float64), digits).tolist()
