"""The cells of the ablation; each is one training run."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from dasl.errors import ConfigError
from dasl.training.config import TrainConfig

METHODS = ("supervised", "supervised+map", "cyc", "sc", "cyc+sc")
"""`supervised` uses annotated faces only, and RGB only. `supervised+map` adds the landmark map; it
is not in the paper and separates the map's contribution from that of self-supervision. The others
are the paper's, with the 2D term on faces without annotation: `cyc` has map and second pass; `sc`
has RGB only and the critic, with detected landmarks as a target but not as input."""

BUDGETS = (5, 20, 100)
"""Percent of the faces that have 3D annotation."""

MAIN_BUDGET = 20


@dataclass(frozen=True)
class Schedule:
    """The size of the ablation, to fit a machine.

    Attributes:
        faces: number of training faces, chosen by a hash of their names; None takes all.
        annotated_batch: annotated faces per step; methods with 2D faces add as many of those.
        epoch_steps: steps per epoch.
        epochs: of the first stage.
        second_epochs: of the second stage.
        seeds: number of runs of each variant.
    """

    faces: int | None
    annotated_batch: int
    epoch_steps: int
    epochs: int
    second_epochs: int
    seeds: int


SCHEDULES = {
    "cpu": Schedule(
        faces=4000, annotated_batch=16, epoch_steps=100, epochs=3, second_epochs=1, seeds=3
    ),
    "long": Schedule(
        faces=4000, annotated_batch=16, epoch_steps=100, epochs=9, second_epochs=3, seeds=3
    ),
    "full": Schedule(
        faces=None, annotated_batch=64, epoch_steps=250, epochs=24, second_epochs=6, seeds=5
    ),
}
"""`cpu`: 36 cells of 400 steps, 4 to 16 minutes each on one core. `long`: three times the
steps, for some of the cells (`--cell`). `full`: for a GPU."""


@dataclass(frozen=True)
class Cell:
    """One run.

    Attributes:
        method: of `METHODS`.
        mask: whether the weight mask is used; None for methods without a 2D term.
        budget: of `BUDGETS`.
        seed: of the run.
    """

    method: str
    mask: bool | None
    budget: int
    seed: int

    @property
    def variant(self) -> str:
        """The cell's name without its seed, as in the table."""
        mask = {None: "", True: "_mask", False: "_even"}[self.mask]
        return f"{self.method}{mask}_{self.budget}"

    @property
    def name(self) -> str:
        """The unique name of its files and folders."""
        return f"{self.variant}_seed{self.seed}"

    @property
    def takes_map(self) -> bool:
        """Whether the network's input includes detected landmarks, in training and test."""
        return self.method in ("supervised+map", "cyc", "cyc+sc")

    @property
    def supervised(self) -> bool:
        """Whether it is trained on annotated faces only."""
        return self.method.startswith("supervised")


def all_cells(seeds: int) -> list[Cell]:
    """All cells, those of the method table first; the cells of a seed come before the next seed."""
    cells = []
    for seed in range(seeds):
        for method in METHODS:
            masks = (None,) if method.startswith("supervised") else (False, True)
            cells += [Cell(method, mask, MAIN_BUDGET, seed) for mask in masks]
    for seed in range(seeds):
        for budget in BUDGETS:
            if budget != MAIN_BUDGET:
                cells.append(Cell("supervised", None, budget, seed))
                cells.append(Cell("cyc+sc", True, budget, seed))
    return cells


def cells_named(names: list[str], seeds: int) -> list[Cell]:
    """The cells of these names, or all if there are no names.

    Raises:
        ConfigError: there is no such cell; the message lists the names.
    """
    known = {cell.name: cell for cell in all_cells(seeds)}
    for name in names:
        if name not in known:
            raise ConfigError(f"there is no cell {name!r}; there are {', '.join(known)}")
    return [known[name] for name in names] if names else list(known.values())


def cell_config(base: TrainConfig, cell: Cell, schedule: Schedule, folder: Path) -> TrainConfig:
    """The settings of one run: the base's, without the parts that the cell lacks."""
    cycles, criticised = "cyc" in cell.method, "sc" in cell.method
    loss = dataclasses.replace(
        base.loss,
        consistency_2d=0.0 if cell.supervised else base.loss.consistency_2d,
        central_mask=bool(cell.mask),
        consistency_3d=base.loss.consistency_3d if cycles else 0.0,
        cycle=base.loss.cycle if cycles else 0.0,
        self_critic=base.loss.self_critic if criticised else 0.0,
    )
    only_annotated = cell.supervised or cell.budget == 100
    batch = schedule.annotated_batch * (1 if cell.supervised else 2)
    return dataclasses.replace(
        base,
        data=dataclasses.replace(base.data, annotated_share=1.0 if only_annotated else 0.5),
        loss=loss,
        critic=dataclasses.replace(
            base.critic, fake_photos="annotated" if only_annotated else "unannotated"
        ),
        landmark_map=dataclasses.replace(base.landmark_map, given=1.0 if cell.takes_map else 0.0),
        second_stage=dataclasses.replace(base.second_stage, epochs=schedule.second_epochs),
        run=dataclasses.replace(
            base.run,
            seed=cell.seed,
            batch_size=batch,
            epochs=schedule.epochs,
            epoch_steps=schedule.epoch_steps,
            output=str(folder),
        ),
    )
