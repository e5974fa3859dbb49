"""One step: its batch depends on the faces alone, and what it changes."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from dasl.training.checkpoint import RunState
from dasl.training.config import config_from_dict
from dasl.training.run import Run, prepare_run
from dasl.training.step import Batch, make_batch, train_step
from tests.dasl.tiny_model import invented_faces, tiny_model

FACES = invented_faces(12)


@pytest.fixture
def started(tmp_path: Path) -> tuple[Run, RunState]:
    settings = {
        "network": {"imagenet": False, "frozen_batch_norm": True},
        "landmark_map": {"own_share": 0.5},
        "optimiser": {"average_decay": 0.5},
        "run": {"output": str(tmp_path), "device": "cpu", "batch_size": 4},
    }
    return prepare_run(config_from_dict(settings), FACES, FACES, tiny_model(), resume=False)


def batch(started: tuple[Run, RunState], rows: Tensor, seen: int = 0, epoch: int = 0) -> Batch:
    return make_batch(*started, rows, torch.full_like(rows, seen), epoch)


def test_a_face_looks_the_same_in_any_batch(started: tuple[Run, RunState]) -> None:
    whole = batch(started, torch.arange(12))
    some = torch.tensor([7, 1, 10])
    part = batch(started, some)
    assert part.faces.ids == ("face0007", "face0001", "face0010")
    torch.testing.assert_close(part.faces.images, whole.faces.images[some], atol=1e-2, rtol=0)
    torch.testing.assert_close(part.maps, whole.maps[some], atol=1e-3, rtol=0)


def test_another_epoch_or_round_looks_otherwise(started: tuple[Run, RunState]) -> None:
    rows = torch.arange(4)
    first = batch(started, rows).faces.landmarks68_crop
    for other in (batch(started, rows, epoch=1), batch(started, rows, seen=1)):
        assert (other.faces.landmarks68_crop - first).abs().amax(dim=(1, 2)).min() > 0.1


def test_a_step_moves_the_network_and_the_average_after_it(
    started: tuple[Run, RunState],
) -> None:
    run, state = started
    before = state.learner.network.regressor.weight.detach().clone()
    terms = train_step(run, state, batch(started, torch.arange(4)))
    moved = (state.learner.network.regressor.weight - before).norm()
    lagging = (state.average.regressor.weight - before).norm()
    assert state.step == 1 and 0 < lagging < moved
    weights = run.objective(0).weights
    total = sum(weights[n] * v for n, v in terms.items() if n in weights)
    torch.testing.assert_close(terms["total"], total)
