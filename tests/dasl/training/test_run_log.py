"""The log of a run, resumed and not."""

import builtins
import json
from pathlib import Path

import pytest

from dasl.errors import ConfigError, ExportError
from dasl.training.run_log import LOG_NAME, RunLog


def test_lines_after_the_checkpoint_are_dropped_on_resuming(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "new", "none", 0)
    for step in (10, 20, 30):
        log.write({"step": step})
    path = tmp_path / "new" / LOG_NAME
    path.write_text(path.read_text() + '{"step": 4')  # cut by a kill
    RunLog(tmp_path / "new", "none", 20).write({"step": 30, "again": True})
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines == [{"step": 10}, {"step": 20}, {"step": 30, "again": True}]


def test_a_tracker_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object, **more: object) -> object:
        if "tensorboard" in name:
            raise ImportError(name)
        return real(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match="pip install tensorboard"):
        RunLog(tmp_path, "tensorboard", 0)


def test_an_output_that_is_no_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ExportError, match="cannot write the output folder"):
        RunLog(tmp_path / "file", "none", 0)
    log = RunLog(tmp_path / "run", "none", 0)
    (tmp_path / "run" / LOG_NAME).mkdir()
    with pytest.raises(ExportError, match="cannot write the log"):
        log.write({"step": 1})
