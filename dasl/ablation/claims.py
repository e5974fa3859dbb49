"""The paper's claims, each as the difference of two variants with a verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dasl.ablation.results import CENTRAL, STAGES, CellResult, Estimate, estimate
from dasl.ablation.shapes import ShapeResult, below_mean_head


@dataclass(frozen=True)
class Claim:
    """One variant is said to be better than another.

    Attributes:
        words: the claim.
        better: the variant with the part in question.
        than: the variant without it, and with the same input.
    """

    words: str
    better: str
    than: str


CLAIMS = (
    Claim("Cycle and self-consistency on 2D faces help", "cyc_even_20", "supervised+map_20"),
    Claim("The self-critic helps", "sc_even_20", "supervised_20"),
    Claim("The self-critic helps beside the cycle", "cyc+sc_even_20", "cyc_even_20"),
    Claim("The weight mask helps `cyc`", "cyc_mask_20", "cyc_even_20"),
    Claim("The weight mask helps `sc`", "sc_mask_20", "sc_even_20"),
    Claim("The weight mask helps `cyc+sc`", "cyc+sc_mask_20", "cyc+sc_even_20"),
    Claim("The whole method helps, 5 % annotated", "cyc+sc_mask_5", "supervised_5"),
    Claim("With 5 % it beats supervised training on all", "cyc+sc_mask_5", "supervised_100"),
    Claim("The whole method helps, 20 % annotated", "cyc+sc_mask_20", "supervised_20"),
    Claim("The whole method helps, 100 % annotated", "cyc+sc_mask_100", "supervised_100"),
)


def claim_lines(
    results: Mapping[str, Sequence[CellResult]], shapes: Mapping[str, Sequence[ShapeResult]]
) -> list[str]:
    """The table of verdicts in Markdown, for the claims whose two variants were run.

    Args:
        results: runs by variant.
        shapes: shape errors by variant; may be empty.
    """
    rows = [
        f"| {claim.words} | {_seeds(results, claim)} | {_of_points(results, claim, STAGES[1])} "
        f"| {_of_points(results, claim, CENTRAL)} | {_of_shape(shapes, claim)} |"
        for claim in CLAIMS
        if claim.better in results and claim.than in results
    ]
    if not rows:
        return []
    return [
        "",
        "**The paper's claims (stage 2).** Difference of the error with and without the part in "
        "question, at all points and at the central ones (eye centres, nose tip, mouth), and of "
        "the percentage by which the shape is below the error of head 1's mean. A claim holds if "
        "the 95 % interval is on its side of 0.",
        "",
        "| claim | seeds | all points | central points | shape |",
        "|---|---|---|---|---|",
        *rows,
    ]


def verdict(difference: Estimate) -> str:
    """Whether a difference of errors supports the claim that there are fewer."""
    if difference.high < 0:
        return "holds"
    return "does not hold" if difference.low > 0 else "cannot be told"


def _seeds(results: Mapping[str, Sequence[CellResult]], claim: Claim) -> int:
    return min(len(results[claim.better]), len(results[claim.than]))


def _of_points(results: Mapping[str, Sequence[CellResult]], claim: Claim, stage: str) -> str:
    difference = estimate(results[claim.better], stage, minus=results[claim.than])
    return f"{difference}: {verdict(difference)}"


def _of_shape(shapes: Mapping[str, Sequence[ShapeResult]], claim: Claim) -> str:
    if claim.better not in shapes or claim.than not in shapes:
        return ""
    gain = below_mean_head(shapes[claim.better], shapes[claim.than])
    return f"{gain}: {verdict(Estimate(-gain.mean, -gain.high, -gain.low))}"
