"""`python -m dasl predict`: landmarks of a benchmark's faces as a submission that `eval` scores."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from dasl.predictor import FaceReconstructor
from eval.protocols.aflw2000 import Aflw2000, load_benchmark
from eval.submission import write_submission

BENCHMARKS = ("aflw2000-3d",)
BOXES = ("benchmark", "detector")
# The published frame counts pixels from 1, ours from 0.
FIRST_PIXEL = 1.0
EMBEDDED_REVISION = "embedded"
# The benchmark's boxes go around 1-based pixel centres; ours are measured at pixel edges, where
# the centre of pixel p (0-based) lies at p + 0.5.
BOX_SHIFT = 0.5 - FIRST_PIXEL


def add_predict_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `predict`."""
    parser.add_argument("benchmark", choices=BENCHMARKS)
    parser.add_argument("--root", type=Path, help="data folder; default: DASL_DATA_ROOT")
    parser.add_argument("--output", type=Path, required=True, help="submission to write, .npz")
    parser.add_argument(
        "--boxes",
        choices=BOXES,
        default="benchmark",
        help="crops: the benchmark's (made from the truth, as the literature does), or found by "
        "our own detector, of several faces the largest",
    )
    parser.add_argument("--model", help="weights: a folder or a hub id; default: the embedded ones")
    parser.add_argument("--name", default="2DASL (dasl)", help="method name in the results")


def run_predict(args: argparse.Namespace) -> int:
    """Predict every face of a benchmark; returns 0."""
    benchmark = load_benchmark(args.root)
    reconstructor = FaceReconstructor.from_pretrained(args.model)
    rows = predicted_landmarks(reconstructor, benchmark, args.boxes)
    progress = tqdm(rows, total=len(benchmark.ids), desc="predict", unit="face")
    landmarks = np.stack(list(progress)).astype(np.float32)
    meta = {
        "method": args.name,
        "weights_revision": args.model or EMBEDDED_REVISION,
        "boxes": args.boxes,
        "training_data": "AFLW (faces_2d), rendered heads",
    }
    write_submission(args.output, benchmark.ids, landmarks, meta)
    failed = int(np.isnan(landmarks).any(axis=(1, 2)).sum())
    if failed:
        print(f"no face found in {failed} photos: they are rows of NaN", file=sys.stderr)
    print(json.dumps({"output": str(args.output), "faces": len(landmarks), "failed": failed}))
    return 0


def predicted_landmarks(
    reconstructor: FaceReconstructor, benchmark: Aflw2000, boxes: str
) -> Iterator[np.ndarray]:
    """(68, 3) landmarks of each face in the benchmark's frame; NaN where no face is found."""
    for path, crop in zip(benchmark.image_paths, benchmark.benchmark_crops, strict=True):
        crops = [crop + BOX_SHIFT] if boxes == "benchmark" else None
        found = reconstructor.regress(path, crops)
        if found is None:
            yield np.full((68, 3), np.nan)
            continue
        landmarks = found.landmarks_image[0].cpu().numpy().astype(np.float64)
        landmarks[:, :2] += FIRST_PIXEL
        yield landmarks
