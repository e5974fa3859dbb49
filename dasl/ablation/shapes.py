"""Shape errors of a run on rendered people with shapes from scans, and their mean over runs.

`tools.ablation_shapes` measures them, while the weights of the run are there.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from dasl.ablation.cells import Cell
from dasl.ablation.results import Estimate, bootstrap_weights
from dasl.errors import ConfigError
from dasl.weights.folder import write_files

FOLDER = "shapes"


@dataclass(frozen=True)
class ShapeResult:
    """Errors on N pictures, percent of the distance between the outer eye corners.

    Attributes:
        cell: the run.
        owner: number of the person on each picture.
        error: of the predicted identity alone, without expression.
        mean_head: of head 1's mean, the reference of all reductions.
    """

    cell: Cell
    owner: list[int]
    error: list[float]
    mean_head: list[float]

    def save(self, folder: Path) -> None:
        """Write JSON atomically into the ablation's folder.

        Raises:
            WeightsError: it cannot be written.
        """
        path = shapes_path(folder, self.cell)
        write_files(path.parent, {path.name: json.dumps(asdict(self)).encode()})


def shapes_path(folder: Path, cell: Cell) -> Path:
    """The file of `ShapeResult.save`."""
    return folder / FOLDER / f"{cell.name}.json"


def load_shapes(folder: Path) -> list[ShapeResult]:
    """All shape errors in the ablation's folder; none if none were measured.

    Raises:
        ConfigError: a file is malformed, or the files are of different pictures.
    """
    results: list[ShapeResult] = []
    for path in sorted((folder / FOLDER).glob("*.json")):
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            results.append(ShapeResult(**(values | {"cell": Cell(**values["cell"])})))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ConfigError(
                f"{path} does not hold shape errors ({error}); delete it and run "
                "tools.ablation_shapes again"
            ) from error
    if len({(tuple(one.owner), tuple(one.mean_head)) for one in results}) > 1:
        raise ConfigError(
            f"the files in {folder / FOLDER} are of different pictures; delete them and run "
            "tools.ablation_shapes again"
        )
    return results


def below_mean_head(
    results: Sequence[ShapeResult], minus: Sequence[ShapeResult] | None = None
) -> Estimate:
    """Percent by which the error is below that of head 1's mean, or the difference of two variants.

    The bootstrap draws people with all their pictures, and seeds, both with replacement.

    Args:
        results: runs of one variant that differ in their seed; all of the same pictures.
        minus: runs of the variant to subtract.
    """
    owner = np.array(results[0].owner)
    is_of = (owner == np.unique(owner)[:, None]).astype(np.float64)
    sides = [np.array([run.error for run in side]) @ is_of.T for side in (results, minus) if side]
    of_people, *of_seeds = bootstrap_weights([len(is_of), *map(len, sides)])
    base = of_people @ is_of @ np.array(results[0].mean_head)
    below = [
        100.0 * (1.0 - (of_people @ side.T * weights).sum(axis=1) / base)
        for side, weights in zip(sides, of_seeds, strict=True)
    ]
    values = below[0] - below[1] if minus else below[0]
    low, high = np.percentile(values[1:], (2.5, 97.5))
    return Estimate(float(values[0]), float(low), float(high))
