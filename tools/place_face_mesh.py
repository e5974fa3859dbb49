"""Places MediaPipe's 478 face mesh points on the surface of our head, and checks them.

    python -m tools.place_face_mesh PYTHON_WITH_MEDIAPIPE PHOTO... [--write] [--keep FOLDER]

Each photo's head is drawn from several sides with its own texture. MediaPipe marks its points on
the pictures; rays through them meet the head's surface. The places are averaged over people and
sides on the mean head, made symmetric, and put on its surface. The check leaves each person out in
turn, and compares the landmarks of each whole photo. `--write` stores the places, and those of the
106 points made of them, in `dasl/assets/landmark_sets.safetensors`.

Needs a Python 3.11 with mediapipe 0.10.14, whose wheel holds the networks (`pip install
mediapipe==0.10.14 "numpy<2"`).
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import save_file

from dasl.export.options import HeadOptions
from dasl.geometry.coefficients import Pose
from dasl.geometry.frames import image_from_model
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.head.landmark_sets import SETS_FILE, LandmarkSet
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import vertices_image
from dasl.photo.load import load_photo
from dasl.pictures.head import TexturedMesh, TurntableHead, paint_head
from dasl.reconstruction.reconstructor import FaceReconstructor
from tools.face_mesh_places import Drawn, error, placed, points106, seen_on_mean

SIDE = 480
PIXELS_PER_METRE = 1500.0
MOST_YAW_DEG = 45.0
"""MediaPipe is not made for profiles."""
YAWS_DEG = (-30.0, -15.0, 0.0, 15.0, 30.0)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("python", help="with mediapipe")
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--keep", type=Path, help="folder for the pictures")
    args = parser.parse_args()
    model = MorphableModel.load()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        photos, views = [], []
        for photo in args.photos:
            whole, sides = draw_person(photo, folder)
            photos.append(whole)
            views += sides
        found = found_points(args.python, [view.picture for view in photos + views], folder)
    views = [view for view in views if view.picture in found]
    seen = {v.picture: seen_on_mean(model, v, found[v.picture]) for v in views}
    errors: dict[str, list[np.ndarray]] = {}
    for photo in photos:
        rest = placed(model, [seen[v.picture] for v in views if v.person != photo.person])
        for view in [photo, *views]:
            if view.person == photo.person and view.picture in found:
                away = error(rest.of(view.vertices_image), found[view.picture])
                errors.setdefault(kind_of(view, view is photo), []).append(away)
    print("distances in % of that between the outer eye corners, the person left out:")
    for kind, values in sorted(errors.items()):
        of_all = 100 * np.concatenate(values)
        print(
            f"  {kind}: {len(values)} pictures, mean {of_all.mean():.2f}, "
            f"median {np.median(of_all):.2f}, 95 % below {np.percentile(of_all, 95):.2f}"
        )
    every = placed(model, list(seen.values()))
    if args.write:
        write_sets(model, {"478": every, "106": points106(model, every)})


def kind_of(view: Drawn, is_photo: bool) -> str:
    """The line of the table that a picture belongs to."""
    if is_photo:
        side = "up to" if abs(view.yaw_deg) <= MOST_YAW_DEG else "beyond"
        return f"photos, yaw {side} {MOST_YAW_DEG:.0f} degrees"
    return f"renderings, yaw {abs(view.yaw_deg):.0f} degrees"


def draw_person(photo: Path, folder: Path) -> tuple[Drawn, list[Drawn]]:
    """The head as on the photo, and at rest from every side."""
    pixels = load_photo(photo)
    face = max(FaceReconstructor.from_pretrained()(pixels), key=lambda face: face.pose.scale)
    path = folder / f"{photo.stem}.png"
    Image.fromarray(pixels).save(path)
    whole = Drawn(
        photo.stem, face.pose.yaw_deg, vertices_image(face.model, face.coefficients)[0], path
    )
    mesh, vertices = (
        face.head.shaped_mesh(HeadOptions(neutral=True)),
        face.head.vertices_model(True),
    )
    parts = (TexturedMesh(mesh, face.head.texture()),)
    shown = TurntableHead(parts, np.zeros(3, np.float32), radius_m=0.1, half_height_m=0.15)
    views = []
    for yaw_deg in YAWS_DEG:
        pose = Pose(
            rotation=rotation_from_euler_deg(np.array([[yaw_deg, 0.0, 0.0]], dtype=np.float32)),
            scale=np.array([PIXELS_PER_METRE], dtype=np.float32),
            translation=np.array([[SIDE / 2, SIDE / 2]], dtype=np.float32),
        )
        picture = paint_head(shown, pose, (SIDE, SIDE))
        path = folder / f"{photo.stem}_{yaw_deg:+.0f}.png"
        Image.fromarray(picture).save(path)
        views.append(Drawn(photo.stem, yaw_deg, image_from_model(vertices[None], pose)[0], path))
    return whole, views


def found_points(python: str, pictures: list[Path], folder: Path) -> dict[Path, np.ndarray]:
    """MediaPipe's points, (478, 3), of each picture with a face."""
    answer = folder / "points.json"
    script = Path(__file__).with_name("face_mesh_points.py")
    subprocess.run([python, script, answer, *pictures], check=True)
    found = json.loads(answer.read_text())
    for name in (name for name, points in found.items() if not points):
        print(f"no face found by MediaPipe: {name}")
    return {Path(name): np.array(points) for name, points in found.items() if points}


def write_sets(model: MorphableModel, sets: dict[str, LandmarkSet]) -> None:
    """Write the asset."""
    tensors = {f"vertices{name}": points.vertices.astype(np.int16) for name, points in sets.items()}
    tensors |= {f"weights{name}": points.weights for name, points in sets.items()}
    save_file(tensors, SETS_FILE, metadata={"head_id": model.head_id})
    print(f"{SETS_FILE.name}: {SETS_FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
