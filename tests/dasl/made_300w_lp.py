"""300W-LP and BFM 2009 as invented files: the official folders, file names and field names."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.io import savemat

from dasl.datasets.w300lp import SUBSETS
from tests.eval.dense_world import KEYPOINTS, invented_model, mesh_of, write_model


@dataclass(frozen=True)
class MadeFace:
    """One photo that was written.

    Attributes:
        name: subset and file stem.
        points: (68, 3) its true points, 0-based photo pixels.
        pose, shape, expression: the fields of its mat.
    """

    name: str
    points: np.ndarray
    pose: np.ndarray
    shape: np.ndarray
    expression: np.ndarray


def write_300w_lp(root: Path, faces_each: int = 2, seed: int = 3) -> list[MadeFace]:
    """`root`/300W_LP with so many faces in each of its eight folders, and `root`/bfm."""
    model = invented_model()
    write_model(root / "bfm", model)
    random = np.random.default_rng(seed)
    made = []
    for folder in (name + flip for name in SUBSETS for flip in ("", "_Flip")):
        (root / "300W_LP" / folder).mkdir(parents=True)
        for number in range(faces_each):
            name = f"{folder}/{folder.split('_')[0]}_{number:04d}_{number}"
            made.append(_write_face(root / "300W_LP", name, model, random))
    return made


def _write_face(
    folder: Path, name: str, model: dict[str, np.ndarray], random: np.random.Generator
) -> MadeFace:
    # No more columns than the 62 numbers keep, so that these rebuild the points exactly.
    shape, expression = np.zeros((199, 1)), np.zeros((29, 1))
    shape[:40] = random.normal(size=(40, 1)) * 5e3
    expression[:10] = random.normal(size=(10, 1))
    turns, shift = random.uniform(-0.5, 0.5, size=3), random.normal(size=3) * 5
    pose = np.array([*turns, *np.add([225.0, 230.0, -100.0], shift), 1.2e-3])
    flat = model["mu_shape"] + model["mu_exp"] + model["w"] @ shape + model["w_exp"] @ expression
    points = mesh_of(flat.reshape(-1, 3), list(pose))[KEYPOINTS] - [1.0, 1.0, 0.0]
    fields = {
        "pt2d": points[:, :2].T + 1,
        "roi": np.array([[50, 50, 400, 400]]),
        "Pose_Para": pose[None],
        "Shape_Para": shape,
        "Exp_Para": expression,
        "Illum_Para": np.zeros((1, 10)),
        "Color_Para": np.ones((1, 7)),
        "Tex_Para": np.zeros((199, 1)),
    }
    savemat(folder / f"{name}.mat", fields)
    pixels = random.integers(0, 256, size=(45, 45, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((450, 450)).save(folder / f"{name}.jpg")
    return MadeFace(name, points, pose, shape[:, 0], expression[:, 0])
