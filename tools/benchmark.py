"""Times each step from photo to head, or of a clip, on the CPU, and a cold shell run.

    python -m tools.benchmark                            # the example photo, at 450x450
    python -m tools.benchmark --photo me.jpg --side 1024 --runs 50 --json times.json
    python -m tools.benchmark --precision float32
    python -m tools.benchmark --clip                     # 10 s, 1280x720, 30 frames/s, rendered

Times depend on the machine and its load; compare the ratios. The unit for a photo's steps is one
pass of the same network in eager torch on one thread, timed in the same run.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from dasl import FaceReconstructor
from dasl.commands.options import add_network_options
from dasl.export.mesh_files import jpeg_bytes
from dasl.geometry.crop import cut_crop, square_crop_from_box
from dasl.network.config import network_input
from dasl.network.landmark_map import blank_map
from dasl.network.onnx import Precision
from dasl.photo.load import load_photo
from dasl.photo.person import person_share
from dasl.weights.folder import load_weights
from tools.clip_benchmark import clip_figures, shell_seconds

PHOTO = Path(__file__).parents[1] / "space/examples/astronaut.jpg"
WARM_UP_RUNS = 3
"""Untimed runs of each step before the timed ones."""
UNIT = "unit: one eager torch pass, 1 thread"


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photo", type=Path, default=PHOTO)
    parser.add_argument("--side", type=int, default=450, help="longer side of the photo, pixels")
    parser.add_argument("--runs", type=int, default=30, help="timed runs; the median is printed")
    parser.add_argument("--clip", action="store_true", help="time a clip instead of a photo")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of the clip")
    add_network_options(parser)
    parser.add_argument("--json", type=Path, help="also write the times here")
    options = parser.parse_args()
    if options.clip:
        figures = clip_figures(
            options.photo, options.seconds, options.model, precision=options.precision
        )
        print(figures)
        found: dict[str, Any] = asdict(figures)
    else:
        photo = _resized(load_photo(options.photo), options.side)
        times = photo_milliseconds(photo, options.model, options.runs, options.precision)
        with tempfile.TemporaryDirectory() as folder:
            words = ["reconstruct", str(options.photo), "--output", folder]
            if options.precision:
                words += ["--precision", options.precision]
            cold_s = shell_seconds(*words, model=options.model)
        times["cold shell run, photo to GLB"] = 1000 * cold_s
        print(f"photo {photo.shape[1]}x{photo.shape[0]}, median of {options.runs} runs")
        for name, milliseconds in times.items():
            print(f"{name:44s} {milliseconds:8.1f} ms  {milliseconds / times[UNIT]:6.2f} units")
        found = times
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    return 0


def photo_milliseconds(
    photo: np.ndarray, model: str | None, runs: int, precision: Precision | None = None
) -> dict[str, float]:
    """Median time of each step, warm, by name.

    Args:
        photo: (H, W, 3) uint8 RGB, with a face.
        model: weights folder; None for the embedded ones.
        runs: of each step.
        precision: of the network; None as `FaceReconstructor.from_pretrained`.
    """
    with tempfile.TemporaryDirectory() as folder:
        steps = _steps(photo, model, Path(folder) / "head.glb", precision)
        return {name: _median_ms(step, runs) for name, step in steps.items()}


def _steps(
    photo: np.ndarray, model: str | None, path: Path, precision: Precision | None
) -> dict[str, Callable[[], Any]]:
    reconstructor = FaceReconstructor.from_pretrained(model, device="cpu", precision=precision)
    face = reconstructor(photo, strict=True)[0]
    crop = square_crop_from_box(face.box)
    network = load_weights(model)[0].eval()
    pixels = torch.from_numpy(cut_crop(photo, crop)).permute(2, 0, 1)[None]
    inputs = network_input(pixels, blank_map(pixels))

    @torch.no_grad()
    def eager_pass() -> None:
        network(inputs)

    return {
        UNIT: eager_pass,
        "detector": lambda: reconstructor.detector(photo),
        "crop": lambda: cut_crop(photo, crop),
        "box to landmarks (no detector)": lambda: reconstructor(photo, boxes=[face.box]),
        "photo to landmarks": lambda: reconstructor(photo),
        "photo to vertices": lambda: reconstructor(photo)[0].vertices,
        # a copy, since a face keeps its texture once it is made
        "texture": lambda: replace(face).head.texture(),
        "texture to JPEG": lambda: jpeg_bytes(face.head.texture()),
        "GLB file of a textured face": lambda: face.save(path),
        "photo to textured GLB file": lambda: reconstructor(photo)[0].save(path),
        "cutting the person out, for hair": lambda: person_share(face.around.pixels),
        "photo to GLB file with hair": lambda: reconstructor(photo)[0].save(path, hair=True),
    }


def _median_ms(step: Callable[[], Any], runs: int) -> float:
    for _ in range(WARM_UP_RUNS):
        step()
    times = []
    for _ in tqdm(range(runs), leave=False):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def _resized(photo: np.ndarray, side: int) -> np.ndarray:
    image = Image.fromarray(photo)
    factor = side / max(image.size)
    size = (round(image.width * factor), round(image.height * factor))
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS))


if __name__ == "__main__":
    raise SystemExit(main())
