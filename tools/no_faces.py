"""Pictures without a human face, for `tools.calibrate_confidence`: square cuts of free pictures.

They come with packages that the tools need anyway (scikit-image, gradio), and from the corners of
portraits. Two sets share no picture: one to learn from, one to measure on.
"""

from pathlib import Path

import gradio
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage import data

from dasl.arrays import RgbImage
from dasl.geometry.crop import CROP_SIZE
from dasl.photo.load import load_photo

Crops = NDArray[np.uint8]

THINGS = ("coffee", "rocket", "hubble_deep_field", "retina", "grass", "gravel", "brick", "page")
MEASURED_THINGS = ("immunohistochemistry", "coins", "moon")
BEASTS = ("lion", "cheetah")
MEASURED_PHOTOS = ("tower",)
OF_A_THING, OF_A_BEAST, OF_THE_CAT = 10, 24, 40
CORNER_PX = (90, 150)
"""Corners of the portraits, whose faces are in the middle."""
SMALLEST_SHARE = 0.25


def to_learn_from(root: Path, random: np.random.Generator) -> Crops:
    """(N, 120, 120, 3) of things, a lion, a cheetah and the corners of portraits 001-030."""
    things = [cut for name in THINGS for cut in cuts(_of_skimage(name), OF_A_THING, random)]
    beasts = [cut for name in BEASTS for cut in cuts(_of_gradio(name), OF_A_BEAST, random)]
    return np.stack(things + beasts + corners(root, range(1, 31), random))


def to_measure_on(root: Path, random: np.random.Generator) -> Crops:
    """(N, 120, 120, 3) of a cat first, of other things and the corners of portraits 031-050."""
    cat = cuts(data.chelsea(), OF_THE_CAT, random)
    things = [_of_skimage(name) for name in MEASURED_THINGS] + [*map(_of_gradio, MEASURED_PHOTOS)]
    others = [cut for thing in things for cut in cuts(thing, OF_A_THING, random)]
    return np.stack(cat + others + corners(root, range(31, 51), random))


def cuts(picture: RgbImage, count: int, random: np.random.Generator) -> list[RgbImage]:
    """Random squares of a picture, each brought to 120 pixels."""
    height, width = picture.shape[:2]
    made = []
    for _ in range(count):
        side = int(random.uniform(SMALLEST_SHARE, 1.0) * min(height, width))
        top, left = (random.integers(length - side + 1) for length in (height, width))
        made.append(_crop(picture[top : top + side, left : left + side]))
    return made


def corners(root: Path, numbers: range, random: np.random.Generator) -> list[RgbImage]:
    """The four corners of portraits, each brought to 120 pixels."""
    found = []
    for number in numbers:
        photo = load_photo(root / "portraits" / f"{number:03d}.jpg")
        side = int(random.integers(*CORNER_PX))
        near, far = slice(0, side), slice(-side, None)
        found += [_crop(photo[rows, columns]) for rows in (near, far) for columns in (near, far)]
    return found


def _crop(square: RgbImage) -> RgbImage:
    shown = Image.fromarray(square).resize((CROP_SIZE, CROP_SIZE), Image.Resampling.LANCZOS)
    return np.asarray(shown)


def _of_skimage(name: str) -> RgbImage:
    return np.asarray(Image.fromarray(getattr(data, name)()).convert("RGB"))


def _of_gradio(name: str) -> RgbImage:
    return load_photo(Path(gradio.__file__).parent / "media_assets" / "images" / f"{name}.jpg")
