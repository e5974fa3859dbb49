"""The way back where the nearest points are compared: what buys a small distance is shown."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.benchmarks.aflw2000 import dense as aflw2000_dense
from eval.benchmarks.aflw2000 import reconstruction as aflw2000_reconstruction
from eval.benchmarks.aflw2000.dense_rules import RULES, match
from eval.benchmarks.aflw2000.dense_truth import DenseTruth, load_dense_truth
from eval.errors import SubmissionError
from eval.results.record import ProtocolResult
from eval.scoring.directions import one_sided
from eval.scoring.summary import Bootstrap
from eval.submissions.submission import Submission
from tests.eval.array_rows import ArrayRows
from tests.eval.dense_world import KEYPOINTS, World, world

FEW = Bootstrap(draws=20)


@pytest.fixture
def given(tmp_path: Path) -> World:
    return world(tmp_path, faces=2)


@pytest.fixture
def truth(given: World) -> DenseTruth:
    return load_dense_truth(given.folder, given.bfm, image_count=2)


def test_random_points_are_refused_or_unranked(given: World, truth: DenseTruth) -> None:
    """Many points around the face are near every true one, whoever it is."""
    generator = np.random.default_rng(0)
    low, high = given.meshes.min(axis=(0, 1)), given.meshes.max(axis=(0, 1))
    cloud = np.repeat(generator.uniform(low, high, size=(1, 6_000, 3)), len(given.ids), axis=0)
    points = Submission(given.ids, given.meshes[:, KEYPOINTS], {}, vertices=ArrayRows(cloud))
    with pytest.raises(SubmissionError, match="no triangles, which --nearest needs"):
        match(RULES["prnet"], truth, points, bfm_folder=given.bfm, nearest=True)
    soup = replace(points, triangles=np.arange(6_000).reshape(-1, 3))
    matching = match(RULES["prnet"], truth, soup, bfm_folder=given.bfm, nearest=True)
    for module in (aflw2000_dense, aflw2000_reconstruction):
        result = module.score(truth, soup, matching, bootstrap=FEW)
        assert result.headline.headline < 0.05
        assert one_sided(result).startswith("on 100 % of the images")


def test_points_that_carry_no_surface_gain_nothing(given: World, truth: DenseTruth) -> None:
    """A wrong mesh amid 60,000 points: loose ones do not count, triangles without area show."""
    depth = 12.0 * np.sin(given.meshes[..., :1] / 15.0) * [0.0, 0.0, 1.0]
    wrong, count = given.meshes + depth, given.meshes.shape[1]
    low, high = given.meshes.min(axis=(0, 1)), given.meshes.max(axis=(0, 1))
    cloud = np.random.default_rng(0).uniform(low, high, size=(1, 60_000, 3))
    both = np.concatenate([wrong, np.repeat(cloud, len(wrong), axis=0)], axis=1)
    points = np.repeat(np.arange(count, both.shape[1])[:, None], 3, axis=1)

    def scored(meshes: np.ndarray, triangles: np.ndarray) -> ProtocolResult:
        submission = Submission(
            given.ids,
            given.meshes[:, KEYPOINTS],
            {},
            vertices=ArrayRows(meshes),
            triangles=triangles,
        )
        matching = match(RULES["prnet"], truth, submission, bfm_folder=given.bfm, nearest=True)
        return aflw2000_dense.score(truth, submission, matching, bootstrap=FEW)

    alone, loose = (scored(meshes, given.triangles) for meshes in (wrong, both))
    degenerate = scored(both, np.concatenate([given.triangles, points]))
    assert loose.headline.headline == alone.headline.headline
    assert one_sided(alone) == ""
    assert degenerate.headline.headline < 0.6 * alone.headline.headline
    assert one_sided(degenerate).startswith("on 100 % of the images")
