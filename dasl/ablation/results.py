"""Results of cells: measurement, JSON files, and means over seeds and faces with intervals."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from dasl.ablation.cells import Cell
from dasl.datasets.face_set import FaceSet
from dasl.datasets.handplaced import handplaced_nme, in_yaw_bins
from dasl.errors import ConfigError
from dasl.head.landmarks import MAP_POINTS_IN_AFLW
from dasl.head.morphable_model import MorphableModel
from dasl.network.coefficient_network import CoefficientNetwork
from dasl.network.landmark_map import blank_map, draw_landmark_map, map_points_from_68
from dasl.network.torch_network import predict_landmarks
from dasl.training.losses import CENTRAL_WEIGHT
from dasl.training.validate import BATCH
from dasl.weights.folder import write_files

STAGES = ("stage1", "stage2")

CENTRAL = "stage2_central"
"""The errors after both stages at the points alone that the weight mask favours."""

CENTRAL_POINTS = tuple(
    point
    for point, weight in zip(MAP_POINTS_IN_AFLW, CENTRAL_WEIGHT, strict=True)
    if weight > min(CENTRAL_WEIGHT)
)
"""Of AFLW's 21: eye centres, nose tip, mouth corners and mouth centre."""

DRAWS = 2000
"""Of the bootstrap."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CellResult:
    """The result of one run.

    Attributes:
        cell: the cell that was run.
        settings: config and schedule as plain values; only results with equal settings are mixed.
        faces: hash of the names of the N validation faces; results with equal faces are paired.
        yaw_bin: number of the yaw bin of each face; None if its yaw is unknown.
        nme: N errors by stage, and `CENTRAL`, fractions of the face's size; None if no point is
            visible.
        last_epoch: means of the loss terms over the last epoch, critics' accuracies included.
    """

    cell: Cell
    settings: dict[str, Any]
    faces: str
    yaw_bin: list[int | None]
    nme: dict[str, list[float | None]]
    last_epoch: dict[str, float]

    def save(self, path: Path) -> None:
        """Write JSON atomically.

        Raises:
            WeightsError: it cannot be written.
        """
        write_files(path.parent, {path.name: json.dumps(asdict(self)).encode()})


def names_hash(names: Sequence[str]) -> str:
    """A hash of the faces' names and order; results hold no names of photos."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]


def bins_of(yaw_deg: torch.Tensor) -> list[int | None]:
    """The number of the yaw bin of each of N faces; None if its yaw is unknown."""
    inside = torch.stack(list(in_yaw_bins(yaw_deg).values()))
    numbers = inside.int().argmax(dim=0).tolist()
    return [
        number if known else None
        for number, known in zip(numbers, inside.any(dim=0).tolist(), strict=True)
    ]


