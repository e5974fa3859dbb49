"""The arguments of `python -m dasl train`."""

import argparse
import json
from pathlib import Path

import pytest

from dasl.errors import ConfigError
from dasl.training.command import add_train_arguments, run_train

CONFIGS = Path(__file__).parents[3] / "configs"
LITE0 = str(CONFIGS / "lite0.yaml")


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


def test_the_smoke_run_gives_its_stated_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DASL_DATA_ROOT", raising=False)
    smoke = CONFIGS / "smoke.yaml"
    assert run_train(parsed(str(smoke), "--set", f"run.output={tmp_path}")) == 0
    measured = json.loads(capsys.readouterr().out)
    assert "Expect 7.1 %" in smoke.read_text()
    assert measured["second"]["mean_of_bins"] == pytest.approx(0.071, abs=0.012)
