"""The ablation's tables in `docs/` are those of the results beside them."""

from pathlib import Path

import pytest

from dasl.ablation.cells import SCHEDULES
from dasl.ablation.report import markdown
from dasl.ablation.results import load_result
from dasl.ablation.shapes import load_shapes

FOLDERS = Path(__file__).parents[3] / "docs/ablation"


@pytest.mark.parametrize(
    ("name", "schedule"), [("cpu", "cpu"), ("long", "long"), ("critic_0.1", "cpu")]
)
def test_the_tables_are_those_of_the_results(name: str, schedule: str) -> None:
    folder = FOLDERS / name
    results = [load_result(path) for path in sorted((folder / "results").glob("*.json"))]
    tables = (folder / "table.md").read_text(encoding="utf-8")
    assert tables == markdown(results, SCHEDULES[schedule], load_shapes(folder))
