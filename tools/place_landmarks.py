"""Moves the head model's 68 + 21 landmarks to their mean positions in labels of real faces.

    python -m tools.place_landmarks --root DIR          # rewrites tools/head_model/landmarks.json
    python -m tools.build_head_model --root DIR         # then rebuild the asset

Fits the model to training faces (detected68 and the hand-placed points), averages the residuals of
each landmark in the model's frame, moves the landmark by them along the surface, and repeats. Left
and right stay mirror images. `landmarks.json` was initialised by hand on a picture of the mean
head.
"""

import json

import numpy as np
import torch
import trimesh
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from dasl.datasets.conventions import without_offsets
from dasl.datasets.faces_2d import read_faces_2d
from dasl.datasets.labels import label_observations
from dasl.geometry.frames import IMAGE_AXES
from dasl.head.fitting import Observations, fit
from dasl.head.landmarks import IBUG_POINTS, MIRROR_21, MIRROR_68
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks21_image, landmarks68_image
from tools.build_head_model import mean_adult_head
from tools.data_root import parse, parser_with_root
from tools.head_model.landmarks import (
    LOWER_INNER_LIP,
    POSITIONS_FILE,
    UPPER_INNER_LIP,
    SurfacePoints,
    with_positions,
)

ROUNDS = 6
FACES = 2000
RIDGE = 1e-3
# A landmark cannot leave the surface: an offset along the normal would be projected back, and its
# effect along the surface (such as a nose bridge that is too low) would be lost.
STIFFNESS = 1e3

# Labels separate the inner lips of closed mouths, too, since they were learned from open ones; a
# neutral mouth keeps this share of the gap.
INNER_LIP_GAP = 0.4


def main() -> int:
    """Command line entry; returns the exit status."""
    parser = parser_with_root(__doc__)
    parser.add_argument("--faces", type=int, default=FACES)
    options = parse(parser)
    model = MorphableModel.load()
    observations = label_observations(
        without_offsets(read_faces_2d(options.root, "train", options.faces))
    )
    for _ in tqdm(range(ROUNDS), desc="placing"):
        offsets = mean_offsets(model, observations)
        print(f"largest move {1000 * offsets.norm(dim=1).max():.2f} mm")
        model = move_landmarks(model, offsets)
    adult = mean_adult_head()
    positions = finished(
        _points(model, "landmarks68").of(adult), _points(model, "landmarks21").of(adult)
    )
    rounded = {name: np.round(value, 5).tolist() for name, value in positions.items()}
    POSITIONS_FILE.write_text(json.dumps(rounded, indent=1) + "\n")
    return 0


def finished(
    ibug68: NDArray[np.float64], aflw21: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """The stored positions: exactly mirrored left and right, inner lips nearly closed.

    Triangles are not split symmetrically, so placed points are not quite mirror images.

    Args:
        ibug68: (68, 3); aflw21: (21, 3), any unit.
    """
    even68, even21 = (
        (points + points[list(mirror)] * [-1.0, 1.0, 1.0]) / 2
        for points, mirror in ((ibug68, MIRROR_68), (aflw21, MIRROR_21))
    )
    upper, lower = list(UPPER_INNER_LIP), list(LOWER_INNER_LIP)[::-1]
    too_wide = (1 - INNER_LIP_GAP) / 2 * (even68[upper] - even68[lower])
    even68[upper] -= too_wide
    even68[lower] += too_wide
    return {"ibug68": even68, "aflw21": even21}


def mean_offsets(model: MorphableModel, observations: Observations) -> Tensor:
    """Least-squares offset of each landmark along the surface: (89, 3) metres, symmetric."""
    fitted = fit(model, observations).coefficients
    pose = fitted.pose
    points = torch.cat([landmarks68_image(model, fitted), landmarks21_image(model, fitted)], dim=1)
    residual = observations.points_image - points
    residual[..., 2] -= residual[:, :IBUG_POINTS, 2].mean(dim=1, keepdim=True)
    # Derivative of image positions by model offsets: (B, 3, 3).
    projection = torch.from_numpy(IMAGE_AXES)[:, None] * pose.rotation * pose.scale[:, None, None]
    weight = observations.weight
    normal = torch.einsum("bij,bpi,bik->pjk", projection, weight, projection)
    right = torch.einsum("bij,bpi,bpi->pj", projection, weight, residual)
    size = normal.diagonal(dim1=1, dim2=2).mean(dim=1)[:, None, None]
    outward = landmark_normals(model)
    stiff = RIDGE * torch.eye(3) + STIFFNESS * outward[:, :, None] * outward[:, None]
    offsets = torch.linalg.solve(normal + size * stiff, right)
    mirror = torch.cat([torch.as_tensor(MIRROR_68), IBUG_POINTS + torch.as_tensor(MIRROR_21)])
    return (offsets + offsets[mirror] * torch.tensor([-1.0, 1.0, 1.0])) / 2


def landmark_normals(model: MorphableModel) -> Tensor:
    """Outward unit normals of the mean surface at the landmarks: (89, 3)."""
    mesh = trimesh.Trimesh(model.mean_vertices, model.triangles, process=False)
    normals = torch.as_tensor(mesh.vertex_normals.copy(), dtype=torch.float32)
    vertices = np.concatenate([model.landmarks68_vertices, model.landmarks21_vertices])
    return torch.nn.functional.normalize(normals[vertices].sum(dim=1), dim=1)


def move_landmarks(model: MorphableModel, offsets: Tensor) -> MorphableModel:
    """A model with landmarks moved by (89, 3) metres and projected back to the mean surface."""
    mean = model.mean_vertices.astype(np.float64)
    moved = offsets.numpy()
    positions = {
        "ibug68": _points(model, "landmarks68").of(mean) + moved[:IBUG_POINTS],
        "aflw21": _points(model, "landmarks21").of(mean) + moved[IBUG_POINTS:],
    }
    return with_positions(model, positions, mean)


def _points(model: MorphableModel, name: str) -> SurfacePoints:
    return SurfacePoints(
        vertices=getattr(model, f"{name}_vertices"),
        weights=getattr(model, f"{name}_weights").astype(np.float64),
    )


if __name__ == "__main__":
    raise SystemExit(main())
