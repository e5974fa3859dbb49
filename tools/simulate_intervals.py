"""Coverage of the scorer's 95 % intervals, by simulation on the errors of measured rows.

A world is a population with a known mean. Benchmarks are drawn from it repeatedly, and the share of
intervals that contain the mean is counted. `eval.scoring.intervals.COVERAGE` and `eval/README.md`
state the results.

    python -m tools.simulate_intervals [--repeats 1500] [--draws 300] [--only florence]
    python -m tools.simulate_intervals --tests    # type I errors of `compare`

Worlds: each full row of `eval/records` on AFLW2000-3D, with errors resampled within bins; few
images per bin; paired differences of two rows; the same with random signs, where an interval
without 0 is a type I error; Florence, where 15 pictures share a subject's error.
"""

import argparse
import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.scoring import metrics
from eval.scoring.comparison import sign_test_p_value
from eval.scoring.intervals import bootstrap_t, cluster_values
from eval.scoring.permutation import sign_flip_p_value

RECORDS = Path(__file__).parents[1] / "eval" / "records"
LIGHT, FAILING = "2dasl_released", "dasl-lite0_detector"
REGULAR = "3ddfa_v2_mb05"
SUBJECTS, PITCHES, YAWS = 53, 3, 5
PICTURE_SPREAD = 0.2  # of the log error of one subject's pictures
FEW = (5, 10, 30)

Floats = NDArray[np.float64]
Bounds = tuple[float, float]


@dataclass(frozen=True)
class World:
    """A population.

    Attributes:
        name: for the table.
        mean: of the headline.
        draw: draws one benchmark: errors, their bins, and subjects or None.
        tails: see `eval.scoring.intervals.bootstrap_t`.
    """

    name: str
    mean: float
    draw: Callable[[np.random.Generator], tuple[Floats, NDArray[np.int64], Floats | None]]
    tails: str = "high"


@dataclass(frozen=True)
class Coverage:
    """Shares of the repeats, percent, and the median width in the errors' unit."""

    inside: float
    mean_above: float
    mean_below: float
    width: float


def measure(world: World, *, repeats: int, draws: int, seed: int = 0) -> dict[str, Coverage]:
    """Coverage of the percentile interval over images, and of the scorer's own."""
    generator = np.random.default_rng(seed)
    ends: dict[str, list[Bounds]] = {"percentile": [], "scorer": []}
    for repeat in range(repeats):
        values, groups, subjects = world.draw(generator)
        count = int(groups.max()) + 1
        strata = [np.flatnonzero(groups == number) for number in range(count)]
        means = metrics.bootstrap_means(values, strata, draws=draws, seed=repeat)
        ends["percentile"].append(metrics.percentile_interval(means))
        if subjects is not None:
            values = cluster_values(values, groups, count, subjects)
            strata = [np.arange(len(values))]
        interval = bootstrap_t(values, strata, draws=draws, seed=repeat, tails=world.tails)
        ends["scorer"].append(interval)
    return {name: _coverage(np.array(bounds), world.mean) for name, bounds in ends.items()}


def type_one_errors(
    world: World, *, repeats: int, draws: int, level: float = 0.05, seed: int = 0
) -> dict[str, float]:
    """Share of repeats, percent, in which each test of `compare` rejects a true null hypothesis.

    Args:
        world: of paired differences whose signs are random.
        repeats: number of benchmarks drawn.
        draws: of the permutation test and the bootstrap.
        level: of the tests.
        seed: of the worlds.
    """
    generator = np.random.default_rng(seed)
    rejected = dict.fromkeys(("permutation of the mean", "sign test", "interval", "verdict"), 0)
    for repeat in range(repeats):
        gaps, groups, _ = world.draw(generator)
        strata = [np.flatnonzero(groups == number) for number in range(int(groups.max()) + 1)]
        low, high = bootstrap_t(gaps, strata, draws=draws, seed=repeat, tails="both")
        by_interval = not low <= 0.0 <= high
        by_mean = sign_flip_p_value(gaps, strata, draws=draws, seed=repeat) <= level
        won, lost = int((gaps > 0).sum()), int((gaps < 0).sum())
        rejected["permutation of the mean"] += by_mean
        rejected["sign test"] += sign_test_p_value(won, lost) <= level
        rejected["interval"] += by_interval
        rejected["verdict"] += by_interval and by_mean
    return {name: 100.0 * count / repeats for name, count in rejected.items()}


def worlds() -> Iterator[World]:
    """All of them."""
    names = sorted(p.name[12:-14] for p in RECORDS.glob("aflw2000-3d_*.per_image.csv"))
    rows = {name: errors_by_bin(name) for name in names if "1998" not in name}
    for name, bins in rows.items():
        yield _binned(f"aflw2000-3d {name}", bins)
    for size in FEW:
        yield _binned(f"few: {size} a bin, {LIGHT}", rows[LIGHT], size)
    yield from _paired()
    for subjects, pictures in ((LIGHT, ""), (REGULAR, ""), (LIGHT, FAILING)):
        name = f"florence, subjects {subjects}{', pictures ' * bool(pictures)}{pictures}"
        yield _florence(name, rows[subjects], rows.get(pictures))


