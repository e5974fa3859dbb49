"""Label hair, hats, skin and clothes on pictures, for `tools.hair_parser.train`.

    python -m tools.hair_parser.label --root DATA --output runs/hair.safetensors
    python -m tools.hair_parser.label --root DATA --faces 500 --output runs/few.safetensors

The labels are those of a face parser from PyPI (`tools.hair_parser.teacher`). Pictures are training
faces of AFLW, in which hair is cut off at the crop's border, and the portraits 001-050 around the
head, reduced to `MM_PER_PIXEL`. The portraits 031-050 are only measured on. A minute for a thousand
faces on two cores; 0.1 GB each thousand.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tqdm import tqdm

from dasl import FaceReconstructor
from dasl.arrays import RgbImage
from dasl.datasets.faces_2d import read_faces_2d
from dasl.export.hair.camera import Camera
from dasl.export.hair.hair import small_copy
from dasl.export.hair.parsed import on_head
from dasl.export.hair.placed import MIDDLE_M, placed_head
from dasl.geometry.coefficients import Coefficients
from dasl.geometry.crop import CROP_SIZE
from dasl.head.morphable_model import MorphableModel
from tools.data_root import parse, parser_with_root
from tools.hair_parser.bisenet import BiSeNet
from tools.hair_parser.teacher import fetched, parts_of

FACES, PORTRAITS = 12_000, range(1, 51)
_FACE_SIDE, _PORTRAIT_SIDE, _AT_ONCE = 384, 512, 16
_LEAST_CONFIDENCE = 0.4
_WHOLE_CROP = [[0.0, 0.0, CROP_SIZE, CROP_SIZE]]

Arrays = dict[str, NDArray[np.generic]]


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("--faces", type=int, default=FACES, help="number of training faces")
    parser.add_argument("--output", type=Path, default=Path("runs/hair.safetensors"))
    options = parse(parser, arguments)
    reconstructor, teacher = FaceReconstructor.from_pretrained(device="cpu"), fetched()
    images = read_faces_2d(options.root, "train", options.faces).images
    faces = [each.transpose(1, 2, 0) for each in images.numpy()]
    arrays = labelled_faces(reconstructor, teacher, faces)
    for number in tqdm(PORTRAITS, desc="portraits", disable=None):
        name = f"{number:03d}"
        arrays |= labelled_portrait(
            reconstructor, teacher, options.root / f"portraits/{name}.jpg", name
        )
    write_arrays(options.output, arrays)
    print(f"{options.output}: {len(arrays['faces.label'])} faces and the portraits")
    return 0


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Write a safetensors file; it takes the bytes of arrays as they lie, whatever their order."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path)


def labelled_faces(
    reconstructor: FaceReconstructor, teacher: BiSeNet, crops: list[RgbImage]
) -> Arrays:
    """Label crops (120, 120, 3); those whose face is not believed are left out."""
    kept, heads, places = [], [], []
    for crop in tqdm(crops, desc="heads", disable=None):
        found = reconstructor.regress(crop, crops=_WHOLE_CROP)
        if found is None or found.confidence[0] < _LEAST_CONFIDENCE:
            continue
        pose = found.coefficients.pose
        scale = float(pose.scale[0])
        camera = Camera(pose.rotation[0], np.array([scale, scale]), pose.translation[0])
        head, place = _placed(reconstructor.model, found.coefficients, camera, crop.shape[:2])
        kept.append(np.ascontiguousarray(crop))
        heads.append(head)
        places.append(place)
    labels: list[NDArray[np.uint8]] = []
    for start in tqdm(range(0, len(kept), _AT_ONCE), desc="labels", disable=None):
        labels += parts_of(teacher, kept[start : start + _AT_ONCE], _FACE_SIDE)
    stacked = {"picture": kept, "on_head": heads, "label": labels, "place": places}
    return {f"faces.{name}": np.stack(layers) for name, layers in stacked.items()}


def labelled_portrait(
    reconstructor: FaceReconstructor, teacher: BiSeNet, path: Path, name: str
) -> Arrays:
    """Label the part of a photo around its largest face."""
    face = max(reconstructor(path, strict=True), key=lambda face: face.pose.scale)
    around, coefficients = face.around, face.coefficients
    pixels = around.pixels
    height, width = pixels.shape[:2]
    side = max(height, width)
    square = np.full((side, side, 3), 127, np.uint8)
    square[:height, :width] = pixels
    label = parts_of(teacher, [square], _PORTRAIT_SIDE)[0][:height, :width]
    picture, camera = small_copy(around, around.camera(coefficients.pose))
    size = picture.shape[1::-1]
    head, place = _placed(reconstructor.model, coefficients, camera, picture.shape[:2])
    arrays: Arrays = {
        "picture": picture,
        "on_head": head,
        "label": np.asarray(cv2.resize(label, size, interpolation=cv2.INTER_NEAREST)),
        "place": place,
        "share": np.asarray(cv2.resize(around.person, size, interpolation=cv2.INTER_AREA)),
    }
    return {f"{name}.{key}": array for key, array in arrays.items()}


def _placed(
    model: MorphableModel, of: Coefficients, camera: Camera, shape: tuple[int, ...]
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The head's shares at each pixel, times 255, and its place, as in `LabelledPicture`."""
    placed = placed_head(model, model.vertices(of.identity, of.expression)[0], camera, shape)
    centre, _ = camera.project(MIDDLE_M)
    place = np.array([*centre, camera.scale.mean(), *placed.up], dtype=np.float32)
    return (255 * on_head(placed)).round().astype(np.uint8), place


if __name__ == "__main__":
    sys.exit(main())
