"""The model card: figures from config and records, words for what is not known."""

from pathlib import Path

import pytest

from dasl.network.coefficient_network import NetworkConfig
from dasl.network.confidence import config_from_calibration
from dasl.weights.model_card import NOTHING_MEASURED, benchmark_table, model_card, training_text
from eval.results.files import load_records
from tests.dasl.network.test_confidence import SIMPLE

RECORDS = Path(__file__).parents[3] / "eval/records"
NETWORK = NetworkConfig(3, 2)
CONFIG = {
    "training": {
        "data": {"train": ["faces_2d", "runs/heads.safetensors"], "teacher": "runs/before"},
        "network": {"weights": None, "imagenet": True},
        "run": {"epochs": 7, "batch_size": 64},
        "loss": {"landmark": 1.0, "cycle": 0.0, "self_critic": 0.05},
    },
    "validation": {
        "blank": {"0-30": 0.031, "30-60": 0.042, "60-90": None, "mean_of_bins": None},
        "second": {"0-30": 0.03, "30-60": 0.04, "60-90": 0.05, "mean_of_bins": 0.04, "mean": 0.035},
    },
    **config_from_calibration(SIMPLE),
}


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
    assert "- Labels averaged with the landmarks of: runs/before" in text
    assert "- Started from: ImageNet weights" in text
    assert "- 7 epochs, batches of 64 faces" in text
    assert "- Loss: landmark 1, self_critic 0.05" in text


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
