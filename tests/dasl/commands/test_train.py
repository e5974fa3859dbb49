"""The arguments of `python -m dasl train`."""

import argparse
import json
from pathlib import Path

import pytest

from dasl.commands.train import add_arguments, run
from dasl.errors import ConfigError, ExportError

pytestmark = pytest.mark.long

CONFIGS = Path(__file__).parents[3] / "configs"
LITE0 = str(CONFIGS / "lite0.yaml")


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def test_set_may_be_repeated() -> None:
    args = parsed(LITE0, "--set", "run.epochs=1", "--set", "run.seed=3", "--resume")
    assert args.overrides == ["run.epochs=1", "run.seed=3"] and args.resume


def test_a_missing_data_root_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DASL_DATA_ROOT", raising=False)
    with pytest.raises(ConfigError, match="pass --root DIR or set DASL_DATA_ROOT"):
        run(parsed(LITE0))


def test_a_bad_override_is_found_before_any_data_is_read() -> None:
    with pytest.raises(ConfigError, match=r"unknown key run\.speed"):
        run(parsed(LITE0, "--set", "run.speed=9", "--root", "nowhere"))


def test_missing_packages_are_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dasl.commands.train.TRAINING_PACKAGES", ("accelerate", "no_such_one"))
    with pytest.raises(ConfigError, match=r"needs no_such_one.*dasl-eval -e '\.\[train\]'"):
        run(parsed(str(CONFIGS / "smoke.yaml")))


def test_an_output_folder_that_cannot_be_is_found_before_any_face_is_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match=r"cannot write the output folder .*set run\.output"):
        run(parsed(str(CONFIGS / "smoke.yaml"), "--set", f"run.output={tmp_path}/file/run"))


def test_the_smoke_run_ends_in_its_stated_range(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DASL_DATA_ROOT", raising=False)
    smoke = CONFIGS / "smoke.yaml"
    assert run(parsed(str(smoke), "--set", f"run.output={tmp_path}")) == 0
    measured = json.loads(capsys.readouterr().out)
    # Seeds, threads and processors differ (docs/training_log.md); none may end near the start.
    assert "Expect 9 to 17 %" in smoke.read_text() and "starts at 29 %" in smoke.read_text()
    assert 0.05 < measured["second"]["mean_of_bins"] < 0.20
