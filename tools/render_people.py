"""Render scan-shaped people with skins from photos, as training data or for viewing.

    python -m tools.render_people --root DIR --people 2000 --seed 1 --output people.safetensors
    torchrun --nproc-per-node 2 -m tools.render_people --root DIR --output people.safetensors

The file is a packed face set (`dasl.datasets.face_set`). The pictures of a person are consecutive,
with ids person-SEED-NUMBER-SHOT. Keep it out of git: it shows the people on the photos. A picture
depends only on seed, number and shot, so a larger count keeps the first people.

Skins of seeds below 9000 come from portraits 001-030 and training faces. Seeds from 9000 on are for
testing (`tools.evaluate_shape`): skins come from portraits 031-050, and training refuses them.
"""

import sys
import time
from pathlib import Path

import torch
from tqdm import tqdm

from dasl.datasets.face_set import concatenate
from dasl.datasets.rendered.people import People
from dasl.datasets.rendered.people_split import FIRST_MEASURING_SEED
from dasl.datasets.rendered.scan_shapes import load_scan_shapes
from dasl.errors import ConfigError, DaslError
from dasl.head.morphable_model import MorphableModel
from dasl.runtime.processes import current_processes
from tools.data_root import parse, parser_with_root
from tools.photo_skins import CROP_SKINS, skins_for
from tools.render_heads import save_sheet


def main(arguments: list[str] | None = None) -> int:
    """Render and save; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("--people", type=int, default=2000, help="default 2000")
    parser.add_argument("--shots", type=int, default=4, help="pictures per person (default 4)")
    parser.add_argument(
        "--seed", type=int, default=1, help=f"default 1; see above from {FIRST_MEASURING_SEED}"
    )
    parser.add_argument(
        "--skins",
        type=int,
        default=CROP_SKINS,
        help=f"training faces to take skins from, besides the portraits (default {CROP_SKINS})",
    )
    parser.add_argument(
        "--weights", help="weights for fitting heads to the photos; default: embedded"
    )
    parser.add_argument("--output", type=Path, required=True, help="face set to write")
    parser.add_argument("--sheet", type=Path, help="also write a picture of the first faces")
    options = parse(parser, arguments)
    torch.set_num_threads(1)
    processes = current_processes()
    start = time.perf_counter()
    try:
        if min(options.people, options.shots) < 1:
            raise ConfigError(
                f"wanted --people and --shots >= 1, got {options.people} and {options.shots}"
            )
        model = MorphableModel.load()
        shapes = load_scan_shapes(options.root, model)
        skins = skins_for(options.seed, options.root, options.weights, options.skins)
        people = People(model, shapes, skins, options.seed)
        own = processes.share(range(options.people))
        bar = tqdm(own, desc="people", unit="person", disable=None if processes.is_main else True)
        parts = processes.gather(
            [people.pictures(people.person(number), options.shots) for number in bar]
        )
        if parts is None:
            return 0
        faces = concatenate(parts)
        faces.save(options.output)
        if options.sheet:
            save_sheet(faces, options.sheet, rows=8)
    except (DaslError, OSError) as error:
        print(f"render_people: {error}", file=sys.stderr)
        return 1
    rate = len(faces) / (time.perf_counter() - start)
    print(
        f"{options.output}: {len(faces)} pictures of {options.people} people, {rate:.1f} a second"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
