"""CPU time and memory of the scorer on synthetic benchmarks of full size.

    python -m tools.time_scorer dense        # 2,000 faces of 53,215 vertices, 2DASL's rule
    python -m tools.time_scorer landmarks    # 2,000 faces of 68 points, 10,000 draws

Dense: a face model of BFM 2009's size with random bases, 2,000 mats, and a submission of 1.3 GB;
the command runs in a separate process. Landmarks: reading and scoring, without the imports.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import savemat

from eval.benchmarks.aflw2000.data import load_benchmark
from eval.benchmarks.aflw2000.landmarks import AFLW2000_3D, score
from eval.bfm.model import image_from_upright, pose_matrix, posed
from eval.submissions.submission import read_submission, write_submission

FACES, VERTICES = 2000, 53_215
SHAPES, EXPRESSIONS = 199, 29
PHOTO_SIDE = 450
Array = NDArray[np.float32]


@dataclass(frozen=True)
class Cost:
    """The cost of one process: CPU and wall-clock seconds, and peak memory, MB."""

    cpu_s: float
    wall_s: float
    peak_mb: float


def measured(words: list[str]) -> Cost:
    """The cost of a Python command.

    Raises:
        RuntimeError: it failed.
    """
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{' '.join(words)} failed")
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    wall_s = time.perf_counter() - start
    return Cost(used.ru_utime + used.ru_stime, wall_s, used.ru_maxrss / unit)


def write_dense_world(folder: Path, vertices: int = VERTICES) -> list[str]:
    """Write face model, benchmark and submission; returns the scoring command's words."""
    random = np.random.default_rng(0)
    mean = random.uniform(-8e4, 8e4, (vertices, 3)).astype(np.float32)
    keypoints = np.linspace(0, vertices - 1, 68).round().astype(int)
    _write_model(folder / "bfm", mean, keypoints, random)
    (folder / "aflw2000_3d").mkdir()
    poses = np.empty((FACES, 7))
    poses[:, :3] = random.uniform(-0.5, 0.5, (FACES, 3))
    poses[:, 3:] = [225.0, 225.0, -100.0, 1.2e-3]
    meshes = _Meshes(mean, poses)
    ids = [f"image{number:05d}" for number in range(FACES)]
    for number, name in enumerate(ids):
        fields = {
            "pt3d_68": meshes.face(number)[keypoints].T,
            "Pose_Para": poses[number : number + 1],
            "Shape_Para": np.zeros((SHAPES, 1)),  # as much work as others, and no pt3d_68 to fit
            "Exp_Para": np.zeros((EXPRESSIONS, 1)),
        }
        savemat(folder / "aflw2000_3d" / f"{name}.mat", fields)
        (folder / "aflw2000_3d" / f"{name}.jpg").touch()
    write_submission(folder / "mine.npz", ids, None, vertices=meshes)
    words = ["-m", "eval", "score", "aflw2000-3d-dense", str(folder / "mine.npz")]
    return [*words, "--root", str(folder), "--bfm", str(folder / "bfm"), "--rule", "2dasl"]


def write_landmark_world(folder: Path) -> Path:
    """Write arrays of 2,000 faces; returns the submission's path."""
    (folder / "aflw2000_3d").mkdir()
    ids = [f"image{number:05d}" for number in range(FACES)]
    for name in ids:
        (folder / "aflw2000_3d" / f"{name}.jpg").touch()
    (folder / "aflw2000_3d" / "list.txt").write_text("\n".join(f"{name}.jpg" for name in ids))
    random = np.random.default_rng(0)
    points = random.uniform(150.0, 300.0, (FACES, 3, 68)).astype(np.float32)
    np.save(folder / "aflw2000_3d" / "pts68.npy", points)
    np.save(folder / "aflw2000_3d" / "yaw.npy", np.arange(FACES) % 3 * 40.0)
    found = points.transpose(0, 2, 1) + random.normal(0.0, 3.0, (FACES, 68, 3))
    write_submission(folder / "mine.npz", ids, found)
    return folder / "mine.npz"


def landmark_cost(folder: Path) -> Cost:
    """The cost of reading and scoring in this process; memory is not measured."""
    path = write_landmark_world(folder)
    cpu, wall = time.process_time(), time.perf_counter()
    score(AFLW2000_3D, load_benchmark(folder), read_submission(path))
    return Cost(time.process_time() - cpu, time.perf_counter() - wall, float("nan"))


class _Meshes:
    """The mean face in every pose with an offset of some pixels, made on demand."""

    def __init__(self, mean: Array, poses: NDArray[np.float64]) -> None:
        self._mean, self._matrices = mean, pose_matrix(poses)
        self.shape = (len(poses), len(mean), 3)

    def face(self, row: int) -> NDArray[np.float64]:
        return image_from_upright(posed(self._mean, self._matrices[row]), PHOTO_SIDE)

    def chunks(self, rows: int):
        random = np.random.default_rng(1)
        for start in range(0, self.shape[0], rows):
            part = [self.face(row) for row in range(start, min(start + rows, self.shape[0]))]
            stacked = np.stack(part).astype(np.float32)
            yield stacked + random.normal(0.0, 3.0, (len(part), 1, 3)).astype(np.float32)


def _write_model(
    folder: Path, mean: Array, keypoints: NDArray[np.integer], random: np.random.Generator
) -> None:
    folder.mkdir()
    rows = mean.size
    shape = {
        "mu_shape": mean.reshape(-1, 1),
        "w": random.standard_normal((rows, SHAPES), np.float32),
        "keypoints": keypoints[None] + 1,
    }
    savemat(folder / "Model_Shape.mat", shape)
    expression = {
        "mu_exp": np.zeros((rows, 1), np.float32),
        "w_exp": random.standard_normal((rows, EXPRESSIONS), np.float32),
    }
    savemat(folder / "Model_Exp.mat", expression)


def main() -> None:
    """Prints the cost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("dense", "landmarks"))
    what = parser.parse_args().what
    with tempfile.TemporaryDirectory(prefix="time-scorer-") as name:
        folder = Path(name)
        if what == "landmarks":
            cost = landmark_cost(folder)
            print(
                f"{FACES:,} faces of 68 points, 10,000 draws: {cost.cpu_s:.2f} s of CPU, "
                f"{cost.wall_s:.2f} s by the clock"
            )
            return
        cost = measured(write_dense_world(folder))
        print(
            f"{FACES:,} faces of {VERTICES:,} vertices: {cost.cpu_s:.1f} s of CPU, "
            f"{cost.wall_s:.1f} s by the clock, {cost.peak_mb:.0f} MB at most"
        )


if __name__ == "__main__":
    main()
