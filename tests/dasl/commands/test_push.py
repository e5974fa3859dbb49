"""`python -m dasl export` and `push`; the hub itself is tested in test_weights_hub."""

from pathlib import Path

from tests.dasl.conftest import run_command

RECORDS = Path(__file__).parents[3] / "eval/records"


def test_export_writes_an_onnx_file_that_agrees(weights, tmp_path, capsys):
    assert run_command("export", "--model", weights, "--output", tmp_path / "net.onnx") == 0
    assert (tmp_path / "net.onnx").stat().st_size > 1_000_000
    assert "largest difference" in capsys.readouterr().out


def test_push_needs_a_repository_name(weights, capsys):
    assert run_command("push", "not a repository", "--model", weights) == 1
    assert "not a repository" in capsys.readouterr().err


def test_a_dry_run_lists_the_files_and_uploads_nothing(weights, capsys):
    words = ("push", "user/repo", "--model", weights, "--dry-run")
    assert run_command(*words) == 0
    names = [line.split()[-1] for line in capsys.readouterr().out.splitlines()]
    assert names == ["config.json", "model.safetensors", "README.md"]


def test_only_results_of_these_weights_are_published(weights, capsys):
    words = ("push", "user/repo", "--records", RECORDS, "--dry-run")
    assert run_command(*words, "--model", weights) == 0
    assert ".eval_results" not in capsys.readouterr().out
    assert run_command(*words) == 0
    assert ".eval_results/aflw2000-3d.yaml" in capsys.readouterr().out
