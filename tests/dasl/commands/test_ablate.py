"""`python -m dasl ablate`, on a miniature."""

from pathlib import Path

import pytest

from dasl.ablation.cells import Schedule
from dasl.commands import ablate as command
from tests.dasl.conftest import run_command
from tests.dasl.invented_faces_2d import invented_faces_2d, write_faces_2d
from tests.dasl.tiny_model import use_tiny_networks

pytestmark = pytest.mark.long

CONFIG = Path(__file__).parents[3] / "configs/ablation.yaml"
MINIATURE = Schedule(
    faces=None, annotated_batch=2, epoch_steps=1, epochs=1, second_epochs=1, seeds=1
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    use_tiny_networks(monkeypatch.setattr)
    monkeypatch.setitem(command.SCHEDULES, "cpu", MINIATURE)
    write_faces_2d(invented_faces_2d(24), tmp_path / "faces_2d/train-0.parquet")
    write_faces_2d(invented_faces_2d(3, seed=5), tmp_path / "faces_2d/validation-0.parquet")
    return tmp_path


def test_cells_are_trained_once_and_tabled(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["ablate", CONFIG, "--root", root, "--output", root / "out"]
    words += ["--set", "run.threads=1", "--set", "network.imagenet=false"]
    cells = ("supervised_20_seed0", "cyc+sc_mask_20_seed0")
    assert run_command(*words, "--cell", cells[0]) == 0
    assert run_command(*words, "--cell", cells[0], "--cell", cells[1]) == 0
    table = capsys.readouterr().out.split("**Label budget")[1]
    assert table.count("| 20 % |") == 1
    folder = root / "out/cpu"
    assert sorted(p.stem for p in (folder / "results").glob("*.json")) == sorted(cells)
    assert (folder / "table.md").read_text().count("| supervised |") == 1
    assert (folder / "budget.png").exists()
    assert not list(folder.rglob("*.part")) and not list(folder.rglob("checkpoint.safetensors"))

    before = (folder / "results" / f"{cells[0]}.json").stat().st_mtime_ns
    assert run_command(*words, "--cell", cells[0]) == 0
    assert (folder / "results" / f"{cells[0]}.json").stat().st_mtime_ns == before
    assert run_command(*words, "--report", "--set", "loss.cycle=9") == 1
    assert "made with another config or schedule" in capsys.readouterr().err


def test_cells_are_listed_without_data(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command("ablate", CONFIG, "--list") == 0
    assert len(capsys.readouterr().out.split()) == 12


def test_what_is_missing_is_named(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DASL_DATA_ROOT", raising=False)
    assert run_command("ablate", CONFIG, "--output", root / "out") == 1
    assert "no data root; pass --root DIR" in capsys.readouterr().err
    assert run_command("ablate", CONFIG, "--output", root / "out", "--report") == 1
    assert "no results" in capsys.readouterr().err
    assert run_command("ablate", CONFIG, "--cell", "best") == 1
    assert "there is no cell 'best'" in capsys.readouterr().err
