"""The ablation's rows on the board: the frame of their predictions, and who has a map."""

from pathlib import Path

import numpy as np
import pytest

from dasl.ablation.cells import MAIN_BUDGET, Cell
from dasl.ablation.runner import weights_of
from dasl.head.morphable_model import MorphableModel
from dasl.weights.folder import EMBEDDED_FOLDER, save_weights
from eval.benchmarks.aflw2000.data import Aflw2000
from tests.dasl.constant_network import (
    frontal_mean_head,
    nose_tip_published,
    one_photo_benchmark,
)
from tools.ablation_board import METHODS, SEED, facts, main, predictions

pytestmark = pytest.mark.long


@pytest.fixture
def benchmark(tmp_path) -> Aflw2000:
    return one_photo_benchmark(tmp_path)


def runs_with(weights: Path, folder: Path) -> Path:
    for method, mask in METHODS:
        place = weights_of(folder, Cell(method, mask, MAIN_BUDGET, SEED))
        place.parent.mkdir(parents=True)
        place.symlink_to(weights)
    return folder


def test_predictions_are_in_the_published_frame(benchmark, tmp_path):
    model = MorphableModel.load()
    save_weights(tmp_path / "constant", frontal_mean_head(model), {})
    folder = runs_with(tmp_path / "constant", tmp_path)
    found = list(predictions(folder, benchmark, np.zeros((1, 68, 3))))
    assert [(cell.method, cell.mask) for cell, _ in found] == list(METHODS)
    for _, landmarks in found:
        np.testing.assert_allclose(landmarks[0, 30, :2], nose_tip_published(model), atol=1e-3)


@pytest.mark.skipif(not EMBEDDED_FOLDER.is_dir(), reason="dasl/assets/lite0 is missing")
def test_the_map_is_drawn_for_those_methods_alone_that_have_one(benchmark, tmp_path):
    folder = runs_with(EMBEDDED_FOLDER, tmp_path)
    middle, aside = (np.full((1, 68, 3), place, np.float32) for place in (100.0, 80.0))
    one, other = (dict(predictions(folder, benchmark, points)) for points in (middle, aside))
    for cell in one:
        assert np.array_equal(one[cell], other[cell]) is not cell.takes_map


def test_a_row_says_that_it_is_of_our_ablation():
    assert facts(Cell("cyc", True, MAIN_BUDGET, SEED)) == {
        "method": "our ablation: cyc, weight mask (400 steps, seed 0)",
        "boxes": "benchmark",
        "training_data": "4,000 AFLW faces, 20 % with 3D annotation",
    }


def test_missing_data_are_named(tmp_path, capsys):
    assert main(["--root", str(tmp_path), "--folder", str(tmp_path)]) == 1
    assert "ablation_board: " in capsys.readouterr().err
