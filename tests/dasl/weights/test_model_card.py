"""The model card: figures from config and records, words for what is not known."""

from dataclasses import asdict
from pathlib import Path

import pytest

from dasl.network.confidence import config_from_calibration
from dasl.network.config import NetworkConfig
from dasl.training.config import TrainConfig, config_to_dict, load_config
from dasl.weights.folder import load_weights
from dasl.weights.model_card import NOTHING_MEASURED, benchmark_table, model_card, training_text
from eval.leaderboard.files import load_records
from tests.dasl.network.test_confidence import SIMPLE

ROOT = Path(__file__).parents[3]
RECORDS, CONFIGS = ROOT / "eval/records", ROOT / "configs"
NETWORK = NetworkConfig(3, 2)
SETTINGS = (
    "data.train=[faces_2d, runs/heads.safetensors]",
    "data.teachers=[runs/before, runs/after]",
    "loss.self_critic=0.05",
    "data.annotated_share=0.5",
    "run.epochs=7",
    "run.batch_size=24",
)
CONFIG = {
    "training": config_to_dict(load_config(CONFIGS / "smoke.yaml", SETTINGS)),
    "validation": {
        "blank": {"0-30": 0.031, "30-60": 0.042, "60-90": None, "mean_of_bins": None},
        "second": {"0-30": 0.03, "30-60": 0.04, "60-90": 0.05, "mean_of_bins": 0.04, "mean": 0.035},
    },
    **config_from_calibration(SIMPLE),
}
SHIPPED = sorted(path for path in CONFIGS.rglob("*.yaml") if path.name != "ablation.yaml")


@pytest.fixture(scope="module")
def records():
    return [each for each in load_records(RECORDS) if "dasl" in each.facts.method]


def test_the_card_holds_what_the_config_and_the_records_say(records):
    card = model_card("mine", NETWORK, CONFIG, records, repo_id="user/mine")
    assert card.startswith("---\nlicense: other\n")
    assert "# mine: 3D face reconstruction" in card
    assert "EfficientNet-Lite0 that regresses pose, identity (3 numbers) and expression (2" in card
    assert 'from_pretrained("user/mine")("photo.jpg")' in card
    assert "| first pass (no landmark map) | 3.10 | 4.20 | - | - |" in card
    assert "| both passes (own landmarks in the map) | 3.00 | 4.00 | 5.00 | 4.00 |" in card
    assert "Confidence is calibrated" in card
    for heading in ("Intended use", "Training", "Figures", "Limits", "Licence"):
        assert f"\n## {heading}\n" in card
    score = records[0].headline
    assert f"{100 * score.mean_of_images:.2f}" in card or score.unit == "deg"


def test_training_is_told_from_the_config():
    text = training_text(CONFIG)
    assert "- Training data: faces_2d, runs/heads.safetensors" in text
    assert "- Labels averaged with the landmarks of: runs/before, runs/after\n" in text
    assert "- Started from: ImageNet weights" in text
    assert "- 7 epochs, batches of 24 faces" in text
    assert "- Loss: landmark 1, landmark_depth 0.3, jaw_line 1, hand_placed 0.5, " in text
    assert ", vertex 0.5, self_critic 0.05\n" in text


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_training_of_every_shipped_config_is_told(path: Path):
    config = load_config(path)
    text = training_text({"training": config_to_dict(config)})
    assert f"- Training data: {', '.join(config.data.train)}\n" in text
    assert ("averaged with the landmarks of" in text) == bool(config.data.teachers)
    assert f"- {config.run.epochs} epochs, batches of {config.run.batch_size} faces\n" in text
    (loss,) = [line for line in text.splitlines() if line.startswith("- Loss: ")]
    weights = {name: value for name, value in asdict(config.loss).items() if type(value) is float}
    shown = dict(part.split(" ") for part in loss.removeprefix("- Loss: ").split(", "))
    assert shown == {name: f"{value:g}" for name, value in weights.items() if value}
    assert ("- Then " in text) == bool(config.second_stage.epochs)


def test_training_of_the_defaults_is_told():
    text = training_text({"training": config_to_dict(TrainConfig())})
    assert "- Training data: faces_2d\n" in text
    assert "averaged" not in text


def test_what_the_embedded_weights_say_of_themselves_stands_on_their_card():
    network, config = load_weights()
    card = model_card("lite0", network.config, config)
    percent = f"{100 * config['validation']['second']['mean_of_bins']:.2f}"
    assert f"| {percent} |\n" in card
    data, start = (config["training"][part] for part in ("data", "network"))
    assert f"- Training data: {', '.join(data['train'])}\n" in card
    assert f"- Started from: {start['weights']}\n" in card
    assert "Confidence is calibrated" in card


def test_what_nobody_recorded_is_not_made_up():
    card = model_card("mine", NETWORK, {})
    assert "The folder does not say how these weights were trained." in card
    assert NOTHING_MEASURED in card
    assert "from_pretrained()" in card


def test_head_pose_stands_in_degrees(records):
    (pose,) = [each for each in records if each.protocol == "aflw2000-3d-pose"]
    table = benchmark_table([pose])
    assert f"mean absolute error {pose.headline.mean_of_images:.2f} degrees (yaw " in table
    assert "| aflw2000-3d-pose" not in table
