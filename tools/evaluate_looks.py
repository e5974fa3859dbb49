"""Measures how similar textured heads and their photos are, region by region.

python -m tools.evaluate_looks                            # space/examples/*.jpg
python -m tools.evaluate_looks --root DATA                # and portraits 051-070 of DATA/portraits
python -m tools.evaluate_looks me.jpg --json figures.json

Method: one ray through each pixel of the photo gives the region of the fitted head there
(`tools.looks_regions`). The texture's colour on the head in the photo's pose, without light, is
compared with the photo's: the mean absolute difference over pixels and channels, in 1/255.

- "teeth": the mouth's difference on the photos of `OPEN_SMILES`;
- "bluer": how much bluer the head's teeth are than the photo's, in blue minus red;
- "shown": the smallest share of teeth in the mouth's opening from -60 to 60 degrees of yaw;
- "iris": the distance of the irises on photo and head, millimetres;
- "darker": the difference of the irises' darkness from the photo's.

`tools.looks_light` measures the effect of different light.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
from tqdm import tqdm

from dasl import FaceReconstructor
from dasl.commands.options import add_model_option
from dasl.photo.load import load_photo
from eval.program.data_root import data_root
from tools.looks_regions import REGIONS, Looks, looks

ROOT = Path(__file__).parents[1]
PORTRAITS = range(51, 71)
"""Portraits of the data folder for visual checks; the others are for training and testing."""
OPEN_SMILES = ("astronaut", "052", "055", "069")
"""Those of these photos that show teeth, selected by eye."""
COLUMNS = (*REGIONS, "teeth", "bluer", "shown", "iris", "darker")


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", nargs="*", type=Path)
    parser.add_argument("--root", type=Path, help="data folder with portraits/")
    parser.add_argument("--json", type=Path, help="file for the figures of each photo")
    add_model_option(parser)
    options = parser.parse_args()
    photos = options.photos or photos_for_looking(data_root(options.root))
    reconstructor = FaceReconstructor.from_pretrained(options.model)
    measured = {}
    for path in tqdm(photos, leave=False):
        photo = load_photo(path)
        face = max(reconstructor(photo, strict=True), key=lambda face: face.pose.scale)
        measured[path.stem] = looks(photo, face, path.stem in OPEN_SMILES)
    print(table(measured))
    if options.json:
        document = {name: asdict(row) for name, row in measured.items()}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 0


def photos_for_looking(root: Path | None) -> list[Path]:
    """The free examples, and with a data folder also the portraits for visual checks."""
    examples = sorted((ROOT / "space/examples").glob("*.jpg"))
    if root is None or not (root / "portraits").is_dir():
        return examples
    return examples + [root / f"portraits/{number:03d}.jpg" for number in PORTRAITS]


def table(measured: dict[str, Looks]) -> str:
    """A row for each photo, then the means over those that have a figure."""
    rows = {name: _figures(row) for name, row in measured.items()}
    lines = [f"{'photo':20s}" + "".join(f"{column:>8s}" for column in COLUMNS)]
    lines += [f"{name:20s}" + _formatted(figures) for name, figures in rows.items()]
    figures = np.array(list(rows.values()))
    known = [column[~np.isnan(column)] for column in figures.T]
    means = [float(column.mean()) if len(column) else float("nan") for column in known]
    return "\n".join([*lines, f"{'mean':20s}" + _formatted(means)])


def _figures(row: Looks) -> list[float]:
    regions = [row.difference[name] for name in REGIONS]
    return [*regions, row.teeth_difference, row.bluer, row.teeth_share, row.iris_mm, row.iris_dark]


def _formatted(figures: list[float]) -> str:
    return "".join(f"{figure:8.2f}" if not np.isnan(figure) else f"{'-':>8s}" for figure in figures)


if __name__ == "__main__":
    raise SystemExit(main())
