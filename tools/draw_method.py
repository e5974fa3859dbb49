"""Draws the pictures of the method in the About tab: the steps for one example photo.

python -m tools.draw_method        # space/examples/astronaut.jpg -> space/about/*.jpg, method.json

The pictures show photo, crop, the first pass with a blank landmark map, its landmarks drawn into
the map, and the second pass; all from the embedded weights.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from dasl import Face, FaceReconstructor
from dasl.export.options import HeadOptions
from dasl.geometry.coefficients import Coefficients, Whitening, decode
from dasl.geometry.crop import cut_crop, square_crop_from_landmarks
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from dasl.network.config import network_input
from dasl.network.landmark_map import draw_landmark_map, map_points_from_68
from dasl.network.passes import two_passes
from dasl.photo.load import load_photo
from dasl.pictures import draw_dense_mesh
from dasl.weights.folder import load_weights
from tools.head_pictures import Picture, head_picture

ROOT = Path(__file__).parents[1]
PHOTO = ROOT / "space/examples/astronaut.jpg"
FOLDER = ROOT / "space/about"
SIDE = 240
VIEW_MARGIN = 1.7
ACCENT = (13, 148, 136)
IDENTITY_SHOWN, EXPRESSION_SHOWN = 10, 6


def main() -> int:
    """Command line entry; returns the exit status."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    photo = load_photo(PHOTO)
    face = FaceReconstructor.from_pretrained()(photo, strict=True)[0]
    crop = square_crop_from_landmarks(face.landmarks[:, :2])
    pixels = cut_crop(photo, crop)
    first, own_map = first_pass(pixels, face.model)
    FOLDER.mkdir(exist_ok=True)
    for name, picture in {
        "photo": on_photo(photo, face, crop),
        "crop": enlarged(pixels),
        "shape": clay(first, face.model),
        "map": enlarged(own_map),
        "mesh": window(draw_dense_mesh(photo, [face]), crop),
        "head": textured(face),
    }.items():
        Image.fromarray(picture).save(FOLDER / f"{name}.jpg", quality=88, optimize=True)
    (FOLDER / "method.json").write_text(json.dumps(numbers(face), indent=1) + "\n")
    print(FOLDER)
    return 0


def first_pass(pixels: Picture, model: MorphableModel) -> tuple[Coefficients, Picture]:
    """The prediction with a blank map, and the map drawn from it."""
    network, _ = load_weights(head_id=model.head_id)
    whitening = Whitening(network.whitening_mean, network.whitening_std)
    count = network.config.identity_count
    images = torch.from_numpy(pixels).permute(2, 0, 1)[None]
    with torch.no_grad():
        first = two_passes(
            lambda rgb, maps: decode(network(network_input(rgb, maps)), whitening, count),
            images,
            model,
        ).first
        drawn = draw_landmark_map(map_points_from_68(landmarks68_image(model, first)))[0, 0]
    lit = ((drawn + 1) / 2).clamp(0, 1)[..., None].numpy()
    return first, np.asarray(30 + lit * (np.array(ACCENT) * 1.6 - 30).clip(0), dtype=np.uint8)


def on_photo(photo: Picture, face: Face, crop: np.ndarray) -> Picture:
    """The photo around the face, with the detector's box and the network's crop."""
    picture = Image.fromarray(photo)
    draw = ImageDraw.Draw(picture)
    draw.rectangle([float(edge) for edge in face.box], outline=(255, 255, 255), width=3)
    draw.rectangle([float(edge) for edge in crop], outline=ACCENT, width=4)
    return window(np.asarray(picture), crop)


def window(picture: Picture, crop: np.ndarray) -> Picture:
    """A square part of the photo, wider than the crop."""
    x0, y0, x1, y1 = (float(edge) for edge in crop)
    half = min(VIEW_MARGIN * (x1 - x0) / 2, min(picture.shape[:2]) / 2)
    height, width = picture.shape[:2]
    x = min(max((x0 + x1) / 2, half), width - half)
    y = min(max((y0 + y1) / 2, half), height - half)
    box = (x - half, y - half, x + half, y + half)
    part = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=box)
    return np.asarray(part)


def enlarged(picture: Picture) -> Picture:
    """The network's 120 x 120 input, enlarged twice."""
    return np.asarray(Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.NEAREST))


def clay(head: Coefficients, model: MorphableModel) -> Picture:
    """The untextured shape of the first pass."""
    with torch.no_grad():
        vertices = model.vertices(head.identity, head.expression)[0].numpy()
    return head_picture(
        vertices, model.triangles, yaw_deg=25.0, size=(SIDE, SIDE), pixels_per_metre=780.0
    )


def textured(face: Face) -> Picture:
    """The textured result, from another side than the photo."""
    split = face.head.shaped_mesh(HeadOptions())
    return head_picture(
        split.vertices,
        split.triangles,
        yaw_deg=-35.0,
        size=(SIDE, SIDE),
        pixels_per_metre=780.0,
        textured=(split, face.head.texture(1024)),
    )


def numbers(face: Face) -> dict[str, dict[str, float]]:
    """Some of the coefficients of the result."""
    pose = face.pose
    strongest = sorted(face.expression.items(), key=lambda part: -part[1])[:EXPRESSION_SHOWN]
    return {
        "pose, degrees": {
            "yaw": round(pose.yaw_deg, 1),
            "pitch": round(pose.pitch_deg, 1),
            "roll": round(pose.roll_deg, 1),
        },
        "shape, standard deviations": {
            str(n): round(float(value), 2)
            for n, value in enumerate(face.identity[:IDENTITY_SHOWN], 1)
        },
        "expression, 0 to 1": {name: round(value, 2) for name, value in strongest},
    }


if __name__ == "__main__":
    raise SystemExit(main())
