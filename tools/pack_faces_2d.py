"""Packs faces_2d small enough to travel to a GPU machine: WebP pictures, half-precision points.

    python -m tools.pack_faces_2d --root DIR --output runs/pack
    python -m dasl train configs/lite0.yaml --root runs/pack      # there; the same reader

The photographs stay what they are, AFLW's: keep the output out of the repository.
"""

import io
import os
import sys
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet
from PIL import Image
from tqdm import tqdm

from dasl.datasets.faces_2d import COLUMNS
from tools.data_root import parse, parser_with_root

QUALITY = 70
MIB = 2**20
HALF_PRECISION = ("landmarks21", "detected68")
"""float16 within a crop: steps of 0.03 to 0.06 pixels, far below the points' own noise."""


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("--output", type=Path, required=True, help="new data root to write")
    parser.add_argument(
        "--quality", type=int, default=QUALITY, help="of WebP (default %(default)s)"
    )
    options = parse(parser, arguments)
    files = sorted((options.root / "faces_2d").glob("*.parquet"))
    if not files:
        print(f"pack_faces_2d: no parquet files in {options.root / 'faces_2d'}", file=sys.stderr)
        return 1
    if (options.output / "faces_2d").resolve() == files[0].parent.resolve():
        parser.error("--output is the data root itself; name another folder")
    written = [_pack(file, options.output / "faces_2d", options.quality) for file in files]
    size = sum(path.stat().st_size for path in written) / MIB
    print(f"{options.output}: {len(written)} files, {size:.1f} MiB")
    return 0


def _pack(source: Path, folder: Path, quality: int) -> Path:
    table = parquet.read_table(source, columns=list(COLUMNS))
    pictures = table.column("image").to_pylist()
    shown = tqdm(pictures, desc=source.name, unit="face", disable=None)
    columns = {name: table.column(name) for name in COLUMNS}
    columns["image"] = arrow.array([_webp(data, quality) for data in shown], arrow.binary())
    for name in HALF_PRECISION:
        rows = np.array(table.column(name).to_pylist(), dtype=np.float16)
        columns[name] = arrow.FixedSizeListArray.from_arrays(rows.ravel(), rows.shape[1])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / source.name
    temporary = path.with_name(path.name + ".part")
    parquet.write_table(arrow.table(columns), temporary, compression="zstd", compression_level=19)
    os.replace(temporary, path)
    return path


def _webp(data: bytes, quality: int) -> bytes:
    packed = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        image.convert("RGB").save(packed, "WEBP", quality=quality, method=6)
    return packed.getvalue()


if __name__ == "__main__":
    raise SystemExit(main())
