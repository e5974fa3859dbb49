"""Settings: read, overridden, refused."""

import json
from pathlib import Path

import pytest

from dasl.errors import ConfigError
from dasl.training.config import (
    TrainConfig,
    config_from_dict,
    config_to_dict,
    load_config,
)
from dasl.weights.folder import EMBEDDED_FOLDER

CONFIGS = Path(__file__).parents[3] / "configs"


@pytest.mark.parametrize("path", sorted(CONFIGS.rglob("*.yaml")), ids=lambda path: path.name)
def test_shipped_configs_are_valid(path: Path) -> None:
    assert isinstance(load_config(path), TrainConfig)


def test_overrides_win_over_the_file_and_later_ones_over_earlier(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("run: {epochs: 5, batch_size: 8}\noptimiser: {learning_rate: 1e-3}\n")
    config = load_config(path, ["run.epochs=7", "run.epochs=9", "augment.scale=[0.9, 1.1]"])
    assert (config.run.epochs, config.run.batch_size) == (9, 8)
    assert config.optimiser.learning_rate == 0.001
    assert config.augment.scale == (0.9, 1.1)


def test_config_survives_json() -> None:
    config = config_from_dict({"data": {"train": ["a", "b"]}, "run": {"threads": 1}})
    assert config_from_dict(json.loads(json.dumps(config_to_dict(config)))) == config


def test_the_config_in_the_embedded_weights_loads() -> None:
    document = json.loads((EMBEDDED_FOLDER / "config.json").read_text())["config"]["training"]
    config = config_from_dict(document)
    assert config.run.epochs == document["run"]["epochs"]
    assert config_to_dict(config).items() >= {"critic": document["critic"]}.items()


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("run.epoch=3", "unknown key run.epoch; valid here: batch_size,"),
        ("rum.epochs=3", "unknown key rum; valid here: augment,"),
        ("run.epochs=many", "run.epochs must be a whole number, got 'many'"),
        ("run.epochs=true", "run.epochs must be a whole number, got True"),
        ("run.epochs=0", "run.epochs must be at least 1"),
        ("loss.cycle=-1", "loss.cycle must be at least 0, got -1"),
        ("loss.self_critic=1", "loss.self_critic needs annotated faces in every batch"),
        ("augment.blur_share=1.5", r"augment.blur_share must be at most 1, got 1.5"),
        ("augment.scale=[1.25, 0.8]", r"augment.scale must be \[low, high\]"),
        ("augment.scale=[1.25]", r"augment.scale\[1\] is missing"),
        ("network.backbone=vgg", "must be one of 'efficientnet_lite0' or 'resnet50', got 'vgg'"),
        ("landmark_map.given=5", "landmark_map.given must be at most 1, got 5"),
        ("augment.flip=-3", "augment.flip must be at least 0, got -3"),
        ("landmark_map.drop=2", "landmark_map.drop must be at most 1, got 2"),
        ("optimiser.average_decay=7", "optimiser.average_decay must be below 1, got 7"),
        ("run=3", "run must be a section with keys"),
        ("run.epochs", "must read section.key=value"),
        ("run.epochs.x=1", "epochs is a value, not a section"),
    ],
)
def test_bad_settings_are_named(tmp_path: Path, override: str, message: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("run: {epochs: 5}\n")
    with pytest.raises(ConfigError, match=message):
        load_config(path, [override])


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read the config .*none\.yaml"):
        load_config(tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_text("a: [1")
    with pytest.raises(ConfigError, match="not valid YAML"):
        load_config(tmp_path / "bad.yaml")
    (tmp_path / "list.yaml").write_text("- 1")
    with pytest.raises(ConfigError, match="must hold sections"):
        load_config(tmp_path / "list.yaml")
