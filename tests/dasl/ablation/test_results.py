"""Measuring a cell, and the intervals of a mean over faces and seeds."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dasl.ablation.cells import Cell
from dasl.ablation.results import (
    CellResult,
    bins_of,
    estimate,
    load_result,
    measure,
    only_central,
)
from dasl.datasets.handplaced import handplaced_nme
from dasl.errors import ConfigError
from dasl.head.morphable_model import MorphableModel
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.landmark_map import BLANK
from dasl.network.torch_network import predict_landmarks
from tests.dasl.tiny_model import invented_faces

YAW_BIN: list[int | None] = [0] * 50 + [1] * 30 + [2] * 20


def result(errors: list[float | None], seed: int = 0) -> CellResult:
    cell = Cell("cyc", True, 20, seed)
    return CellResult(cell, {}, "faces", YAW_BIN[: len(errors)], {"stage1": errors}, {"total": 1.0})


def test_the_mean_is_over_bins_not_faces() -> None:
    errors: list[float | None] = [0.03] * 50 + [0.06] * 30 + [0.09] * 20
    actual = estimate([result(errors)], "stage1")
    assert actual.mean == pytest.approx(6.0) and actual.low == pytest.approx(6.0)
    assert str(actual) == "6.00 (6.00 to 6.00)"


def test_faces_of_unknown_yaw_are_in_no_bin() -> None:
    assert bins_of(torch.tensor([-80.0, 0.0, float("nan"), 45.0])) == [2, 0, None, 1]
    unknown = replace(result([0.03, 0.09]), yaw_bin=[0, None])
    assert estimate([unknown], "stage1").mean == pytest.approx(3.0)


def test_faces_without_a_value_are_left_out() -> None:
    errors: list[float | None] = [0.03, None] * 25 + [0.06] * 30 + [0.09] * 20
    assert estimate([result(errors)], "stage1").mean == pytest.approx(6.0)


def test_a_difference_is_paired_by_face_and_has_the_seeds_spread() -> None:
    generator = torch.Generator().manual_seed(0)
    errors = (0.05 + 0.03 * torch.rand(100, generator=generator)).tolist()
    better = [result([e - 0.01 + 0.001 * seed for e in errors], seed) for seed in range(3)]
    baseline = [result(errors, seed) for seed in range(3)]
    actual = estimate(better, "stage1", minus=baseline)
    assert actual.mean == pytest.approx(-0.9)
    assert -1.0 - 1e-6 <= actual.low < actual.mean < actual.high <= -0.8 + 1e-6


def test_measuring_draws_detected_landmarks_only_for_methods_with_a_map(
    constant_network: CoefficientNetwork,
    head_model: MorphableModel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    faces, blank = invented_faces(4), []

    def look(network, images, maps, model):  # type: ignore[no-untyped-def]
        blank.append(bool((maps == BLANK).all()))
        return predict_landmarks(network, images, maps, model)

    monkeypatch.setattr("dasl.ablation.results.predict_landmarks", look)
    actual = measure(constant_network, faces, head_model, takes_map=False)
    assert measure(constant_network, faces, head_model, takes_map=True) == actual
    assert blank == [True, False]
    points = predict_landmarks(
        constant_network, faces.images, torch.full((4, 1, 120, 120), -1.0), head_model
    )
    wanted = handplaced_nme(points, faces.landmarks21_crop, faces.visible21)
    assert actual == pytest.approx(wanted.tolist(), abs=1e-5)


def test_central_points_are_those_of_eyes_nose_and_mouth() -> None:
    faces = replace(invented_faces(2), visible21=torch.ones(2, 21, dtype=torch.bool))
    faces.visible21[1, 7] = False
    seen = only_central(faces).visible21
    assert seen[0].nonzero()[:, 0].tolist() == [7, 10, 14, 17, 18, 19]
    assert seen[1].nonzero()[:, 0].tolist() == [10, 14, 17, 18, 19]


def test_a_result_comes_back_and_a_foreign_file_is_named(tmp_path: Path) -> None:
    before = result([0.01, None])
    before.save(tmp_path / "new/a.json")
    assert load_result(tmp_path / "new/a.json") == before
    (tmp_path / "b.json").write_text("[]")
    with pytest.raises(ConfigError, match=r"b\.json is not a result.*delete it"):
        load_result(tmp_path / "b.json")