def errors_by_bin(name: str, score: str = "2d") -> list[Floats]:
    """Errors of a row of AFLW2000-3D, percent, without failed faces."""
    return [100.0 * np.array(list(part.values())) for part in _by_id(name, score).values()]


def _by_id(name: str, score: str = "2d") -> dict[str, dict[str, float]]:
    """The same by bin and id."""
    parts: dict[str, dict[str, float]] = {label: {} for label in metrics.YAW_BINS}
    with (RECORDS / f"aflw2000-3d_{name}.per_image.csv").open() as file:
        for row in csv.DictReader(file):
            if row[score]:
                parts[row["bin"]][row["id"]] = float(row[score])
    return parts


def _binned(name: str, bins: list[Floats], size: int | None = None, tails: str = "high") -> World:
    groups = np.repeat(np.arange(len(bins)), [size or len(part) for part in bins])

    def draw(generator: np.random.Generator) -> tuple[Floats, NDArray[np.int64], None]:
        parts = [generator.choice(part, size or len(part)) for part in bins]
        return np.concatenate(parts), groups, None

    return World(name, float(np.mean([part.mean() for part in bins])), draw, tails)


def _paired() -> Iterator[World]:
    """Differences of two rows on the images of both, and without a difference."""
    for other in ("3ddfa_v2_mb05", "dasl-lite0_benchmark"):
        ours, theirs = _by_id(LIGHT), _by_id(other)
        gaps = [
            100.0 * np.array([theirs[label][i] - ours[label][i] for i in ours[label]])
            for label in ours
        ]
        yield _binned(f"paired: {other} - {LIGHT}", gaps, tails="both")
        equal = [np.concatenate([part, -part]) for part in gaps]
        sizes = [len(part) for part in gaps]

        def draw(
            generator: np.random.Generator,
            equal: list[Floats] = equal,
            sizes: list[int] = sizes,
        ) -> tuple[Floats, NDArray[np.int64], None]:
            drawn = [generator.choice(p, n) for p, n in zip(equal, sizes, strict=True)]
            return np.concatenate(drawn), np.repeat(np.arange(len(sizes)), sizes), None

        yield World(f"paired, no difference: {other}", 0.0, draw, "both")


def _florence(name: str, subject_bins: list[Floats], picture_bins: list[Floats] | None) -> World:
    """A subject's error is that of a drawn face; its pictures vary around it, and with the yaw.

    The variation is log-normal, or that of another row's faces, gross failures included.
    """
    faces = _relative(subject_bins)
    by_yaw = np.array([1.3, 1.0, 0.9, 1.0, 1.3])
    yaws = np.tile(np.arange(YAWS), SUBJECTS * PITCHES)
    subjects = np.repeat(np.arange(SUBJECTS), PITCHES * YAWS)

    def draw(generator: np.random.Generator) -> tuple[Floats, NDArray[np.int64], Floats]:
        noise = generator.lognormal(-(PICTURE_SPREAD**2) / 2, PICTURE_SPREAD, len(yaws))
        if picture_bins is not None:
            noise = generator.choice(_relative(picture_bins), len(yaws))
        return generator.choice(faces, SUBJECTS)[subjects] * by_yaw[yaws] * noise, yaws, subjects

    return World(name, float(by_yaw.mean()), draw)


def _relative(bins: list[Floats]) -> Floats:
    """Errors of all bins, each over its bin's mean."""
    return np.concatenate([part / part.mean() for part in bins])


def _coverage(bounds: Floats, mean: float) -> Coverage:
    low, high = bounds.T
    return Coverage(
        inside=100.0 * float(((low <= mean) & (mean <= high)).mean()),
        mean_above=100.0 * float((mean > high).mean()),
        mean_below=100.0 * float((mean < low).mean()),
        width=float(np.nanmedian(high - low)),
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=1500)
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--tests", action="store_true", help="type I errors only")
    parser.add_argument("--only", default="", help="worlds whose name begins with this")
    options = parser.parse_args()
    if options.tests:
        _print_tests(options)
        return
    head = "covers, %  mean above  mean below  width"
    print(f"{'world':48}  {'interval':10}  {head}")
    for world in worlds():
        if not world.name.startswith(options.only):
            continue
        for kind, part in measure(world, repeats=options.repeats, draws=options.draws).items():
            print(
                f"{world.name:48}  {kind:10}  {part.inside:9.1f}  {part.mean_above:10.1f}  "
                f"{part.mean_below:10.1f}  {part.width:.3f}",
                flush=True,
            )


def _print_tests(options: argparse.Namespace) -> None:
    """Print the type I errors in the worlds without a difference."""
    for world in _paired():
        if world.mean:
            continue
        print(world.name)
        found = type_one_errors(world, repeats=options.repeats, draws=options.draws)
        for name, share in found.items():
            print(f"  {name:24}  {share:.1f} %", flush=True)


if __name__ == "__main__":
    main()
