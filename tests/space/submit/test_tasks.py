from pathlib import Path

import pytest

from eval.benchmarks.aflw2000.data import REANNOTATED_FILE
from eval.benchmarks.aflw2000.variants import NOT_IN_2DASL
from eval.submissions.submission import read_submission
from space.submit.tasks import TASKS, tasks_here
from tests.eval.conftest import invented_root, invented_submission

__all__ = ["invented_root", "invented_submission"]  # fixtures


def test_only_what_the_owner_has_data_for_can_be_scored(invented_root: Path, tmp_path: Path):
    labels = [task.label for task in TASKS]
    assert list(tasks_here(invented_root)) == labels[:2]
    (invented_root / "aflw2000_3d" / REANNOTATED_FILE).touch()
    assert list(tasks_here(invented_root)) == labels[:3]
    assert tasks_here(None) == tasks_here(tmp_path / "nowhere") == {}


def test_a_task_scores_as_the_command_line_does(invented_root: Path, invented_submission: Path):
    task = tasks_here(invented_root)[TASKS[0].label]
    result = task.score(read_submission(invented_submission), invented_root)
    assert result.headline.headline == pytest.approx(0.0, abs=1e-6)
    assert result.options["subset"] == "all"
    assert task.command() == "python -m eval score aflw2000-3d SUBMISSION.npz --root DATA"


def test_a_variant_names_itself_and_its_images():
    variant = TASKS[1]
    assert variant.command().endswith("--subset 2dasl-1998")
    assert variant.upload.left_out == NOT_IN_2DASL


def test_the_images_that_count_are_those_of_the_owners_folder(invented_root: Path):
    wanted = TASKS[0].wanted(invented_root)
    assert len(wanted.images) == 2000 and wanted.left_out == ()
