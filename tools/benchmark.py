"""Times each step from photo to head, on the CPU, warm; and a cold shell run.

    python -m tools.benchmark                            # the example photo, at 450x450
    python -m tools.benchmark --photo me.jpg --side 1024 --runs 50 --json times.json

Milliseconds depend on the machine: compare the ratios. The unit beside which all is measured is one
pass of the same network in eager torch on one thread.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from dasl import FaceReconstructor
from dasl.crop import cut_crop, square_crop_from_box
from dasl.landmark_map import blank_map
from dasl.network import network_input
from dasl.photo import load_photo
from dasl.weights import load_weights

ROOT = Path(__file__).parents[1]
PHOTO = ROOT / "space/examples/astronaut.jpg"


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photo", type=Path, default=PHOTO)
    parser.add_argument("--side", type=int, default=450, help="longer side of the photo, pixels")
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--model", help="weights folder; default: the embedded ones")
    parser.add_argument("--json", type=Path, help="also write the times here")
    options = parser.parse_args()
    photo = _resized(load_photo(options.photo), options.side)
    steps = _steps(photo, options.model)
    medians = {name: _median_ms(step, options.runs) for name, step in steps.items()}
    medians["cold shell run, photo to GLB"] = _cold_run_ms(options.photo, options.model)
    unit = medians["unit: one eager torch pass, 1 thread"]
    print(f"photo {photo.shape[1]}x{photo.shape[0]}, median of {options.runs} runs")
    for name, milliseconds in medians.items():
        print(f"{name:42s} {milliseconds:8.1f} ms   {milliseconds / unit:6.2f} units")
    if options.json:
        options.json.write_text(json.dumps(medians, indent=1) + "\n")
    return 0


def _steps(photo: np.ndarray, model: str | None) -> dict[str, Callable[[], Any]]:
    reconstructor = FaceReconstructor.from_pretrained(model, device="cpu")
    detector = reconstructor.detector
    face = reconstructor(photo, strict=True)[0]
    crop = square_crop_from_box(face.box)
    network = load_weights(model)[0].eval()
    pixels = torch.from_numpy(cut_crop(photo, crop)).permute(2, 0, 1)[None]
    inputs = network_input(pixels, blank_map(1))

    def eager_pass() -> None:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        with torch.no_grad():
            network(inputs)
        torch.set_num_threads(threads)

    def save_glb() -> None:
        with tempfile.TemporaryDirectory() as folder:
            reconstructor(photo, boxes=[face.box])[0].save(Path(folder) / "head.glb")

    return {
        "unit: one eager torch pass, 1 thread": eager_pass,
        "detector alone": lambda: detector(photo),
        "one crop": lambda: cut_crop(photo, crop),
        "box to vertices (two passes, no detector)": lambda: reconstructor(photo, boxes=[face.box]),
        "photo to vertices (with the detector)": lambda: reconstructor(photo),
        "box to textured GLB file": save_glb,
    }


def _median_ms(step: Callable[[], Any], runs: int) -> float:
    for _ in range(3):
        step()
    times = []
    for _ in tqdm(range(runs), leave=False):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def _cold_run_ms(photo: Path, model: str | None) -> float:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "dasl", "reconstruct", str(photo), "--output", folder]
        command += ["--model", model] if model else []
        start = time.perf_counter()
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        return 1000 * (time.perf_counter() - start)


def _resized(photo: np.ndarray, side: int) -> np.ndarray:
    image = Image.fromarray(photo)
    factor = side / max(image.size)
    size = (round(image.width * factor), round(image.height * factor))
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS))


if __name__ == "__main__":
    raise SystemExit(main())
