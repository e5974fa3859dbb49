"""The command line: outputs, exit status, and no traceback."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from eval.__main__ import main
from eval.leaderboard.files import load_records


def test_score_prints_a_report_and_writes_a_record_for_the_table(
    invented_root: Path, invented_submission: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = invented_root / "records"
    records.mkdir()
    root = str(invented_root)
    arguments = ["score", "aflw2000-3d", str(invented_submission), "--root", root]
    assert main([*arguments, "--z-rule", "min", "--json", str(records / "r.json")]) == 0
    assert "2,000 of 2,000 scored" in capsys.readouterr().out
    assert load_records(records)[0].score("3d").label == "3D, z min"
    assert main(["table", "aflw2000-3d", "--records", str(records)]) == 0
    board = capsys.readouterr().out
    assert "-     truth   -     0.000" in board  # invented files are not the published ones
    assert "unranked: scored against another truth" in board
    arguments = ["table", "aflw2000-3d-reannotated", "--records", str(records)]
    assert main([*arguments, "--origin", "measured"]) == 0
    assert "truth" not in capsys.readouterr().out


def test_protocols_are_printed_with_all_their_choices(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["protocols"]) == 0
    text = capsys.readouterr().out
    for word in ("aflw2000-3d-reannotated", "normaliser", "z_rules", "mean_of_bins", "1-based"):
        assert word in text


def test_a_result_above_its_limit_is_status_1_with_its_report(
    invented_root: Path, invented_submission: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with np.load(invented_submission) as file:
        ids, points = file["ids"], file["landmarks"]
    one_off, one_failed = points + np.array([1.0, 0.0, 0.0]), points.copy()
    one_failed[3] = np.nan
    root = str(invented_root)
    for name, landmarks, limit, status, said in (
        ("off", one_off, "1.2", 0, ""),
        ("off", one_off, "0.5", 1, "error: 2D is 0.6"),
        ("failed", one_failed, "50", 1, "error: 1 of 2,000 faces failed"),
    ):
        np.savez(invented_root / f"{name}.npz", ids=ids, landmarks=landmarks)
        arguments = ["score", "aflw2000-3d", str(invented_root / f"{name}.npz"), "--root", root]
        assert main([*arguments, "--fail-above", limit]) == status
        captured = capsys.readouterr()
        assert captured.out.startswith("aflw2000-3d (protocol version")
        assert captured.err.startswith(said)
    with pytest.raises(SystemExit):
        main([*arguments, "--fail-above", "nan"])


def test_failed_work_is_status_1_with_a_message_on_stderr(
    invented_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.savez(tmp_path / "bad.npz", ids=np.array(["a"]), landmarks=np.zeros((1, 68, 2)))
    arguments = ["score", "aflw2000-3d", str(tmp_path / "bad.npz"), "--root", str(invented_root)]
    assert main(arguments) == 1
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.startswith("error: landmarks must be (N, 68, 3)")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["score", "aflw2001", "s.npz"],
        ["score", "aflw2000-3d", "s.npz"],
        ["score", "aflw2000-3d-reannotated", "s.npz", "--root", ".", "--z-rule", "min"],
        ["table", "--records", "/nowhere"],
    ],
)
def test_a_wrong_command_line_is_status_2(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DASL_DATA_ROOT", raising=False)
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["score", "--help"]):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 0
        assert "examples:" in capsys.readouterr().out


@pytest.mark.parametrize("module", ["eval.__main__", "eval.leaderboard.board"])
def test_the_scorer_starts_without_the_model_or_what_is_slow_to_import(module: str) -> None:
    unwanted = "{'dasl', 'torch', 'trimesh'}"
    code = f"import sys, {module}; sys.exit(bool({unwanted} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
