"""Score the ablation's runs on AFLW2000-3D, as rows of the board marked as our ablation.

    python -m tools.ablation_board --root DIR [--folder runs/ablation/cpu]

For each method of the paper's table, the run of one seed predicts the benchmark's crops as it is
measured on validation: in one pass. The landmark map of methods that have one is drawn from the
landmarks of 3DDFA-V2 in `submissions/`: its aligner also found the points of the training faces.
Writes a submission for each run beside the results, and its record into `eval/records`.

Run it once, when the verdicts are written: they come from validation faces, and no choice may
depend on these rows.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from dasl.ablation.cells import MAIN_BUDGET, SCHEDULES, Cell
from dasl.ablation.results import one_pass
from dasl.ablation.runner import weights_of
from dasl.commands.predict import BOX_SHIFT, FIRST_PIXEL
from dasl.errors import DaslError
from dasl.geometry.crop import cut_crop
from dasl.geometry.frames import crop_from_image, image_from_crop
from dasl.head.morphable_model import MorphableModel
from dasl.photo.load import load_photo
from dasl.weights.folder import load_weights
from eval.benchmarks.aflw2000.data import Aflw2000, load_benchmark
from eval.benchmarks.scorer import score
from eval.errors import EvalError
from eval.leaderboard.files import save_record
from eval.submissions.submission import read_submission, write_submission
from tools.ablation_shapes import parser_of_runs
from tools.data_root import parse

SEED = 0
METHODS = (
    ("supervised", None),
    ("supervised+map", None),
    ("cyc", True),
    ("sc", True),
    ("cyc+sc", True),
)
"""Method and weight mask of each row."""

DETECTED = "3ddfa_v2_mb05.npz"
RECORDS = Path(__file__).parents[1] / "eval" / "records"
BATCH = 64


def main(arguments: list[str] | None = None) -> int:
    """Predict and score; returns the exit status."""
    parser = parser_of_runs(__doc__)
    parser.add_argument("--records", type=Path, default=RECORDS, help="default eval/records")
    options = parse(parser, arguments)
    try:
        benchmark = load_benchmark(options.root)
        detected = read_submission(options.root / "submissions" / DETECTED)
        points = detected.in_order(benchmark.ids).astype(np.float32)
        for cell, landmarks in predictions(options.folder, benchmark, points):
            path = options.folder / "board" / f"{cell.name}.npz"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_submission(path, benchmark.ids, landmarks, facts(cell))
            result = score("aflw2000-3d", path, root=options.root)
            save_record(options.records / f"aflw2000-3d_ablation-{cell.name}.json", result)
            print(f"{result.facts.method}: {100 * result.headline.mean_of_bins:.2f} %")
    except (DaslError, EvalError) as error:
        print(f"ablation_board: {error}", file=sys.stderr)
        return 1
    return 0


def predictions(
    folder: Path, benchmark: Aflw2000, detected68: NDArray[np.floating]
) -> Iterator[tuple[Cell, NDArray[np.float64]]]:
    """Each cell and its (N, 68, 3) landmarks in the benchmark's frame.

    Args:
        folder: of the schedule.
        benchmark: N faces.
        detected68: (N, 68, 3) landmarks in the benchmark's frame, for the landmark map.

    Raises:
        WeightsError: a run's weights are missing or damaged.
    """
    boxes = (benchmark.benchmark_crops + BOX_SHIFT).astype(np.float32)
    faces = zip(benchmark.image_paths, boxes, strict=True)
    bar = tqdm(faces, total=len(boxes), desc="crops", unit="face", disable=None)
    crops = np.stack([cut_crop(load_photo(path), box) for path, box in bar])
    images = torch.from_numpy(crops).permute(0, 3, 1, 2).contiguous()
    shift = np.array([FIRST_PIXEL, FIRST_PIXEL, 0.0], np.float32)
    points = torch.from_numpy(crop_from_image(detected68 - shift, boxes).astype(np.float32))
    model = MorphableModel.load()
    for method, mask in METHODS:
        cell = Cell(method, mask, MAIN_BUDGET, SEED)
        network, _ = load_weights(weights_of(folder, cell))
        found = one_pass(network, images, points if cell.takes_map else None, model)
        yield cell, (image_from_crop(found.numpy(), boxes) + shift).astype(np.float64)


def facts(cell: Cell) -> dict[str, str]:
    """What the row says of a run."""
    schedule = SCHEDULES["cpu"]
    steps = schedule.epoch_steps * (schedule.epochs + schedule.second_epochs)
    mask = ", weight mask" if cell.mask else ""
    return {
        "method": f"our ablation: {cell.method}{mask} ({steps} steps, seed {cell.seed})",
        "boxes": "benchmark",
        "training_data": f"{schedule.faces:,} AFLW faces, {cell.budget} % with 3D annotation",
    }


if __name__ == "__main__":
    sys.exit(main())
