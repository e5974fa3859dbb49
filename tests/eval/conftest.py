"""Invented benchmarks and submissions."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from eval.benchmarks.aflw2000.data import Aflw2000, literature_crops
from eval.submissions.submission import Submission
from tests.eval.invented_aflw2000 import write_aflw2000


@pytest.fixture
def truth() -> NDArray[np.float64]:
    """(6, 68, 3) invented points, pixels, 1-based; each face has a box of 100 x 100."""
    generator = np.random.default_rng(1)
    points = generator.uniform(100.0, 200.0, size=(6, 68, 3))
    points[:, 0, :2], points[:, 1, :2] = 100.0, 200.0
    return points


@pytest.fixture
def benchmark(truth: NDArray[np.float64]) -> Aflw2000:
    """Six invented faces, two in each yaw bin."""
    ids = tuple(f"image{number:05d}" for number in range(6))
    yaw_deg = np.array([0.0, -30.0, 45.0, 60.0, 61.0, -95.0])
    paths = tuple(Path(f"{name}.jpg") for name in ids)
    return Aflw2000(ids, paths, truth, yaw_deg, literature_crops(truth), "invented", "invented")


@pytest.fixture
def perfect(benchmark: Aflw2000) -> Submission:
    """The truth as a submission."""
    return Submission(benchmark.ids, benchmark.landmarks68, {"method": "truth"})


@pytest.fixture
def invented_root(tmp_path: Path) -> Path:
    """A folder of 2,000 invented faces, see `write_aflw2000`."""
    write_aflw2000(tmp_path, seed=2)
    return tmp_path


@pytest.fixture
def invented_submission(invented_root: Path) -> Path:
    """The truth of ``invented_root`` as a file."""
    points = np.load(invented_root / "aflw2000_3d" / "pts68.npy").transpose(0, 2, 1)
    names = (invented_root / "aflw2000_3d" / "list.txt").read_text().split()
    path = invented_root / "mine.npz"
    ids = np.array([name.removesuffix(".jpg") for name in names])
    np.savez_compressed(path, ids=ids, landmarks=points, meta=json.dumps({"method": "truth"}))
    return path
