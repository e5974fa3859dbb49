"""An invented face model and benchmark with the field names of the real ones."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.io import savemat

SIDE = 18  # the invented mesh is a SIDE x SIDE sheet, bent like a face
KEYPOINTS = np.linspace(0, SIDE * SIDE - 1, 68).round().astype(int)


@dataclass(frozen=True)
class World:
    """What was written, for tests to compare with.

    Attributes:
        folder: of the invented benchmark.
        bfm: of the invented face model.
        ids: file stems.
        meshes: (N, V, 3) true vertices, pixels, 1-based, y down.
        triangles: (T, 3).
    """

    folder: Path
    bfm: Path
    ids: tuple[str, ...]
    meshes: np.ndarray
    triangles: np.ndarray


def grid_triangles() -> np.ndarray:
    corner = (np.arange(SIDE - 1)[:, None] * SIDE + np.arange(SIDE - 1)).ravel()
    lower = np.stack([corner, corner + 1, corner + SIDE], axis=1)
    upper = np.stack([corner + 1, corner + SIDE + 1, corner + SIDE], axis=1)
    return np.concatenate([lower, upper])


def invented_model(seed: int = 0) -> dict[str, np.ndarray]:
    """Mean, bases, keypoints and triangles in the published layout: micrometres, 1-based."""
    generator = np.random.default_rng(seed)
    across, up = np.meshgrid(np.linspace(-1, 1, SIDE), np.linspace(1, -1, SIDE))
    bent = np.stack([across, up, 1 - 0.5 * across**2 - 0.3 * up**2], axis=-1) * 8e4
    rows = 3 * SIDE * SIDE
    return {
        "mu_shape": bent.reshape(-1, 1),
        "mu_exp": generator.normal(size=(rows, 1)) * 300,
        "w": generator.normal(size=(rows, 199)) * 0.02,
        "w_exp": generator.normal(size=(rows, 29)) * 400,
        "keypoints": KEYPOINTS[None] + 1,
        "tri": grid_triangles().T + 1,
    }


def write_model(folder: Path, model: dict[str, np.ndarray]) -> Path:
    """The model as Model_Shape.mat and Model_Exp.mat."""
    folder.mkdir(parents=True, exist_ok=True)
    shape = {name: model[name] for name in ("mu_shape", "w", "keypoints", "tri")}
    savemat(folder / "Model_Shape.mat", shape)
    savemat(folder / "Model_Exp.mat", {name: model[name] for name in ("mu_exp", "w_exp")})
    return folder


def write_texels(folder: Path) -> None:
    """UV coordinates of the sheet, and a mask of its inner part."""
    u, v = np.meshgrid(np.linspace(0, 1, SIDE), np.linspace(1, 0, SIDE))
    savemat(folder / "BFM_UV.mat", {"UV": np.stack([u.ravel(), v.ravel()], axis=1)})
    mask = np.zeros((256, 256), dtype=np.uint8)
    mask[40:200, 30:220] = 255
    Image.fromarray(mask).save(folder / "uv_face_mask.png")


def world(root: Path, faces: int = 5, seed: int = 1) -> World:
    """Write a benchmark of some faces whose meshes follow from an invented model."""
    generator = np.random.default_rng(seed)
    model = invented_model()
    bfm = write_model(root / "bfm", model)
    write_texels(bfm)
    folder = root / "aflw2000_3d"
    folder.mkdir()
    ids, meshes = [], []
    for number in range(faces):
        pose = [*generator.uniform(-0.5, 0.5, size=3), 225.0, 225.0, -100.0, 1.2e-3]
        shape = generator.normal(size=(199, 1)) * 5e3
        expression = generator.normal(size=(29, 1))
        flat = model["mu_shape"] + model["mu_exp"] + model["w"] @ shape
        mesh = mesh_of((flat + model["w_exp"] @ expression).reshape(-1, 3), pose)
        name = f"image{number:05d}"
        fields = {
            "pt3d_68": mesh[KEYPOINTS].T,
            "Pose_Para": np.array([pose]),
            "Shape_Para": shape,
            "Exp_Para": expression,
        }
        savemat(folder / f"{name}.mat", fields)
        (folder / f"{name}.jpg").touch()
        ids.append(name)
        meshes.append(mesh)
    return World(folder, bfm, tuple(ids), np.stack(meshes), grid_triangles())


def mesh_of(vertices: np.ndarray, pose: list[float]) -> np.ndarray:
    """Vertices as the mats pose them, written out one axis at a time."""
    (pitch, yaw, roll), shift, scale = pose[:3], pose[3:6], pose[6]
    x, y, z = vertices.T
    x, y = np.cos(roll) * x + np.sin(roll) * y, -np.sin(roll) * x + np.cos(roll) * y
    x, z = np.cos(yaw) * x - np.sin(yaw) * z, np.sin(yaw) * x + np.cos(yaw) * z
    y, z = np.cos(pitch) * y + np.sin(pitch) * z, -np.sin(pitch) * y + np.cos(pitch) * z
    return np.stack(
        [scale * x + shift[0], 451 - (scale * y + shift[1]), scale * z + shift[2]], axis=1
    )
