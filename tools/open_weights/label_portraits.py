"""Labels portraits 001-050 with MediaPipe Face Mesh: `portrait_points.json`.

    python -m venv mediapipe && mediapipe/bin/pip install mediapipe==0.10.14
    mediapipe/bin/python tools/open_weights/label_portraits.py DATA

The package includes the model (Apache-2.0). Google trained it on its own photos and on synthetic
faces (Kartynnik et al. 2019, arXiv 1907.06724), not on AFLW or 300W-LP. The file holds the 478
points of each portrait's largest face in photo pixels (pixel centres are integers), or null if no
face was found.
"""

import json
import sys
from pathlib import Path

import cv2
import mediapipe

OUTPUT = Path(__file__).parent / "portrait_points.json"
PORTRAITS = range(1, 51)
LEAST_CONFIDENCE = 0.3


def main(root: Path) -> int:
    """Label and write; returns the exit status."""
    network = mediapipe.solutions.face_mesh.FaceMesh(
        static_image_mode=True,
        max_num_faces=5,
        refine_landmarks=True,
        min_detection_confidence=LEAST_CONFIDENCE,
    )
    lines = []
    for number in PORTRAITS:
        picture = cv2.imread(str(root / "portraits" / f"{number:03d}.jpg"))
        height, width = picture.shape[:2]
        found = network.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).multi_face_landmarks
        faces = [
            [
                [round(p.x * width - 0.5, 2), round(p.y * height - 0.5, 2), round(p.z * width, 2)]
                for p in face.landmark
            ]
            for face in found or ()
        ]
        largest = max(faces, key=_width, default=None)
        lines.append(f'"{number:03d}": {json.dumps(largest, separators=(",", ":"))}')
    OUTPUT.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    return 0


def _width(points: list[list[float]]) -> float:
    across = [point[0] for point in points]
    return max(across) - min(across)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
