"""The trainer: it learns, resumes exactly, and stops for good reasons."""

import dataclasses
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from dasl.errors import ConfigError
from dasl.training import trainer
from dasl.training.checkpoint import FILE_NAME
from dasl.training.config import OptimiserConfig, TrainConfig, config_from_dict
from dasl.training.trainer import NonFiniteLoss, Stopped, epoch_order, learning_rate, train
from tests.dasl.tiny_model import invented_faces, tiny_model

FACES = invented_faces(12)


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    """Training sets torch's threads for the process; one is fastest on these few pixels."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def config(folder: Path, **run: object) -> TrainConfig:
    settings = {"epochs": 2, "batch_size": 4, "threads": 1, "output": str(folder)} | run
    return config_from_dict({"network": {"imagenet": False}, "run": settings})


def log_of(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def test_learning_rate_warms_up_peaks_and_ends_low() -> None:
    settings = OptimiserConfig(learning_rate=1.0, warm_up_steps=10, final_fraction=0.1)
    rates = [learning_rate(step, 101, settings) for step in range(101)]
    assert rates[0] == pytest.approx(0.1) and max(rates) == rates[10] == pytest.approx(1.0)
    assert rates[55] == pytest.approx(0.55) and rates[-1] == pytest.approx(0.1)


def test_each_epoch_has_its_own_order_of_all_faces() -> None:
    first, again, second = epoch_order(9, 1, 0), epoch_order(9, 1, 0), epoch_order(9, 1, 1)
    assert torch.equal(first, again) and not torch.equal(first, second)
    assert sorted(second.tolist()) == list(range(9))


def test_a_killed_run_resumes_and_ends_with_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, measured = train(config(tmp_path / "a"), FACES, FACES, tiny_model())

    real_step = trainer.train_step

    def step_then_kill(run, state, rows, rate):  # type: ignore[no-untyped-def]
        result = real_step(run, state, rows, rate)
        if state.step == 4:
            os.kill(os.getpid(), signal.SIGTERM)
        return result

    monkeypatch.setattr(trainer, "train_step", step_then_kill)
    with pytest.raises(Stopped, match="after step 4 of 6"):
        train(config(tmp_path / "b"), FACES, FACES, tiny_model())
    monkeypatch.undo()
    resumed, _ = train(config(tmp_path / "b"), FACES, FACES, tiny_model(), resume=True)

    assert whole.step == resumed.step == 6
    for one, other in ((whole.network, resumed.network), (whole.average, resumed.average)):
        for name, value in one.state_dict().items():
            torch.testing.assert_close(other.state_dict()[name], value, atol=1e-6, rtol=1e-5)
    assert [line["epoch"] for line in log_of(tmp_path / "b")] == [1, 2]
    assert set(measured) == {"blank", "second", "hand_placed"}
    assert log_of(tmp_path / "a")[1]["validation"] == measured
    assert (tmp_path / "a/weights").is_dir()
    assert not list((tmp_path / "b").glob("*.part"))


def test_a_second_run_does_not_overwrite_the_first(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"precious")
    with pytest.raises(ConfigError, match="pass --resume"):
        train(config(tmp_path), FACES, FACES, tiny_model())
    assert (tmp_path / FILE_NAME).read_bytes() == b"precious"


def test_resuming_with_other_settings_or_faces_is_refused(tmp_path: Path) -> None:
    train(config(tmp_path, epochs=1), FACES, FACES, tiny_model())
    with pytest.raises(ConfigError, match=r"run\.epochs: 1 then, 2 now"):
        train(config(tmp_path, epochs=2), FACES, FACES, tiny_model(), resume=True)
    others = dataclasses.replace(FACES, ids=tuple(f"other{i}" for i in range(12)))
    with pytest.raises(ConfigError, match="other faces"):
        train(config(tmp_path, epochs=1), others, FACES, tiny_model(), resume=True)


def test_a_non_finite_loss_names_the_face(tmp_path: Path) -> None:
    landmarks = FACES.landmarks68_crop.clone()
    landmarks[7, 3, 0] = torch.nan
    broken = dataclasses.replace(FACES, landmarks68_crop=landmarks)
    with pytest.raises(NonFiniteLoss, match=r"landmark.* 1 of 12 faces: face0007;"):
        train(config(tmp_path, batch_size=12), broken, FACES, tiny_model())


def test_the_loss_falls_on_faces_that_can_be_learnt(tmp_path: Path) -> None:
    still = dict.fromkeys(("flip", "rotation_sigma_deg", "rotation_uniform_share"), 0.0)
    still |= {"shift_px": 0.0, "occluder_share": 0.0, "brightness": 0.0, "contrast": 0.0}
    learning = config_from_dict(
        {
            "network": {"imagenet": False},
            "augment": still | {"scale": [1.0, 1.0]},
            "optimiser": {"learning_rate": 4e-3, "warm_up_steps": 1},
            "run": {"epochs": 8, "batch_size": 4, "threads": 1, "output": str(tmp_path)},
        }
    )
    train(learning, FACES, FACES, tiny_model())
    losses = [line["loss"]["total"] for line in log_of(tmp_path)]  # type: ignore[index]
    assert losses[-1] < 0.8 * losses[0]
