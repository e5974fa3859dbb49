"""The trainer's rates: that each is measured; how fast it is, is for people to read."""

from pathlib import Path

import pytest

from tools.benchmark_training import main

CONFIG = str(Path(__file__).parents[2] / "configs/lite0.yaml")


def test_three_rates_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    words = [CONFIG, "--faces", "4", "--steps", "1", "--set", "run.batch_size=2"]
    assert main([*words, "--set", "network.imagenet=false", "--set", "run.device=cpu"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["steps", "batches", "learning"]
    assert all(float(line.split()[1]) > 0 for line in lines)


def test_a_bad_config_is_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nowhere.yaml"]) == 1
    assert "cannot read the config nowhere.yaml" in capsys.readouterr().err
