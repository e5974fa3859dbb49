"""The invented benchmark of the boards of meshes, and how a mesh is scored on it."""

from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks.aflw2000 import dense as aflw2000_dense
from eval.benchmarks.aflw2000 import reconstruction as aflw2000_reconstruction
from eval.benchmarks.aflw2000.dense_rules import RULES, match
from eval.benchmarks.aflw2000.dense_truth import DenseTruth, load_dense_truth
from eval.results.record import ProtocolResult
from eval.scoring.summary import Bootstrap
from eval.submissions.submission import Submission
from tests.eval.array_rows import ArrayRows
from tests.eval.dense_world import World, world

FEW = Bootstrap(draws=20)


@pytest.fixture
def given(tmp_path: Path) -> World:
    return world(tmp_path)


@pytest.fixture
def truth(given: World) -> DenseTruth:
    return load_dense_truth(given.folder, given.bfm, image_count=5)


def noisy(given: World, size: float = 2.0) -> np.ndarray:
    return given.meshes + np.random.default_rng(7).normal(size=given.meshes.shape) * size


def dense(
    given: World, truth: DenseTruth, meshes: np.ndarray, rule: str, **members: np.ndarray
) -> ProtocolResult:
    submission = Submission(given.ids, None, {}, vertices=ArrayRows(meshes), **members)
    matching = match(RULES[rule], truth, submission, bfm_folder=given.bfm)
    return aflw2000_dense.score(truth, submission, matching, bootstrap=FEW)


def reconstruction(
    given: World, truth: DenseTruth, meshes: np.ndarray, rule: str, scale: str = "fitted"
) -> ProtocolResult:
    submission = Submission(given.ids, None, {}, vertices=ArrayRows(meshes))
    matching = match(RULES[rule], truth, submission, bfm_folder=given.bfm)
    return aflw2000_reconstruction.score(truth, submission, matching, scale=scale, bootstrap=FEW)


def sqrt_box(points: np.ndarray) -> float:
    width, height = np.ptp(points[:, 0]), np.ptp(points[:, 1])
    return float(np.sqrt(width * height))
