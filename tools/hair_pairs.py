"""Writes pictures for a blind comparison of heads with their hair and without it.

    python -m tools.hair_pairs --root DATA --output pairs                    # portraits 047-070
    python -m tools.hair_pairs space/examples/astronaut.jpg --output pairs

Each picture shows a photo and two rows, A above B, each with a head from three sides. Which row has
hair is drawn at random and written to `key.json`, which the judges must not see. Photos whose head
gets no hair are left out. Ask for the better head of each picture and count the rows with hair.
"""

import argparse
import json
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image
from tqdm import tqdm

from dasl import FaceReconstructor
from dasl.arrays import RgbImage
from dasl.photo.load import load_photo
from dasl.pictures.head import SMOOTH, WITH_HAIR, draw_head, turntable_head
from dasl.reconstruction.face import Face
from eval.program.data_root import data_root
from tools.draw_examples import close_up

PORTRAITS = range(47, 71)
YAWS_DEG, SIDE_PX = (-60.0, 0.0, 60.0), 300
KEY = "key.json"


def main(arguments: list[str] | None = None) -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", nargs="*", type=Path)
    parser.add_argument("--root", type=Path, help="data folder with portraits/")
    parser.add_argument("--output", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--seed", type=int, default=0, help="of the order of the rows")
    options = parser.parse_args(arguments)
    photos = options.photos or [
        data_root(options.root) / f"portraits/{number:03d}.jpg" for number in PORTRAITS
    ]
    options.output.mkdir(parents=True, exist_ok=True)
    reconstructor, random, key = FaceReconstructor.from_pretrained(), Random(options.seed), {}
    for path in tqdm(photos, leave=False):
        photo = load_photo(path)
        face = max(reconstructor(photo, strict=True), key=lambda face: face.pose.scale)
        if face.head.hair is not None:
            key[path.stem] = random.choice("AB")
            picture = pair(photo, face, hair_above=key[path.stem] == "A")
            Image.fromarray(picture).save(options.output / f"{path.stem}.png")
    (options.output / KEY).write_text(json.dumps(key, indent=1) + "\n")
    print(f"{len(key)} of {len(photos)} heads have hair; the rows with it are in {KEY}")


def pair(photo: RgbImage, face: Face, hair_above: bool) -> RgbImage:
    """The photo beside both heads, one row for each."""
    size = (SIDE_PX, SIDE_PX)
    rows = []
    for options in (WITH_HAIR, SMOOTH) if hair_above else (SMOOTH, WITH_HAIR):
        head = turntable_head(face.head, options)
        rows.append(np.concatenate([draw_head(head, yaw, size) for yaw in YAWS_DEG], axis=1))
    near, _ = close_up(photo, face, SIDE_PX)
    column = np.full((2 * SIDE_PX, SIDE_PX, 3), 255, dtype=np.uint8)
    column[SIDE_PX // 2 : SIDE_PX // 2 + near.shape[0], : near.shape[1]] = near
    return np.concatenate([column, np.concatenate(rows)], axis=1)


if __name__ == "__main__":
    main()
