"""Measures how well textured heads reproduce their photos, rendered in the photos' poses.

python -m tools.evaluate_texture                     # space/examples/*.jpg
python -m tools.evaluate_texture me.jpg --texture-size 2048 --output differences

Method: one ray is cast through each pixel of the photo. A pixel counts if its ray first hits the
face region of the head, including eyes and the inside of the mouth (`dasl.pictures.surface`). This
also holds if the fitted head is too wide and the photo shows hair or a wall there, which no texture
should reproduce. The texture's colour, without added light, is compared with the photo's: the mean
absolute difference over pixels and channels, in 1/255. The second figure leaves out surface seen at
more than 70 degrees from its normal, where textures fade.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from dasl import Face, FaceReconstructor
from dasl.commands.options import add_model_option
from dasl.head.surface import head_surface
from dasl.photo.load import load_photo
from dasl.pictures.head import texture_at
from dasl.pictures.surface import INSIDE, face_share, normals_image
from dasl.texture import DEFAULT_SIZE
from eval.meshes.rays import cast_along_z, pixel_grid

ROOT = Path(__file__).parents[1]
WANTED = 6.0
_LEAST_FACING = float(np.cos(np.radians(70.0)))
_DIFFERENCE_GAIN = 8.0


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", nargs="*", type=Path)
    parser.add_argument("--texture-size", type=int, default=DEFAULT_SIZE)
    parser.add_argument("--output", type=Path, help="folder for pictures of the differences, x 8")
    add_model_option(parser)
    options = parser.parse_args()
    photos = options.photos or sorted((ROOT / "space/examples").glob("*.jpg"))
    reconstructor = FaceReconstructor.from_pretrained(options.model)
    means = []
    for path in tqdm(photos, leave=False):
        photo = load_photo(path)
        face = max(reconstructor(photo, strict=True), key=lambda face: face.pose.scale)
        difference, facing = photo_difference(photo, face, options.texture_size)
        counted = ~np.isnan(difference[..., 0])
        means.append(float(difference[counted].mean()))
        within = float(difference[counted & (facing > _LEAST_FACING)].mean())
        tqdm.write(
            f"{path.stem:20s} mean {means[-1]:5.2f}   within 70° {within:5.2f}   95th percentile "
            f"{np.percentile(difference[counted], 95):6.2f}   {counted.sum():7d} pixels"
        )
        if options.output:
            _write_difference(options.output / f"{path.stem}.png", difference)
    good = sum(mean <= WANTED for mean in means)
    print(f"at most {WANTED:.0f}/255 on {good} of {len(means)} photos")
    return 0


def photo_difference(
    photo: NDArray[np.uint8], face: Face, texture_size: int
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Compare textured head and photo, see above.

    Returns:
        Absolute differences (H, W, 3) in 0..255, NaN off the face region; and the cosine of the
        surface's normal to the view direction (H, W).
    """
    height, width = photo.shape[:2]
    surface = head_surface(face.model, "head", subdivisions=1)
    hits = cast_along_z(face.vertices, face.triangles, pixel_grid(width, height))
    row = np.maximum(hits.triangle, 0)
    weights = hits.barycentric[..., None]
    share = (face_share(face)[face.triangles[row]] * hits.barycentric).sum(axis=1)
    uv = (surface.uv[surface.uv_triangles[row]] * weights).sum(axis=1)
    colours = texture_at(face.head.texture(texture_size, "as-photo"), uv[:, 0], uv[:, 1])
    difference = np.abs(colours - photo.reshape(-1, 3))
    difference[~hits.hit | (share < INSIDE)] = np.nan
    facing = (normals_image(face)[face.triangles[row], 2] * hits.barycentric).sum(axis=1)
    return difference.reshape(photo.shape), facing.reshape(height, width)


def _write_difference(path: Path, difference: NDArray[np.floating]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scaled = (np.nan_to_num(difference) * _DIFFERENCE_GAIN).clip(0, 255).astype(np.uint8)
    Image.fromarray(scaled).save(path)


if __name__ == "__main__":
    raise SystemExit(main())
