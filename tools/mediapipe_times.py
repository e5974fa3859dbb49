"""Times MediaPipe's FaceMesh; run by `tools.benchmark_beside` in an environment of its own.

    VENV/bin/python tools/mediapipe_times.py INPUT.npz RUNS

INPUT.npz holds `photo` (H, W, 3), `photos` (N, H, W, 3) and `frames` (F, H, W, 3), uint8 RGB.
Prints JSON: seconds of each run by task. Imports nothing of this project.
"""

import json
import sys
import time
from collections.abc import Callable

import numpy as np
from mediapipe.python.solutions.face_mesh import FaceMesh

WARM_UP_RUNS = 3


def main() -> int:
    """Time the tasks; returns the exit status."""
    shown, runs = np.load(sys.argv[1]), int(sys.argv[2])
    photo, photos, frames = (np.ascontiguousarray(shown[n]) for n in ("photo", "photos", "frames"))
    with FaceMesh(static_image_mode=True, max_num_faces=1) as mesh:

        def one() -> None:
            if mesh.process(photo).multi_face_landmarks is None:
                raise SystemExit("MediaPipe finds no face on the photo")

        def many() -> None:
            for each in photos:
                mesh.process(each)

        times = {"photo": _timed(one, runs), "faces": _timed(many, max(1, runs // 10))}
    with FaceMesh(static_image_mode=False, max_num_faces=1) as mesh:
        seconds = []
        for frame in frames:
            start = time.perf_counter()
            mesh.process(frame)
            seconds.append(time.perf_counter() - start)
    print(json.dumps(times | {"frame": seconds}))
    return 0


def _timed(step: Callable[[], None], runs: int) -> list[float]:
    seconds = []
    for _ in range(min(WARM_UP_RUNS, runs) + runs):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    return seconds[-runs:]


if __name__ == "__main__":
    raise SystemExit(main())
