"""Draws results on photos: a picture for the README, and a sheet with more kinds of pictures.

python -m tools.draw_examples                        # space/examples/*.jpg -> docs/
python -m tools.draw_examples me.jpg you.jpg --output sheets

examples.jpg: photo, dense mesh, textured head from three sides. faces.jpg: also landmarks,
depth, normals and the texture. Rows go from frontal faces to profiles.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from tqdm import tqdm

from dasl import Face, FaceReconstructor
from dasl.commands.options import add_model_option
from dasl.photo.load import load_photo
from dasl.pictures import PICTURES
from dasl.pictures.head import WITH_HAIR, draw_head, turntable_head
from dasl.pictures.legend import load_font
from dasl.pictures.surface import face_share

ROOT = Path(__file__).parents[1]
# Margin relative to the face region's longer side; the surroundings show how well it fits.
VIEW_MARGIN = 1.5
HEAD_YAWS_DEG = (-60.0, 0.0, 60.0)
HEADS = tuple(f"textured head, {yaw:+.0f}°" if yaw else "textured head" for yaw in HEAD_YAWS_DEG)
SHEETS: dict[str, tuple[int, int, tuple[str, ...]]] = {
    "examples.jpg": (230, 85, ("photo", "mesh", *HEADS)),
    "faces.jpg": (300, 77, ("photo", "landmarks", "mesh", *HEADS, "depth", "normals", "uv")),
}
"""File -> side of a cell in pixels, JPEG quality, columns."""
HEADER_PX, PAPER, INK = 26, (255, 255, 255), (17, 20, 26)

Picture = NDArray[np.uint8]


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", nargs="*", type=Path)
    parser.add_argument("--output", type=Path, default=ROOT / "docs", metavar="DIR")
    add_model_option(parser)
    options = parser.parse_args()
    photos = options.photos or sorted((ROOT / "space/examples").glob("*.jpg"))
    reconstructor = FaceReconstructor.from_pretrained(options.model)
    pairs = []
    for path in photos:
        photo = load_photo(path)
        faces = reconstructor(photo, strict=True)
        pairs.append((photo, max(faces, key=lambda face: face.pose.scale)))
    pairs.sort(key=lambda pair: abs(pair[1].pose.yaw_deg))
    options.output.mkdir(parents=True, exist_ok=True)
    for name, (side, quality, columns) in SHEETS.items():
        rows = [
            cells(photo, face, columns, side) for photo, face in tqdm(pairs, desc=name, leave=False)
        ]
        path = options.output / name
        sheet(columns, rows).save(path, quality=quality, optimize=True)
        print(f"{path}  {path.stat().st_size / 1000:.0f} kB")
    return 0


def cells(photo: Picture, face: Face, columns: Sequence[str], side: int) -> list[Picture]:
    """The pictures of one face, each `side` pixels wide."""
    heads = dict(zip(HEADS, HEAD_YAWS_DEG, strict=True))
    near_photo, near_face = close_up(photo, face, side)
    head = turntable_head(face.head, WITH_HAIR)
    pictures = []
    for name in columns:
        if name in heads:
            pictures.append(_resized(draw_head(head, heads[name], (2 * side, 2 * side)), side))
        elif name == "uv":
            pictures.append(_resized(face.head.texture(), side))
        elif name == "photo":
            pictures.append(near_photo)
        else:
            pictures.append(PICTURES[name](near_photo, [near_face]))
    return pictures


def _resized(picture: Picture, side: int) -> Picture:
    return np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS))


def close_up(photo: Picture, face: Face, side: int) -> tuple[Picture, Face]:
    """The part of the photo around the face, (side, side, 3), and the face in its pixels."""
    points = face.vertices[face_share(face) > 0, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    limits = np.array(photo.shape[1::-1])
    extent = min(VIEW_MARGIN * float((high - low).max()), float(limits.min()))
    corner = ((low + high - extent) / 2).clip(0, limits - extent)
    box = (*corner.tolist(), *(corner + extent).tolist())
    near = Image.fromarray(photo).resize((side, side), Image.Resampling.LANCZOS, box=box)
    factor = side / extent

    def moved(image: NDArray[np.float32]) -> NDArray[np.float32]:
        offset = np.zeros(image.shape[-1])
        offset[:2] = corner - 0.5  # pixel centres are integers, the box is at pixel edges
        half = np.where(np.arange(image.shape[-1]) < 2, 0.5, 0.0)
        return ((image - offset) * factor - half).astype(np.float32)

    pose = replace(
        face.pose, scale=face.pose.scale * factor, translation=moved(face.pose.translation)
    )
    near_face = replace(face, landmarks=moved(face.landmarks), pose=pose)
    return np.asarray(near), near_face


def sheet(columns: Sequence[str], rows: Sequence[Sequence[Picture]]) -> Image.Image:
    """Rows of pictures of one width under the columns' names."""
    side = rows[0][0].shape[1]
    heights = [max(picture.shape[0] for picture in row) for row in rows]
    paper = Image.new("RGB", (side * len(columns), HEADER_PX + sum(heights)), PAPER)
    pencil, font = ImageDraw.Draw(paper), load_font(0.55 * HEADER_PX)
    for column, name in enumerate(columns):
        middle = ((column + 0.5) * side, HEADER_PX / 2)
        pencil.text(middle, name, fill=INK, font=font, anchor="mm")
    top = HEADER_PX
    for row, height in zip(rows, heights, strict=True):
        for column, picture in enumerate(row):
            paper.paste(Image.fromarray(picture), (column * side, top))
        top += height
    return paper


if __name__ == "__main__":
    raise SystemExit(main())
