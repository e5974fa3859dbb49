"""Shape errors as a table by yaw and region, with intervals over people."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.scoring.metrics import bootstrap_means, percentile_interval
from tools.measured_people import DENOMINATOR, MEASURES, METHODS, ShapeErrors
from tools.shape_error import REGIONS

YAW_BINS_DEG = {
    "all": (0, 90),
    "0-10": (0, 10),
    "10-30": (10, 30),
    "30-60": (30, 60),
    "60-80": (60, 91),
}
DRAWS, SEED = 2000, 0

Row = dict[str, Any]


def summary(errors: ShapeErrors) -> list[Row]:
    """A row for each measure, yaw and method over the whole face, then one for each region.

    `error_percent` is a mean over pictures. `below_head1_percent` is the reduction relative to the
    error of head 1's mean, with `interval`, the 95 % percentile bootstrap over people.
    """
    rows = []
    for measure in MEASURES:
        for name, inside in yaw_bins(errors.yaw_deg).items():
            if inside.any():
                rows += [_row(errors, measure, name, "face", method, inside) for method in METHODS]
        everything = np.ones(len(errors.owner), dtype=bool)
        for region in REGIONS[1:]:
            rows += [_row(errors, measure, "all", region, method, everything) for method in METHODS]
    return rows


def yaw_bins(yaw_deg: NDArray[np.floating]) -> dict[str, NDArray[np.bool_]]:
    """Mask (N,) of the pictures in each bin, by label."""
    turned = np.abs(yaw_deg)
    return {name: (turned >= low) & (turned < high) for name, (low, high) in YAW_BINS_DEG.items()}


def reduction(
    error: NDArray[np.floating], base: NDArray[np.floating], owner: NDArray[np.int64]
) -> tuple[float, tuple[float, float]]:
    """Reduction of errors (N,) relative to `base` (N,), percent, and its interval over people.

    The bootstrap draws people with all their pictures.
    """
    people = np.unique(owner)
    sums = np.array([[each[owner == person].sum() for each in (error, base)] for person in people])
    draws = bootstrap_means(sums, [np.arange(len(people))], draws=DRAWS, seed=SEED)
    interval = percentile_interval(100.0 * (1.0 - draws[:, 0] / draws[:, 1]))
    return float(100.0 * (1.0 - error.sum() / base.sum())), interval


def table(rows: list[Row]) -> str:
    """All rows as text."""
    lines = ["Distance of the true face from the predicted surface, % of the interocular distance"]
    for measure in MEASURES:
        lines += ["", f"{measure}:", _heading()]
        chosen = [row for row in rows if row["measure"] == measure]
        for place in dict.fromkeys((row["yaw_deg"], row["region"]) for row in chosen):
            group = [row for row in chosen if (row["yaw_deg"], row["region"]) == place]
            lines.append(_line(group))
    return "\n".join(lines)


def _row(
    errors: ShapeErrors,
    measure: str,
    yaw: str,
    region: str,
    method: str,
    inside: NDArray[np.bool_],
) -> Row:
    column = REGIONS.index(region)
    error, base = (errors.values[measure, name][inside, column] for name in (method, DENOMINATOR))
    below, interval = reduction(error, base, errors.owner[inside])
    return {
        "measure": measure,
        "yaw_deg": yaw,
        "region": region,
        "method": method,
        "pictures": int(inside.sum()),
        "error_percent": float(error.mean()),
        "below_head1_percent": below,
        "interval": interval,
    }


def _heading() -> str:
    return f"{'|yaw|':>6} {'region':>8} {'n':>5}" + "".join(f" {name:>23}" for name in METHODS)


def _line(group: list[Row]) -> str:
    start = f"{group[0]['yaw_deg']:>6} {group[0]['region']:>8} {group[0]['pictures']:>5}"
    return start + "".join(f" {_cell(row):>23}" for row in group)


def _cell(row: Row) -> str:
    error = f"{row['error_percent']:.2f}"
    if row["method"] == DENOMINATOR:
        return error
    change, highest, lowest = (-each for each in (row["below_head1_percent"], *row["interval"]))
    return f"{error} {_signed(change)}% ({_signed(lowest)}..{_signed(highest)})"


def _signed(percent: float) -> str:
    return f"{round(percent):+d}"
