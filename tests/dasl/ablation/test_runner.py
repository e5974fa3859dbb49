"""A cell that was interrupted goes on from its checkpoint."""

import os
import signal
from pathlib import Path

import pytest
import torch

from dasl.ablation.cells import Cell, Schedule
from dasl.ablation.faces import AblationFaces
from dasl.ablation.runner import run_cell
from dasl.datasets.labels import wild_faces
from dasl.training import trainer
from dasl.training.config import load_config
from dasl.training.trainer import Stopped
from tests.dasl.invented_faces_2d import invented_faces_2d
from tests.dasl.tiny_model import invented_faces, tiny_model, use_tiny_networks

pytestmark = pytest.mark.long

CONFIG = load_config(
    Path(__file__).parents[3] / "configs/ablation.yaml",
    ["network.imagenet=false", "run.threads=1", "run.device=cpu"],
)
SCHEDULE = Schedule(
    faces=None, annotated_batch=2, epoch_steps=2, epochs=1, second_epochs=1, seeds=1
)


def test_an_interrupted_cell_has_the_result_of_an_uninterrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_tiny_networks(monkeypatch.setattr)
    threads, model = torch.get_num_threads(), tiny_model()
    wild = wild_faces(model, invented_faces_2d(12))
    validation = wild.select(torch.arange(4))
    faces = AblationFaces(invented_faces(12), wild, validation)
    cell = Cell("supervised", None, 100, 0)
    whole = run_cell(CONFIG, cell, SCHEDULE, faces, tmp_path / "a", model)

    real_step = trainer.train_step

    def step_then_stop(run, state, batch):  # type: ignore[no-untyped-def]
        result = real_step(run, state, batch)
        if state.step == 3:
            os.kill(os.getpid(), signal.SIGTERM)
        return result

    with monkeypatch.context() as stops, pytest.raises(Stopped):
        stops.setattr(trainer, "train_step", step_then_stop)
        run_cell(CONFIG, cell, SCHEDULE, faces, tmp_path / "b", model)
    resumed = run_cell(CONFIG, cell, SCHEDULE, faces, tmp_path / "b", model)
    torch.set_num_threads(threads)
    assert resumed.nme == whole.nme and len(whole.nme["stage2"]) == 4
    assert len(whole.nme["stage2_central"]) == 4
    assert whole.last_epoch["vertex"] > 0
