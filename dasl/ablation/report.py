"""The ablation's table in Markdown and its curve over the label budget."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from dasl.ablation.cells import BUDGETS, MAIN_BUDGET, METHODS, Cell, Schedule
from dasl.ablation.claims import claim_lines
from dasl.ablation.results import STAGES, CellResult, estimate
from dasl.ablation.shapes import ShapeResult, below_mean_head

Groups = dict[str, list[CellResult]]
Result = TypeVar("Result", CellResult, ShapeResult)

CURVES = ((("supervised", None), "supervised only"), (("cyc+sc", True), "cyc+sc, mask"))


def by_variant(results: Sequence[Result]) -> dict[str, list[Result]]:
    """Results grouped by variant; those of a group differ only in their seed."""
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        groups[result.cell.variant].append(result)
    return dict(groups)


def markdown(
    results: Sequence[CellResult], schedule: Schedule, shapes: Sequence[ShapeResult] = ()
) -> str:
    """The tables, for the results available so far; that of shapes only if they were measured."""
    groups = by_variant(results)
    size = "all" if schedule.faces is None else f"{schedule.faces:,}"
    steps = schedule.epoch_steps * schedule.epochs, schedule.epoch_steps * schedule.second_epochs
    lines = [
        f"Error at the hand-placed points of {len(results[0].yaw_bin):,} validation faces, percent "
        f"of the face's size, mean of yaw bins, one pass; {size} training faces, {steps[0]:,} "
        f"steps and {steps[1]:,} more in stage 2. In brackets 95 % intervals over faces and seeds.",
        "",
        f"**{MAIN_BUDGET} % of the faces with 3D annotation.**",
        "",
        "| method | mask | seeds | stage 1 | stage 2 | stage 2, minus supervised only | "
        "image-only critic |",
        "|---|---|---|---|---|---|---|",
    ]
    for method in METHODS:
        for mask in (None, False, True):
            runs = groups.get(Cell(method, mask, MAIN_BUDGET, 0).variant)
            if runs:
                lines.append(_method_row(runs, groups))
    lines += ["", "**Label budget (stage 2).**", ""]
    lines.append("| annotated | " + " | ".join(name for _, name in CURVES) + " |")
    lines.append("|---" * (1 + len(CURVES)) + "|")
    lines += [_budget_row(budget, groups) for budget in BUDGETS]
    lines += _shape_lines(by_variant(shapes))
    lines += claim_lines(groups, by_variant(shapes))
    return "\n".join(lines) + "\n"


def _shape_lines(groups: dict[str, list[ShapeResult]]) -> list[str]:
    """The table of shapes: identity alone, on rendered people with shapes from scans."""
    if not groups:
        return []
    some = next(iter(groups.values()))[0]
    lines = [
        "",
        f"**Shape (identity alone): percent below the error of head 1's mean**, on "
        f"{len(some.owner)} pictures of {len(set(some.owner))} people with shapes from scans. In "
        "brackets 95 % intervals over people and seeds.",
        "",
        "| variant | seeds | below the mean head | minus supervised only |",
        "|---|---|---|---|",
    ]
    baseline = groups.get(Cell("supervised", None, MAIN_BUDGET, 0).variant)
    for variant, runs in groups.items():
        difference = below_mean_head(runs, baseline) if baseline and runs != baseline else ""
        lines.append(f"| {variant} | {len(runs)} | {below_mean_head(runs)} | {difference} |")
    return lines


def _method_row(runs: list[CellResult], groups: Groups) -> str:
    cell = runs[0].cell
    baseline = groups.get(Cell("supervised", None, MAIN_BUDGET, 0).variant)
    difference = ""
    if baseline and cell.method != "supervised":
        difference = str(estimate(runs, STAGES[1], minus=baseline))
    mask = {None: "", True: "yes", False: "no"}[cell.mask]
    blind = [
        r.last_epoch["image_only_accuracy"] for r in runs if "image_only_accuracy" in r.last_epoch
    ]
    accuracy = f"{100 * sum(blind) / len(blind):.0f} % right" if blind else ""
    stages = " | ".join(str(estimate(runs, stage)) for stage in STAGES)
    return f"| {cell.method} | {mask} | {len(runs)} | {stages} | {difference} | {accuracy} |"


def _budget_row(budget: int, groups: Groups) -> str:
    cells = []
    for (method, mask), _ in CURVES:
        of_budget = groups.get(Cell(method, mask, budget, 0).variant)
        cells.append(str(estimate(of_budget, STAGES[1])) if of_budget else "")
    return f"| {budget} % | " + " | ".join(cells) + " |"


def draw_budget_curve(results: Sequence[CellResult], path: Path) -> None:
    """Plot the error over the share of annotated faces, one curve per method, as PNG or SVG."""
    from matplotlib.figure import Figure

    groups = by_variant(results)
    figure = Figure(figsize=(5, 3.4), layout="constrained")
    axes = figure.add_subplot()
    for number, ((method, mask), name) in enumerate(CURVES):
        points = [
            (budget, estimate(groups[variant], STAGES[1]))
            for budget in BUDGETS
            if (variant := Cell(method, mask, budget, 0).variant) in groups
        ]
        if points:
            x = [budget * (1 + 0.03 * number) for budget, _ in points]
            y = [value.mean for _, value in points]
            below = [value.mean - value.low for _, value in points]
            above = [value.high - value.mean for _, value in points]
            axes.errorbar(x, y, yerr=(below, above), marker="o", capsize=3, label=name)
    axes.set_xscale("log")
    axes.set_xticks(BUDGETS, [f"{budget} %" for budget in BUDGETS])
    axes.minorticks_off()
    axes.set_xlabel("faces with 3D annotation")
    axes.set_ylabel("error, % of face size")
    if axes.has_data():
        axes.legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
