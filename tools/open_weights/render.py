"""Renders the training data of the open weights: people, heads and turned portraits.

    torchrun --nproc-per-node 2 -m tools.open_weights.render people --root DATA --people 5000 \
        --output runs/open/people.safetensors
    python -m tools.open_weights.render heads --root DATA --count 6000 --seed 2 --output ...
    python -m tools.open_weights.render portraits --root DATA --copies 60 --seed 100 --output ...

`people` have shapes of scans (ICT-FaceKit, MIT) and mixed skins of portraits 001-030 (CC0). Seeds
from 9000 on use portraits 031-050, for validation and measuring. `heads` have the head model's
shapes and painted skin. `portraits` are the portraits with their fitted heads, and the same with
large-pose augmentation. All landmarks are the open head's (`tools.open_weights.place_landmarks`).
"""

import argparse
import sys
from pathlib import Path

import torch
from tqdm import tqdm

from dasl.datasets.face_set import FaceSet, concatenate
from dasl.datasets.rendered.faces import render_face_set
from dasl.datasets.rendered.people import People
from dasl.datasets.rendered.people_split import is_for_measuring
from dasl.datasets.rendered.scan_shapes import FILE as SCAN_FILE
from dasl.datasets.rendered.scan_shapes import load_scan_shapes
from dasl.errors import DaslError
from dasl.head.landmark_file import head_with_landmarks
from dasl.head.morphable_model import EMBEDDED_HEAD, MorphableModel
from dasl.runtime.processes import current_processes
from tools.data_root import parse, parser_with_root
from tools.open_weights.inputs import record
from tools.open_weights.place_landmarks import OUTPUT as LANDMARKS
from tools.open_weights.portrait_faces import portrait_faces
from tools.open_weights.portraits import MEASURING, POINTS_FILE, TRAINING, names_of
from tools.open_weights.skins import MixedSkins
from tools.render_heads import save_sheet

KINDS = ("people", "heads", "portraits")


def main(arguments: list[str] | None = None) -> int:
    """Render and save; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--people", type=int, default=4000, help="of `people` (default 4000)")
    parser.add_argument("--shots", type=int, default=4, help="pictures per person (default 4)")
    parser.add_argument("--count", type=int, default=8000, help="of `heads` (default 8000)")
    parser.add_argument("--copies", type=int, default=20, help="of each portrait (default 20)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--panoramas", type=Path, default=Path("runs/open/panoramas"))
    parser.add_argument("--output", type=Path, required=True, help="face set to write")
    parser.add_argument("--sheet", type=Path, help="also write a picture of the first faces")
    options = parse(parser, arguments)
    torch.set_num_threads(1)
    try:
        faces = _make(options, head_with_landmarks(LANDMARKS))
        if faces is None:
            return 0
        faces.save(options.output)
        record(options.output, files_read(options))
        if options.sheet:
            save_sheet(faces, options.sheet, rows=8)
    except (DaslError, OSError) as error:
        print(f"open_weights.render: {error}", file=sys.stderr)
        return 1
    print(f"{options.output}: {len(faces)} pictures")
    return 0


def files_read(options: argparse.Namespace) -> list[Path]:
    """Input files of the pictures."""
    files = [EMBEDDED_HEAD, LANDMARKS]
    if options.kind == "heads":
        return files
    names = names_of(_numbers(options))
    files += [POINTS_FILE, *(options.root / "portraits" / f"{name}.jpg" for name in names)]
    if options.kind == "people":
        files += [options.root / SCAN_FILE, *options.panoramas.glob("*.png")]
    return files


def _numbers(options: argparse.Namespace) -> range:
    return MEASURING if is_for_measuring(options.seed) else TRAINING


def _make(options: argparse.Namespace, model: MorphableModel) -> FaceSet | None:
    """Make the faces; None on all but the main process."""
    processes = current_processes()
    numbers = _numbers(options)
    if options.kind == "people":
        skins = MixedSkins(model, options.root, numbers, options.panoramas)
        people = People(model, load_scan_shapes(options.root, model), skins, options.seed)
        own = tqdm(processes.share(range(options.people)), desc="people", disable=None)
        parts = [people.pictures(people.person(number), options.shots) for number in own]
    elif options.kind == "heads":
        share = options.count // processes.count
        bar = tqdm(total=share, desc="heads", disable=None)
        seed = options.seed * processes.count + processes.index
        parts = [render_face_set(model, share, seed, bar.update, shots=2)]
    else:
        parts = [portrait_faces(model, options.root, numbers, options.copies, options.seed)]
    gathered = processes.gather(parts)
    return None if gathered is None else concatenate(gathered)


if __name__ == "__main__":
    sys.exit(main())
