from pathlib import Path

import pytest

from space.leaderboard.files import board_files
from space.leaderboard.view import Asked, view_of
from tests.eval.invented_results import invented_result


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))


def test_a_board_can_be_taken_home_in_three_formats(tmp_path: Path):
    view = view_of([invented_result("ours & theirs", 0.04)], Asked("aflw2000-3d"))
    files = board_files(view.board, view.rows)
    assert {name: path.name for name, path in files.items()} == {
        "csv": "aflw2000-3d.csv",
        "markdown": "aflw2000-3d.md",
        "latex": "aflw2000-3d.tex",
    }
    assert all(tmp_path in path.parents for path in files.values())  # where Gradio deletes
    assert len(files["csv"].read_text().splitlines()) == 1 + len(view.rows)
    assert "**4.000**" in files["markdown"].read_text()
    assert r"ours \& theirs" in files["latex"].read_text()
