"""Runs the ablation's cells and reports the results available so far."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import torch

from dasl.ablation.cells import Cell, Schedule, cell_config
from dasl.ablation.faces import AblationFaces, load_ablation_faces
from dasl.ablation.report import draw_budget_curve, markdown
from dasl.ablation.results import (
    CENTRAL,
    STAGES,
    CellResult,
    bins_of,
    load_result,
    measure,
    names_hash,
    only_central,
)
from dasl.ablation.shapes import load_shapes
from dasl.errors import ConfigError
from dasl.head.morphable_model import MorphableModel
from dasl.training.checkpoint import FILE_NAME
from dasl.training.config import TrainConfig, config_to_dict
from dasl.training.run_log import LOG_NAME
from dasl.training.trainer import FIRST_STAGE_FOLDER, WEIGHTS_FOLDER, train
from dasl.weights.folder import load_weights

VALIDATED_IN_RUN = 64
"""Number of faces in the trainer's own validation after each epoch; for monitoring only."""


def run_cells(
    config: TrainConfig, cells: list[Cell], schedule: Schedule, root: Path, folder: Path
) -> None:
    """Train and measure every cell that has no result yet.

    Args:
        config: settings of the full method.
        cells: the cells to run.
        schedule: size of the runs.
        root: data root.
        folder: for faces, runs and results.

    Raises:
        DaslError: the data or a run failed.
    """
    waiting = [cell for cell in cells if not result_path(folder, cell).exists()]
    if not waiting:
        return
    model = MorphableModel.load()
    faces = load_ablation_faces(root, folder / "faces", model, schedule.faces)
    for cell in waiting:
        run_cell(config, cell, schedule, faces, folder, model).save(result_path(folder, cell))
        # Weights and log are kept; checkpoints are large.
        (_run_folder(folder, cell) / FILE_NAME).unlink(missing_ok=True)


def run_cell(
    config: TrainConfig,
    cell: Cell,
    schedule: Schedule,
    faces: AblationFaces,
    folder: Path,
    model: MorphableModel,
) -> CellResult:
    """Train one cell, from its checkpoint if there is one, and measure both stages."""
    output = _run_folder(folder, cell)
    settings = cell_config(config, cell, schedule, output)
    some = faces.validation.select(torch.arange(min(VALIDATED_IN_RUN, len(faces.validation))))
    train(settings, faces.training_set(cell.budget, cell.supervised), some, model, resume=True)
    nme = {}
    for stage, name in zip(STAGES, (FIRST_STAGE_FOLDER, WEIGHTS_FOLDER), strict=True):
        network, _ = load_weights(output / name)
        nme[stage] = measure(network, faces.validation, model, cell.takes_map)
    nme[CENTRAL] = measure(network, only_central(faces.validation), model, cell.takes_map)
    last = json.loads((output / LOG_NAME).read_text(encoding="utf-8").splitlines()[-1])
    return CellResult(
        cell=cell,
        settings=_settings(config, schedule),
        faces=names_hash(faces.validation.ids),
        yaw_bin=bins_of(faces.validation.yaw_deg),
        nme=nme,
        last_epoch=last["loss"],
    )


def write_report(config: TrainConfig, schedule: Schedule, folder: Path) -> str:
    """Write table.md and budget.png from all results in a folder, and return the table.

    Raises:
        ConfigError: there is no result, or one was made with other settings.
    """
    files = sorted((folder / "results").glob("*.json"))
    if not files:
        raise ConfigError(f"there are no results in {folder / 'results'} yet; run a cell")
    results = [load_result(file) for file in files]
    for file, result in zip(files, results, strict=True):
        if result.settings != _settings(config, schedule):
            raise ConfigError(
                f"{file} was made with another config or schedule; choose another --output, or "
                "delete it"
            )
    if len({result.faces for result in results}) > 1:
        raise ConfigError(f"the results in {folder / 'results'} are of different validation faces")
    table = markdown(results, schedule, load_shapes(folder))
    (folder / "table.md").write_text(table, encoding="utf-8")
    draw_budget_curve(results, folder / "budget.png")
    return table


def _settings(config: TrainConfig, schedule: Schedule) -> dict[str, Any]:
    """The settings that results of one table must share; machine settings are left out."""
    described = config_to_dict(config) | {"run": {}}
    return {"config": described, "schedule": dataclasses.asdict(schedule)}


def weights_of(folder: Path, cell: Cell) -> Path:
    """The folder of a cell's weights after both stages."""
    return _run_folder(folder, cell) / WEIGHTS_FOLDER


def _run_folder(folder: Path, cell: Cell) -> Path:
    return folder / "runs" / cell.name


def result_path(folder: Path, cell: Cell) -> Path:
    """The file of a cell's result; it is there once the run is complete."""
    return folder / "results" / f"{cell.name}.json"
