"""Large-pose augmentation (`dasl.datasets.large_pose`): fitted faces turned beyond 50 degrees.

    python -m tools.make_large_poses --root DIR --output runs/large_poses.safetensors
    python -m tools.make_large_poses --faces runs/labels.safetensors --output runs/large.safetensors
    python -m tools.make_large_poses ... --times 2 --seed 3 --sheet runs/large_poses.png

`--faces` takes an entry of `data.train`: `faces_2d` (default) or a folder, which are labelled
first, or a packed face set with labels. The result is a packed face set for `data.train`. The sheet
shows faces before and after; keep it out of git unless your photos are free.
"""

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from dasl.datasets.face_set import FaceSet, concatenate
from dasl.datasets.large_pose import LargePoseConfig, turn_faces, turnable
from dasl.errors import ConfigError, DaslError
from dasl.head.morphable_model import MorphableModel
from dasl.training.config import DataConfig
from dasl.training.training_sets import HeadSource, load_entry
from tools.data_root import parse, parser_with_root

CHUNK = 32
SHEET_COLUMNS, SHEET_ROWS = 6, 10


def main(arguments: list[str] | None = None) -> int:
    """Turn and save; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("--faces", default="faces_2d", help="as an entry of data.train")
    parser.add_argument("--teacher", help="weights folder to average into faces_2d's labels")
    parser.add_argument("--output", type=Path, required=True, help="face set to write")
    parser.add_argument("--count", type=int, help="turn only this many faces")
    parser.add_argument(
        "--times", type=int, default=1, help="turn each face this many times (default 1)"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="default: all cores")
    parser.add_argument(
        "--sheet", type=Path, help="also write a picture of some faces, before and after"
    )
    options = parse(parser, arguments)
    try:
        data = DataConfig(teachers=(options.teacher,) if options.teacher else ())
        labelled = load_entry(options.faces, "train", data, options.root, HeadSource(_model()))
        rows = turnable(labelled, LargePoseConfig())
        if not len(rows):
            raise ConfigError(f"none of the {len(labelled)} faces can be turned; label them better")
        faces = labelled.select(rows[: options.count])
        seeds = range(options.seed, options.seed + options.times)
        start = time.perf_counter()
        turned = _all_turned(faces, seeds, options.workers)
        turned.save(options.output)
        if options.sheet:
            _save_sheet(faces, turned, options.sheet)
    except (DaslError, OSError) as error:
        print(f"make_large_poses: {error}", file=sys.stderr)
        return 1
    rate = len(turned) / (time.perf_counter() - start)
    print(f"{options.output}: {len(turned)} turned of {len(labelled)} faces, {rate:.1f} a second")
    return 0


def _all_turned(faces: FaceSet, seeds: range, workers: int) -> FaceSet:
    """All the faces with the first seed, then all with the next."""
    parts = [(rows, seed) for seed in seeds for rows in torch.arange(len(faces)).split(CHUNK)]
    with ProcessPoolExecutor(workers, get_context("spawn"), _single_threaded) as pool:
        jobs = [pool.submit(_turn, faces.select(rows), seed) for rows, seed in parts]
        with tqdm(total=len(faces) * len(seeds), desc="turning", unit="face", disable=None) as bar:
            for job in as_completed(jobs):
                bar.update(len(job.result()))
    return concatenate([job.result() for job in jobs])


def _single_threaded() -> None:
    torch.set_num_threads(1)


def _turn(faces: FaceSet, seed: int) -> FaceSet:
    return turn_faces(_model(), faces, seed)


@lru_cache(maxsize=1)
def _model() -> MorphableModel:
    """The head model, once in each process."""
    return MorphableModel.load()


def _save_sheet(faces: FaceSet, turned: FaceSet, path: Path) -> None:
    """Pairs of before and after, evenly from the whole set."""
    count = SHEET_COLUMNS * SHEET_ROWS
    rows = torch.linspace(0, len(turned) - 1, min(count, len(turned))).long()
    before, after = faces.images[rows % len(faces)], turned.images[rows]
    pairs = torch.cat([before, after], dim=3).permute(0, 2, 3, 1)
    blank = torch.full((-len(pairs) % SHEET_COLUMNS, *pairs.shape[1:]), 255, dtype=torch.uint8)
    tiles = torch.cat([pairs, blank]).unflatten(0, (-1, SHEET_COLUMNS))
    sheet = tiles.permute(0, 2, 1, 3, 4).flatten(0, 1).flatten(1, 2)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.ascontiguousarray(sheet.numpy())).save(path)


if __name__ == "__main__":
    sys.exit(main())
