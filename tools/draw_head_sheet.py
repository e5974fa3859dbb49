"""Draws the sheets of the head model: random heads, leading components, face units, landmarks.

python -m tools.draw_head_sheet                     # docs/random_heads.png and three more
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from dasl.head.morphable_model import MorphableModel
from tools.head_pictures import Picture, head_picture, sheet

DOCS = Path(__file__).parents[1] / "docs"
UNITS = (
    "jawOpen",
    "mouthSmileLeft",
    "mouthPucker",
    "mouthFunnel",
    "eyeBlinkLeft",
    "eyeWideLeft",
    "browInnerUp",
    "browDownLeft",
    "cheekPuff",
    "noseSneerLeft",
    "mouthFrownRight",
    "eyeLookInLeft",
    "mouthUpperUpLeft",
    "mouthLowerDownLeft",
    "jawLeft",
    "tongueOut",
)


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=DOCS, metavar="DIR")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    model = MorphableModel.load()
    pictures = {
        "random_heads": random_heads(model),
        "identity_components": identity_components(model),
        "face_units": face_units(model),
    }
    for name, picture in pictures.items():
        path = options.output / f"{name}.png"
        Image.fromarray(picture).save(path, optimize=True)
        print(path)
    return 0


def random_heads(model: MorphableModel, count: int = 16) -> Picture:
    """Heads drawn from the prior, each from the front and from the side."""
    generator = torch.Generator().manual_seed(1)
    identity = torch.randn(count, model.identity_count, generator=generator)
    views = [
        _clay(model, row[None], yaw_deg=yaw, size=(170, 220), pixels_per_metre=640)
        for row in identity
        for yaw in (0.0, 50.0)
    ]
    return sheet(views, columns=8)


def identity_components(model: MorphableModel, count: int = 8) -> Picture:
    """-2 and +2 standard deviations of the leading components, two components per row."""
    views = []
    for component in range(count):
        for amount in (-2.0, 2.0):
            identity = torch.zeros(1, model.identity_count)
            identity[0, component] = amount
            for yaw in (0.0, 60.0):
                view = _clay(model, identity, yaw_deg=yaw, size=(170, 220), pixels_per_metre=640)
                views.append(_labelled(view, f"{component + 1}: {amount:+.0f} sd"))
    return sheet(views, columns=8)


def face_units(model: MorphableModel) -> Picture:
    """Some of the 52 ARKit units at 1 on the mean head."""
    views = []
    for name in UNITS:
        expression = torch.zeros(1, model.expression_count)
        expression[0, model.expression_names.index(name)] = 1.0
        view = _clay(model, torch.zeros(1, model.identity_count), expression)
        views.append(_labelled(view, name))
    return sheet(views, columns=4)


def _clay(
    model: MorphableModel,
    identity: torch.Tensor,
    expression: torch.Tensor | None = None,
    *,
    yaw_deg: float = 0.0,
    size: tuple[int, int] = (240, 300),
    pixels_per_metre: float = 1250.0,
) -> Picture:
    if expression is None:
        expression = torch.zeros(1, model.expression_count)
    dense = model.subdivide(model.vertices(identity, expression))[0]
    return head_picture(
        dense.numpy(),
        model.dense_triangles,
        yaw_deg=yaw_deg,
        size=size,
        pixels_per_metre=pixels_per_metre,
    )


def _labelled(picture: Picture, text: str) -> Picture:
    image = Image.fromarray(picture)
    ImageDraw.Draw(image).text((6, 4), text, fill=(60, 60, 60))
    return np.asarray(image)


if __name__ == "__main__":
    raise SystemExit(main())
