"""The trainer: it learns, resumes exactly, counts the same on many processes, and stops well."""

import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from dasl.errors import ConfigError
from dasl.training import trainer
from dasl.training.checkpoint import FILE_NAME
from dasl.training.config import TrainConfig, config_from_dict
from dasl.training.step import NonFiniteLoss
from dasl.training.trainer import Stopped, train
from dasl.training.validate import validate
from dasl.weights.folder import TENSOR_FILE, load_weights
from tests.dasl.tiny_model import invented_faces, tiny_model, use_tiny_networks

pytestmark = pytest.mark.long

FACES = invented_faces(12)
VALIDATION = invented_faces(4)
PROGRAM = "tests.dasl.training.tiny_run"
SELF_SUPERVISED = {
    "wpdc": 0.1,
    "consistency_2d": 0.5,
    "consistency_3d": 0.2,
    "cycle": 0.2,
    "direct_landmark": 0.3,
}


@pytest.fixture(autouse=True)
def small_and_threads_as_before() -> Iterator[None]:
    """Training sets torch's threads for the process; one is fastest on these few pixels."""
    before = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patch:
        use_tiny_networks(patch.setattr)
        yield
    torch.set_num_threads(before)


def settings(folder: Path, **run: object) -> dict[str, dict[str, object]]:
    common = {"epochs": 2, "batch_size": 4, "threads": 1, "device": "cpu", "output": str(folder)}
    return {"network": {"imagenet": False}, "run": common | run}


def config(folder: Path, **run: object) -> TrainConfig:
    return config_from_dict(settings(folder, **run))


