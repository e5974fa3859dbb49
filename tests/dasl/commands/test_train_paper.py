"""`python -m dasl train` with the paper's recipe; a file of its own, to run beside test_train."""

import json
from pathlib import Path

import pytest

from dasl.commands.train import run
from dasl.weights.folder import CARD_FILE, load_weights
from dasl.weights.publication import publication
from tests.dasl.commands.test_train import CONFIGS, parsed
from tests.dasl.invented_faces_2d import invented_faces_2d, write_faces_2d
from tests.dasl.made_300w_lp import write_300w_lp
from tests.dasl.tiny_model import use_tiny_networks

pytestmark = pytest.mark.long


def test_the_papers_recipe_runs_on_files_of_the_official_layout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_tiny_networks(monkeypatch.setattr)
    write_300w_lp(tmp_path)
    write_faces_2d(invented_faces_2d(16), tmp_path / "faces_2d/train-0.parquet")
    write_faces_2d(invented_faces_2d(4, seed=5), tmp_path / "faces_2d/validation-0.parquet")
    words = [str(CONFIGS / "paper_resnet50.yaml"), "--root", str(tmp_path)]
    for setting in (
        f"run.output={tmp_path / 'out'}",
        "run.epochs=1",
        "run.epoch_steps=1",
        "run.batch_size=4",
        "second_stage.epochs=1",
        "network.imagenet=false",
    ):
        words += ["--set", setting]
    assert run(parsed(*words)) == 0
    log = [json.loads(line) for line in (tmp_path / "out/log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in log] == [1, 2]
    terms = {"wpdc", "consistency_2d", "consistency_3d", "cycle", "self_critic"}
    assert terms < log[0]["loss"].keys() and "vertex" not in log[0]["loss"]
    assert "vertex" in log[1]["loss"]
    assert log[0]["loss"]["image_only_accuracy"] == pytest.approx(0.5)
    network, _ = load_weights(tmp_path / "out/weights")
    assert (network.config.identity_count, network.config.expression_count) == (40, 10)
    card = publication(tmp_path / "out/weights", "user/paper")[CARD_FILE].decode()
    assert "- 1 epochs, batches of 4 faces" in card and "self_critic 0.05" in card
    assert "- Then 1 epochs with vertex 1\n" in card
