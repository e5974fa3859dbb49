"""The configs of the runs behind the embedded weights still load."""

from pathlib import Path

import pytest

from dasl.training.config import TrainConfig, load_config

CONFIGS = sorted((Path(__file__).parents[3] / "tools/history/lite0_steps").glob("*.yaml"))


def test_all_twelve_are_here() -> None:
    assert sorted(int(path.name.split("_")[0]) for path in CONFIGS) == list(range(1, 13))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_they_load_as_they_did(path: Path) -> None:
    assert isinstance(load_config(path), TrainConfig)
