"""Render random heads with exact coefficients: training data, or a test of 3D.

    python -m tools.render_heads --count 6000 --seed 1 --output rendered.safetensors
    python -m tools.render_heads --count 6000 --shots 2 --seed 1 --output people.safetensors
    python -m tools.render_heads --count 64 --seed 1 --output few.safetensors --sheet heads.png

The file is a packed face set (`dasl.datasets.face_set`). A head depends only on seed and index, so
a larger count keeps the first heads. Seed 9001 is the test set of `tools.evaluate_rendered`: never
train on it.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from dasl.datasets.face_set import FaceSet
from dasl.datasets.rendered.faces import render_face_set
from dasl.errors import DaslError
from dasl.geometry.crop import CROP_SIZE
from dasl.head.morphable_model import MorphableModel

SHEET_COLUMNS = 8


def main(arguments: list[str] | None = None) -> int:
    """Render and save; returns the exit status."""
    options = _options(arguments)
    start = time.perf_counter()
    try:
        model = MorphableModel.load()
        with tqdm(total=options.count, desc="heads", unit="head", disable=None) as bar:
            faces = render_face_set(model, options.count, options.seed, bar.update, options.shots)
        faces.save(options.output)
        if options.sheet:
            save_sheet(faces, options.sheet, options.sheet_rows)
    except (DaslError, OSError) as error:
        print(f"render_heads: {error}", file=sys.stderr)
        return 1
    rate = options.count / (time.perf_counter() - start)
    print(f"{options.output}: {options.count} heads of seed {options.seed}, {rate:.1f} a second")
    return 0


def save_sheet(faces: FaceSet, path: Path, rows: int) -> None:
    """Write the first heads as one picture, at most `rows` rows of 8."""
    images = faces.images[: rows * SHEET_COLUMNS].permute(0, 2, 3, 1)
    missing = -len(images) % SHEET_COLUMNS
    blank = torch.full((missing, CROP_SIZE, CROP_SIZE, 3), 255, dtype=torch.uint8)
    tiles = torch.cat([images, blank]).unflatten(0, (-1, SHEET_COLUMNS))
    sheet = tiles.permute(0, 2, 1, 3, 4).flatten(0, 1).flatten(1, 2)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.ascontiguousarray(sheet.numpy())).save(path)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.render_heads",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--count", type=int, default=6000, help="heads (default 6000)")
    parser.add_argument(
        "--shots", type=int, default=1, help="consecutive pictures of one person (default 1)"
    )
    parser.add_argument("--seed", type=int, default=1, help="0 or more (default 1)")
    parser.add_argument("--output", type=Path, required=True, help="face set to write")
    parser.add_argument("--sheet", type=Path, help="also write a picture of the first heads")
    parser.add_argument("--sheet-rows", type=int, default=6, help="rows of 8 (default 6)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
