"""Compresses a face set for transfer to a GPU machine: WebP pictures, float16 values.

    python -m tools.pack_faces runs/heads.safetensors --output pack/heads.safetensors
    python -m tools.pack_faces runs/labels.safetensors --halves --output pack/labels.safetensors

Every reader of packed face sets also reads these. Keep packs with photos that are not free out of
the repository.
"""

import argparse
import sys
from pathlib import Path

import torch

from dasl.datasets.face_set import load_face_set
from dasl.datasets.pseudo_labels import half_of
from dasl.errors import DaslError

QUALITY = 75
MIB = 2**20


def main(arguments: list[str] | None = None) -> int:
    """Pack; returns the exit status."""
    options = _options(arguments)
    try:
        faces = load_face_set(options.faces)
        parts = {options.output: torch.arange(len(faces))}
        if options.halves:
            halves = torch.tensor([half_of(name) for name in faces.ids])
            stem, suffix = options.output.stem, options.output.suffix
            parts = {
                options.output.with_name(f"{stem}_{half}{suffix}"): (halves == half).nonzero()[:, 0]
                for half in (0, 1)
            }
        for path, rows in parts.items():
            faces.select(rows).save(path, webp_quality=options.quality)
            print(f"{path}: {len(rows)} faces, {path.stat().st_size / MIB:.1f} MiB")
    except (DaslError, OSError) as error:
        print(f"pack_faces: {error}", file=sys.stderr)
        return 1
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.pack_faces",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("faces", type=Path, help="packed face set (.safetensors)")
    parser.add_argument("--output", type=Path, required=True, help="file to write")
    parser.add_argument(
        "--halves",
        action="store_true",
        help="write OUTPUT_0 and OUTPUT_1, the two halves of data.half",
    )
    parser.add_argument(
        "--quality", type=int, default=QUALITY, help="WebP quality (default %(default)s)"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
