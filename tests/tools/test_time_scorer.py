"""The scorer's cost, measured on a small face model."""

from pathlib import Path

import pytest

from tools.time_scorer import landmark_cost, measured, write_dense_world


def test_the_dense_world_is_scored_in_a_process_of_its_own(tmp_path: Path) -> None:
    cost = measured(write_dense_world(tmp_path, vertices=200))
    assert cost.cpu_s > 0 and cost.wall_s > 0 and cost.peak_mb > 20


def test_landmarks_are_scored_without_the_imports(tmp_path: Path) -> None:
    cost = landmark_cost(tmp_path)
    assert cost.cpu_s > 0 and cost.wall_s > 0


def test_a_command_that_fails_has_no_cost() -> None:
    with pytest.raises(RuntimeError, match="failed"):
        measured(["-c", "raise SystemExit(1)"])
