"""The tables and the curve."""

from pathlib import Path

from PIL import Image

from dasl.ablation.cells import SCHEDULES, Cell
from dasl.ablation.report import by_variant, draw_budget_curve, markdown
from dasl.ablation.results import CellResult
from dasl.ablation.shapes import ShapeResult


def result(method: str, mask: bool | None, budget: int, error: float, seed: int) -> CellResult:
    blind = {"image_only_accuracy": 0.53} if "sc" in method else {}
    nme: dict[str, list[float | None]] = {
        "stage1": [error] * 6,
        "stage2": [error - 0.001] * 6,
        "stage2_central": [error - (0.003 if mask else 0.0)] * 6,
    }
    cell = Cell(method, mask, budget, seed)
    return CellResult(cell, {}, "six faces", [0, 0, 1, 1, 2, 2], nme, blind)


RESULTS = [
    result(method, mask, budget, error, seed)
    for seed in range(2)
    for method, mask, budget, error in (
        ("supervised", None, 20, 0.06),
        ("cyc+sc", True, 20, 0.05),
        ("cyc+sc", True, 100, 0.045),
        ("supervised", None, 5, 0.07),
    )
]


def test_seeds_stand_in_one_row() -> None:
    assert {name: len(group) for name, group in by_variant(RESULTS).items()} == {
        "supervised_20": 2,
        "cyc+sc_mask_20": 2,
        "cyc+sc_mask_100": 2,
        "supervised_5": 2,
    }


def test_the_tables_state_means_differences_and_what_is_missing() -> None:
    table = markdown(RESULTS, SCHEDULES["cpu"])
    assert "| supervised |  | 2 | 6.00 (6.00 to 6.00) | 5.90 (5.90 to 5.90) |  |  |" in table
    row = next(line for line in table.splitlines() if line.startswith("| cyc+sc | yes | 2 |"))
    assert "| -1.00 (-1.00 to -1.00) | 53 % right |" in row
    assert "| 5 % | 6.90 (6.90 to 6.90) |  |" in table
    assert "| 100 % |  | 4.40 (4.40 to 4.40) |" in table
    assert "4,000 training faces, 300 steps and 100 more in stage 2" in table


def test_shapes_have_a_table_of_their_own() -> None:
    shapes = [
        ShapeResult(Cell(method, mask, 20, seed), [0, 0, 1, 1], [error] * 4, [2.0] * 4)
        for seed in range(2)
        for method, mask, error in (("supervised", None, 1.8), ("cyc+sc", True, 1.5))
    ]
    assert "Shape" not in markdown(RESULTS, SCHEDULES["cpu"])
    table = markdown(RESULTS, SCHEDULES["cpu"], shapes)
    assert "on 4 pictures of 2 people" in table
    assert "| supervised_20 | 2 | 10.00 (10.00 to 10.00) |  |" in table
    assert "| cyc+sc_mask_20 | 2 | 25.00 (25.00 to 25.00) | 15.00 (15.00 to 15.00) |" in table


def test_the_curve_is_a_picture(tmp_path: Path) -> None:
    draw_budget_curve(RESULTS, tmp_path / "new/curve.png")
    with Image.open(tmp_path / "new/curve.png") as picture:
        assert picture.width > 500 and len(picture.convert("RGB").getcolors(2**20) or []) > 20
