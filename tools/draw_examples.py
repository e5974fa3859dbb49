"""Draws what the model makes of photos: photo, landmarks, dense mesh, textured head from 3 sides.

python -m tools.draw_examples                        # space/examples/*.jpg -> docs/examples.png
python -m tools.draw_examples me.jpg you.jpg --output sheet.png
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from dasl import Face, FaceReconstructor
from dasl.crop import square_crop_from_landmarks
from dasl.photo import load_photo
from dasl.pictures import draw_dense_mesh, draw_landmarks
from tools.head_pictures import Picture, head_picture, sheet

ROOT = Path(__file__).parents[1]
SIDE = 220
# A little more than the network's crop, to see where the face lies.
VIEW_MARGIN = 1.25
TEXTURE_SIZE = 1024


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", nargs="*", type=Path)
    parser.add_argument("--output", type=Path, default=ROOT / "docs/examples.png")
    parser.add_argument("--model", help="weights folder; default: the embedded ones")
    options = parser.parse_args()
    photos = options.photos or sorted((ROOT / "space/examples").glob("*.jpg"))
    reconstructor = FaceReconstructor.from_pretrained(options.model)
    rows: list[Picture] = []
    for path in tqdm(photos):
        photo = load_photo(path)
        rows += row(photo, reconstructor(photo, strict=True)[0])
    Image.fromarray(sheet(rows, columns=7)).save(options.output)
    print(options.output)
    return 0


def row(photo: Picture, face: Face) -> list[Picture]:
    """Seven pictures of one face."""
    x0, y0, x1, y1 = square_crop_from_landmarks(face.landmarks[:, :2])
    grow = (VIEW_MARGIN - 1) / 2 * (x1 - x0)
    window = np.array([x0 - grow, y0 - grow, x1 + grow, y1 + grow])
    on_photo = [photo, draw_landmarks(photo, [face]), draw_dense_mesh(photo, [face])]
    split = face.split_mesh()
    texture = face.texture(TEXTURE_SIZE)
    heads = [
        head_picture(
            split.vertices,
            split.triangles,
            yaw_deg=yaw,
            size=(SIDE, SIDE),
            pixels_per_metre=780.0,
            textured=textured,
        )
        for yaw, textured in (
            (0.0, None),
            (-40.0, (split, texture)),
            (0.0, (split, texture)),
            (40.0, (split, texture)),
        )
    ]
    return [_window(picture, window) for picture in on_photo] + heads


def _window(picture: Picture, window: np.ndarray) -> Picture:
    # The network's own crop has 120 pixels; a picture wants more of them.
    left, top, right, bottom = (round(float(edge)) for edge in window)
    side = max(right - left, bottom - top)
    padded = np.pad(picture, ((side, side), (side, side), (0, 0)), mode="edge")
    part = padded[top + side : top + 2 * side, left + side : left + 2 * side]
    return np.asarray(Image.fromarray(part).resize((SIDE, SIDE), Image.Resampling.LANCZOS))


if __name__ == "__main__":
    raise SystemExit(main())
