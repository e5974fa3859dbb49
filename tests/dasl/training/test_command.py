"""The arguments of `python -m dasl train`."""

import argparse
from pathlib import Path

import pytest

from dasl.errors import ConfigError
from dasl.training.command import add_train_arguments, run_train

LITE0 = str(Path(__file__).parents[3] / "configs/lite0.yaml")


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_train_arguments(parser)
    return parser.parse_args(words)


def test_set_may_be_repeated() -> None:
    args = parsed(LITE0, "--set", "run.epochs=1", "--set", "run.seed=3", "--resume")
    assert args.overrides == ["run.epochs=1", "run.seed=3"] and args.resume


def test_a_missing_data_root_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DASL_DATA_ROOT", raising=False)
    with pytest.raises(ConfigError, match="pass --root DIR or set DASL_DATA_ROOT"):
        run_train(parsed(LITE0))


def test_a_bad_override_is_found_before_any_data_is_read() -> None:
    with pytest.raises(ConfigError, match=r"unknown key run\.speed"):
        run_train(parsed(LITE0, "--set", "run.speed=9", "--root", "nowhere"))
