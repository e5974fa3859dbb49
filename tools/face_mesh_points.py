"""MediaPipe's face mesh on pictures; run by `tools.place_face_mesh` in a Python that has mediapipe.

    python tools/face_mesh_points.py POINTS.json PICTURE...

Writes, for each picture by name, (478, 3) points: x and y in pixels, z in pixels and relative; or
null where MediaPipe finds no face. Its models come with the wheel mediapipe 0.10.14 (Apache-2.0).
"""

import json
import sys
from pathlib import Path

import cv2
import mediapipe


def main(target: str, *pictures: str) -> None:
    """Run the network on every picture."""
    found = {}
    mesh = mediapipe.solutions.face_mesh.FaceMesh(
        static_image_mode=True, refine_landmarks=True, max_num_faces=1
    )
    for picture in pictures:
        pixels = cv2.cvtColor(cv2.imread(picture), cv2.COLOR_BGR2RGB)
        height, width = pixels.shape[:2]
        faces = mesh.process(pixels).multi_face_landmarks
        # its coordinates are shares of the picture, counted from the pixels' edges
        found[picture] = faces and [
            [p.x * width - 0.5, p.y * height - 0.5, p.z * width] for p in faces[0].landmark
        ]
    Path(target).write_text(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
