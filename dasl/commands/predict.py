"""`python -m dasl predict`: landmarks of a benchmark's faces as a submission that `eval` scores."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from dasl.commands.options import add_model_option
from dasl.reconstruction.reconstructor import FaceReconstructor
from dasl.runtime.processes import Processes, current_processes
from dasl.weights.folder import load_stored, weights_folder
from dasl.weights.revision import weights_revision
from eval.benchmarks.aflw2000.data import Aflw2000, load_benchmark
from eval.bfm.model import yaw_pitch_roll_deg
from eval.submissions.submission import write_submission

BENCHMARKS = ("aflw2000-3d",)
ALONE = Processes(0, 1)
BOXES = ("benchmark", "detector")
# The published frame counts pixels from 1, ours from 0.
FIRST_PIXEL = 1.0
# The benchmark's boxes go around 1-based pixel centres; ours are measured at pixel edges, where
# the centre of pixel p (0-based) lies at p + 0.5.
BOX_SHIFT = 0.5 - FIRST_PIXEL


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `predict`."""
    parser.add_argument("benchmark", choices=BENCHMARKS)
    parser.add_argument("--root", type=Path, help="data folder; default: DASL_DATA_ROOT")
    parser.add_argument("--output", type=Path, required=True, help="submission to write, .npz")
    parser.add_argument(
        "--boxes",
        choices=BOXES,
        default="benchmark",
        help="crops: the benchmark's, made from the true landmarks as in publications, or those of "
        "our own detector, which takes the largest face near the centre",
    )
    add_model_option(parser)
    parser.add_argument("--name", default="2DASL (dasl)", help="method name in the results")


def run(args: argparse.Namespace) -> int:
    """Predict all faces of a benchmark, distributed over the launched processes; returns 0."""
    benchmark = load_benchmark(args.root)
    reconstructor = FaceReconstructor.from_pretrained(args.model)
    processes = current_processes()
    rows = predictions(reconstructor, benchmark, args.boxes, processes)
    total, watched = len(processes.share(benchmark.ids)), processes.is_main
    own = list(tqdm(rows, total=total, desc="predict", unit="face", disable=not watched))
    gathered = processes.gather(own)
    if gathered is None:
        return 0  # the main process writes
    landmarks = np.stack([face.landmarks for face in gathered])
    pose_deg = np.stack([face.pose_deg for face in gathered])
    (network, config), head_id = (
        load_stored(weights_folder(args.model)),
        reconstructor.model.head_id,
    )
    meta = {
        "method": args.name,
        "weights_revision": weights_revision(args.model, network, head_id),
        "head_id": head_id,
        "boxes": args.boxes,
        "training_data": training_data(config),
    }
    write_submission(args.output, benchmark.ids, landmarks, meta, pose_deg=pose_deg)
    failed = int(np.isnan(landmarks).any(axis=(1, 2)).sum())
    if failed:
        print(f"no face found in {failed} photos; their rows are NaN", file=sys.stderr)
    print(json.dumps({"output": str(args.output), "faces": len(landmarks), "failed": failed}))
    return 0


def training_data(config: Mapping[str, Any]) -> str:
    """Names of the training sets in a weights folder's config."""
    try:
        entries = config["training"]["data"]["train"]
        return ", ".join(Path(str(entry)).stem for entry in entries)
    except (KeyError, TypeError):
        return "not stated"


@dataclass(frozen=True, eq=False)
class Prediction:
    """One face of the benchmark; all NaN if none was found.

    Attributes:
        landmarks: (68, 3) pixels, the benchmark's 1-based frame.
        pose_deg: (3,) yaw, pitch, roll in the convention of the benchmark's Pose_Para.
        confidence: in [0, 1].
    """

    landmarks: np.ndarray
    pose_deg: np.ndarray
    confidence: float


NOT_FOUND = Prediction(np.full((68, 3), np.nan), np.full(3, np.nan), np.nan)


def predictions(
    reconstructor: FaceReconstructor,
    benchmark: Aflw2000,
    boxes: str,
    processes: Processes = ALONE,
) -> Iterator[Prediction]:
    """Each face of the benchmark, or of this process's share, in the benchmark's order."""
    faces = list(zip(benchmark.image_paths, benchmark.benchmark_crops, strict=True))
    for path, crop in processes.share(faces):
        if boxes == "benchmark":
            regression = reconstructor.regress(path, crops=[crop + BOX_SHIFT])
        else:
            regression = reconstructor.regress_main(path)
        if regression is None:
            yield NOT_FOUND
            continue
        landmarks = regression.landmarks_image[0].astype(np.float64)
        landmarks[:, :2] += FIRST_PIXEL
        angles = yaw_pitch_roll_deg(regression.coefficients.pose.rotation)[0]
        yield Prediction(landmarks, angles, float(regression.confidence[0]))
