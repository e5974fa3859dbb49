"""The verdicts on the paper's claims."""

import pytest

from dasl.ablation.cells import Cell, all_cells
from dasl.ablation.claims import CLAIMS, claim_lines, verdict
from dasl.ablation.results import CellResult, Estimate
from dasl.ablation.shapes import ShapeResult


def runs(method: str, mask: bool | None, error: float, central: float) -> list[CellResult]:
    nme: dict[str, list[float | None]] = {
        "stage1": [0.09] * 6,
        "stage2": [error] * 6,
        "stage2_central": [central] * 6,
    }
    return [
        CellResult(Cell(method, mask, 20, seed), {}, "six faces", [0, 0, 1, 1, 2, 2], nme, {})
        for seed in range(2)
    ]


def shapes(method: str, mask: bool | None, error: float) -> list[ShapeResult]:
    return [ShapeResult(Cell(method, mask, 20, 0), [0, 0, 1, 1], [error] * 4, [2.0] * 4)]


def test_every_claim_is_about_two_variants_that_are_run() -> None:
    variants = {cell.variant for cell in all_cells(1)}
    for claim in CLAIMS:
        assert {claim.better, claim.than} <= variants and claim.better != claim.than


def test_a_claim_has_a_verdict_at_all_points_at_central_ones_and_in_shape() -> None:
    results = {
        "cyc+sc_even_20": runs("cyc+sc", False, 0.048, 0.050),
        "cyc+sc_mask_20": runs("cyc+sc", True, 0.050, 0.047),
    }
    assert claim_lines({"cyc+sc_mask_20": results["cyc+sc_mask_20"]}, {}) == []
    row = claim_lines(results, {})[-1]
    assert row == (
        "| The weight mask helps `cyc+sc` | 2 | 0.20 (0.20 to 0.20): does not hold "
        "| -0.30 (-0.30 to -0.30): holds |  |"
    )
    of_shape = {
        "cyc+sc_even_20": shapes("cyc+sc", False, 1.8),
        "cyc+sc_mask_20": shapes("cyc+sc", True, 1.5),
    }
    assert "| 15.00 (15.00 to 15.00): holds |" in claim_lines(results, of_shape)[-1]


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [(-0.3, -0.1, "holds"), (-0.3, 0.1, "cannot be told"), (0.1, 0.3, "does not hold")],
)
def test_the_verdict_is_that_of_the_interval(low: float, high: float, word: str) -> None:
    assert verdict(Estimate(0.5 * (low + high), low, high)) == word
