"""Measures the effect of different light in a photo on the skin of its textured head.

python -m tools.looks_light                          # space/examples/*.jpg
python -m tools.looks_light --root DATA              # and the first portraits: ten in all

Each photo is copied darker, overexposed and under coloured light. The head is predicted from the
photo itself; the copy is only used for the texture. The figure is the mean absolute difference of
the skin between the copy's and the photo's own texture, over cheeks, nose and chin, in 1/255.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dasl import Face, FaceReconstructor
from dasl.arrays import RgbImage
from dasl.commands.options import add_model_option
from dasl.export.textured_head import photo_patch
from dasl.photo.load import load_photo
from dasl.texture.layout import texture_layout
from dasl.texture.light import LIGHTS, Light
from dasl.texture.skin_areas import plain_skin
from eval.program.data_root import data_root
from tools.evaluate_looks import photos_for_looking

PHOTOS, WANTED, TEXTURE_SIZE = 10, 25.0, 256
COPIES = {
    "dark": (0.35, 0.35, 0.35),
    "overexposed": (1.6, 1.6, 1.6),
    "warm": (1.0, 0.8, 0.6),
    "cool": (0.75, 0.88, 1.0),
}
"""Gains of red, green and blue, in the photo's own values."""


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", nargs="*", type=Path)
    parser.add_argument("--root", type=Path, help="data folder with portraits/")
    parser.add_argument("--light", choices=LIGHTS, default=LIGHTS[0])
    add_model_option(parser)
    options = parser.parse_args()
    photos = options.photos or photos_for_looking(data_root(options.root))[:PHOTOS]
    reconstructor = FaceReconstructor.from_pretrained(options.model)
    print(f"{'photo':20s}" + "".join(f"{name:>13s}" for name in COPIES))
    rows = []
    for path in photos:
        photo = load_photo(path)
        face = max(reconstructor(photo, strict=True), key=lambda face: face.pose.scale)
        rows.append(copy_differences(photo, face, options.light))
        print(f"{path.stem:20s}" + "".join(f"{figure:13.1f}" for figure in rows[-1]), flush=True)
    for column, name in zip(np.transpose(rows), COPIES, strict=True):
        print(f"{name}: {(column <= WANTED).sum()} of {len(rows)} at most {WANTED:.0f}")
    return 0


def copy_differences(photo: RgbImage, face: Face, light: Light) -> list[float]:
    """Difference of the skin of each copy of `COPIES` from the photo's own, in 1/255."""
    own = skin_texels(face, light)
    copies = (relit(photo, gains) for gains in COPIES.values())
    return [
        float(np.abs(skin_texels(_on_photo(face, copy), light) - own).mean()) for copy in copies
    ]


def relit(photo: RgbImage, gains: tuple[float, float, float]) -> RgbImage:
    """(H, W, 3) uint8 times gains of red, green and blue, clipped at 255."""
    return (photo * np.array(gains) + 0.5).clip(0.0, 255.0).astype(np.uint8)


def skin_texels(face: Face, light: Light) -> NDArray[np.float64]:
    """Colours of the texels of cheeks, nose and chin: (N, 3)."""
    layout = texture_layout(face.model, TEXTURE_SIZE)
    corners = face.model.triangles[layout.triangle]
    texels = layout.texel[plain_skin(face.model)[corners].all(axis=1)]
    texture = face.head.texture(TEXTURE_SIZE, light)
    return texture.reshape(-1, 3)[texels].astype(np.float64)


def _on_photo(face: Face, photo: RgbImage) -> Face:
    return replace(face, patch=photo_patch(photo, face.vertices))


if __name__ == "__main__":
    raise SystemExit(main())