def log_of(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def tensors_of(folder: Path) -> dict[str, Tensor]:
    return load_file(folder / FILE_NAME)


def assert_bit_equal(first: dict[str, Tensor], second: dict[str, Tensor]) -> None:
    assert first.keys() == second.keys()
    assert [name for name in first if not torch.equal(first[name], second[name])] == []


def test_a_stopped_run_resumes_and_ends_with_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, measured = train(config(tmp_path / "a"), FACES, VALIDATION, tiny_model())

    real_step = trainer.train_step

    def step_then_stop(run, state, batch):  # type: ignore[no-untyped-def]
        result = real_step(run, state, batch)
        if state.step == 4:
            os.kill(os.getpid(), signal.SIGTERM)
        return result

    monkeypatch.setattr(trainer, "train_step", step_then_stop)
    with pytest.raises(Stopped, match="after step 4 of 6"):
        train(config(tmp_path / "b"), FACES, VALIDATION, tiny_model())
    monkeypatch.undo()
    stopped, _ = load_weights(tmp_path / "b/weights")
    for name, tensor in tensors_of(tmp_path / "b").items():
        if name.startswith("average/") and tensor.is_floating_point():
            so_far = stopped.state_dict()[name.removeprefix("average/")]
            torch.testing.assert_close(so_far, tensor, atol=1e-3, rtol=1e-3)
    resumed, _ = train(config(tmp_path / "b"), FACES, VALIDATION, tiny_model(), resume=True)

    assert whole.step == resumed.step == 6
    assert_bit_equal(tensors_of(tmp_path / "a"), tensors_of(tmp_path / "b"))
    assert [line["epoch"] for line in log_of(tmp_path / "b")] == [1, 2]
    assert set(measured) == {"blank", "second", "hand_placed"}
    assert log_of(tmp_path / "a")[1]["validation"] == measured
    assert (tmp_path / "a/weights").is_dir()
    assert not list((tmp_path / "b").glob("*.part"))


def test_a_run_killed_at_a_random_moment_ends_with_the_same_weights(tmp_path: Path) -> None:
    """SIGKILL leaves no time to save anything: what counts is the last checkpoint."""
    critic = {"data": {"annotated_share": 1.0}, "loss": SELF_SUPERVISED | {"self_critic": 0.1}}
    runs = {
        name: settings(tmp_path / name, checkpoint_minutes=0.0) | critic
        for name in ("whole", "killed")
    }
    train(config_from_dict(runs["whole"]), FACES, VALIDATION, tiny_model())

    file = tmp_path / "killed.json"
    file.write_text(json.dumps(runs["killed"]))
    killed = subprocess.Popen([sys.executable, "-m", PROGRAM, str(file)])
    while not (tmp_path / "killed" / FILE_NAME).exists():
        assert killed.poll() is None, "it ended before its first checkpoint"
        time.sleep(0.01)
    time.sleep(random.uniform(0.0, 2.0))
    killed.kill()
    killed.wait()
    train(config_from_dict(runs["killed"]), FACES, VALIDATION, tiny_model(), resume=True)

    assert_bit_equal(tensors_of(tmp_path / "whole"), tensors_of(tmp_path / "killed"))
    assert [line["step"] for line in log_of(tmp_path / "killed")] == [3, 6]
    whole, resumed = (load_file(tmp_path / f"{n}/weights/{TENSOR_FILE}") for n in runs)
    assert_bit_equal(whole, resumed)


def test_two_processes_have_the_losses_of_one(tmp_path: Path) -> None:
    runs = {}
    for name in ("one", "two"):
        runs[name] = settings(tmp_path / name, epochs=1) | {"loss": SELF_SUPERVISED}
        runs[name]["network"] = {"imagenet": False, "frozen_batch_norm": True}
        runs[name]["landmark_map"] = {"own_share": 0.5}
    train(config_from_dict(runs["one"]), FACES, VALIDATION, tiny_model())
    (tmp_path / "two.json").write_text(json.dumps(runs["two"]))
    # Without --multi_gpu accelerate starts one process where there is no GPU.
    launch = ["accelerate.commands.launch", "--multi_gpu", "--num_processes", "2"]
    launch += ["--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"]
    launch += ["--main_process_port", "0", "--num_cpu_threads_per_process", "1", "-m", PROGRAM]
    subprocess.run([sys.executable, "-m", *launch, str(tmp_path / "two.json")], check=True)
    one, two = log_of(tmp_path / "one"), log_of(tmp_path / "two")
    assert [(line["step"], line["processes"]) for line in one + two] == [(3, 1), (3, 2)]
    for line, other in zip(one, two, strict=True):
        assert other["loss"] == pytest.approx(line["loss"], rel=1e-3)


def test_a_second_stage_has_its_own_rate_and_vertex_weight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = []
    monkeypatch.setattr(
        trainer, "validate", lambda *given: measured.append(validate(*given)) or measured[-1]
    )
    stages = settings(tmp_path, epochs=1) | {
        "second_stage": {"epochs": 1, "learning_rate": 1e-5, "vertex": 40.0},
        "optimiser": {"kind": "sgd", "decay": "exponential", "learning_rate": 1e-4},
        "loss": {"vertex": 0.0},
    }
    train(config_from_dict(stages), FACES, VALIDATION, tiny_model())
    first, second = log_of(tmp_path)
    assert [first["validation"], second["validation"]] == measured  # once a stage
    assert "vertex" not in first["loss"] and second["loss"]["vertex"] > 0  # type: ignore[operator]
    assert second["learning_rate"] == pytest.approx(1e-7)
    early, late = (load_weights(tmp_path / name)[0] for name in ("weights_stage1", "weights"))
    assert not torch.equal(early.regressor.weight, late.regressor.weight)

    _, again = train(config_from_dict(stages), FACES, VALIDATION, tiny_model(), resume=True)
    assert again == measured[1]  # a finished run that is resumed only measures


def test_a_second_run_does_not_overwrite_the_first(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"precious")
    with pytest.raises(ConfigError, match="pass --resume"):
        train(config(tmp_path), FACES, VALIDATION, tiny_model())
    assert (tmp_path / FILE_NAME).read_bytes() == b"precious"


def test_resuming_with_other_settings_or_faces_is_refused(tmp_path: Path) -> None:
    train(config(tmp_path, epochs=1), FACES, VALIDATION, tiny_model())
    with pytest.raises(ConfigError, match=r"run\.epochs: 1 then, 2 now"):
        train(config(tmp_path, epochs=2), FACES, VALIDATION, tiny_model(), resume=True)
    others = dataclasses.replace(FACES, ids=tuple(f"other{i}" for i in range(12)))
    with pytest.raises(ConfigError, match="other faces"):
        train(config(tmp_path, epochs=1), others, VALIDATION, tiny_model(), resume=True)


def test_a_non_finite_loss_names_the_face(tmp_path: Path) -> None:
    landmarks = FACES.landmarks68_crop.clone()
    landmarks[7, 3, 0] = torch.nan
    broken = dataclasses.replace(FACES, landmarks68_crop=landmarks)
    with pytest.raises(NonFiniteLoss, match=r"landmark.* 1 of 12 faces: face0007;"):
        train(config(tmp_path, batch_size=12), broken, VALIDATION, tiny_model())


def test_the_loss_falls_on_faces_that_can_be_learnt(tmp_path: Path) -> None:
    still = dict.fromkeys(("flip", "rotation_sigma_deg", "rotation_uniform_share"), 0.0)
    still |= {"shift_px": 0.0, "occluder_share": 0.0, "brightness": 0.0, "contrast": 0.0}
    learning = settings(tmp_path, epochs=6) | {
        "augment": still | {"scale": [1.0, 1.0]},
        "optimiser": {"learning_rate": 4e-3, "warm_up_steps": 1},
    }
    train(config_from_dict(learning), FACES, VALIDATION, tiny_model())
    losses = [line["loss"]["total"] for line in log_of(tmp_path)]  # type: ignore[index]
    assert losses[-1] < 0.8 * losses[0]
