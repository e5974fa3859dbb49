"""The ablation's tables in `docs/` are those of the results beside them."""

from pathlib import Path

from dasl.ablation.cells import SCHEDULES
from dasl.ablation.report import markdown
from dasl.ablation.results import load_result
from dasl.ablation.shapes import load_shapes

FOLDER = Path(__file__).parents[3] / "docs/ablation/cpu"


def test_the_tables_are_those_of_the_results() -> None:
    results = [load_result(path) for path in sorted((FOLDER / "results").glob("*.json"))]
    tables = (FOLDER / "table.md").read_text(encoding="utf-8")
    assert tables == markdown(results, SCHEDULES["cpu"], load_shapes(FOLDER))