def load_result(path: Path) -> CellResult:
    """Read a file of `CellResult.save`.

    Raises:
        ConfigError: the file is missing or malformed.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return CellResult(**(values | {"cell": Cell(**values["cell"])}))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            f"{path} is not a result of an ablation ({error}); delete it to run its cell again"
        ) from error


@torch.no_grad()
def one_pass(
    network: CoefficientNetwork,
    images: torch.Tensor,
    points68: torch.Tensor | None,
    model: MorphableModel,
) -> torch.Tensor:
    """Landmarks of one pass, as a run is measured: (N, 68, 3) crop pixels, on the CPU.

    Args:
        network: put in eval mode.
        images: (N, 3, 120, 120) uint8.
        points68: (N, 68, 2 or 3) crop pixels, drawn as landmark maps; None leaves them blank.
        model: head model.
    """
    network.eval()
    device = next(network.parameters()).device
    landmarks = []
    for start in range(0, len(images), BATCH):
        rows = slice(start, start + BATCH)
        batch = images[rows].to(device)
        maps = blank_map(batch)
        if points68 is not None:
            maps = draw_landmark_map(map_points_from_68(points68[rows].to(device)))
        landmarks.append(predict_landmarks(network, batch, maps, model).cpu())
    return torch.cat(landmarks)


def measure(
    network: CoefficientNetwork, faces: FaceSet, model: MorphableModel, takes_map: bool
) -> list[float | None]:
    """Error of one pass over each face, at the hand-placed points.

    Args:
        network: put in eval mode.
        faces: with the detected landmarks as their 68.
        model: head model.
        takes_map: whether the map shows the detected landmarks, as in the paper at test time.

    Returns:
        N fractions of the face's size; None if no compared point is visible.
    """
    points68 = faces.landmarks68_crop if takes_map else None
    landmarks = one_pass(network, faces.images, points68, model)
    nme = handplaced_nme(landmarks, faces.landmarks21_crop, faces.visible21)
    return [None if value != value else round(value, 6) for value in nme.tolist()]


def only_central(faces: FaceSet) -> FaceSet:
    """The faces with `CENTRAL_POINTS` alone visible, of which `measure` then takes the error."""
    central = torch.zeros_like(faces.visible21)
    central[:, list(CENTRAL_POINTS)] = True
    return replace(faces, visible21=faces.visible21 & central)


@dataclass(frozen=True)
class Estimate:
    """A mean of yaw bins in percent, with a 95 % interval over faces and seeds."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        """For a table."""
        return f"{self.mean:.2f} ({self.low:.2f} to {self.high:.2f})"


def estimate(
    results: Sequence[CellResult], stage: str, minus: Sequence[CellResult] | None = None
) -> Estimate:
    """Mean of yaw bins over seeds, or its difference from another variant, paired by face.

    The bootstrap draws faces within each bin, and seeds, both with replacement. Both variants of a
    difference get the same faces.

    Args:
        results: runs of one variant that differ in their seed.
        stage: of `STAGES`, or `CENTRAL`.
        minus: runs of the variant to subtract.
    """
    sides = [_errors(results, stage)] + ([_errors(minus, stage)] if minus else [])
    bins = _bins(results[0].yaw_bin, sides[0])
    drawn = bootstrap_weights([*map(len, bins), *map(len, sides)])
    known, of_faces = np.concatenate(bins), np.hstack(drawn[: len(bins)]) / len(bins)
    means = [
        (of_faces @ side[:, known].T * of_seeds).sum(axis=1)
        for side, of_seeds in zip(sides, drawn[len(bins) :], strict=True)
    ]
    values = 100 * (means[0] - means[1] if minus else means[0])
    low, high = np.percentile(values[1:], (2.5, 97.5))
    return Estimate(float(values[0]), float(low), float(high))


def bootstrap_weights(counts: Sequence[int]) -> list[Floats]:
    """Weights of the members of groups in means of as many members drawn with replacement.

    Args:
        counts: number of members of each group.

    Returns:
        (DRAWS + 1, count) for each group. Rows add up to 1; the first is the data itself.
    """
    random = np.random.default_rng(0)
    weights = [np.full((DRAWS + 1, count), 1.0 / count) for count in counts]
    for draw in range(1, DRAWS + 1):
        for group, count in zip(weights, counts, strict=True):
            drawn = random.integers(count, size=count)
            group[draw] = np.bincount(drawn, minlength=count) / count
    return weights


def _errors(results: Sequence[CellResult], stage: str) -> Floats:
    """(seeds, N), NaN for missing values."""
    return np.array([[np.nan if v is None else v for v in r.nme[stage]] for r in results])


def _bins(yaw_bin: Sequence[int | None], errors: Floats) -> list[NDArray[np.int64]]:
    """Rows of the faces with a value in each yaw bin; empty bins are left out."""
    known = ~np.isnan(errors[0])
    numbers = np.array([-1 if number is None else number for number in yaw_bin])
    bins = [np.flatnonzero((numbers == number) & known) for number in range(numbers.max() + 1)]
    return [rows for rows in bins if len(rows)]
