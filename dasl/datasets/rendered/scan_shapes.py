"""People's shapes from scans on the vertices of the head model: `scan_shapes/` of the data root.

The file is ICT-FaceKit's mean and identity modes, carried over to our vertices (Li et al. 2020,
"Learning formation of physically-based face attributes"). A person is
`mean + sum_k w_k * mode_k` with w ~ N(0, 1): covered vertices as they are; eyeballs, teeth and what
else no scan covers moves along with its surroundings.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from dasl.errors import ConfigError
from dasl.head.morphable_model import MorphableModel
from eval.program.data_root import VARIABLE
from eval.scoring.alignment import fit_similarity

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

FILE = "scan_shapes/ict_facekit_on_head.npz"
NEIGHBOURS = 6
"""Nearest vertices that a vertex holds on to, so that eyeballs and teeth hang on the skin."""
LABEL_SIGMA_M = 0.003
"""What a coordinate of the fitted head may be off, against identity's prior of one."""
BEST_FIT_SIGMA_M = 0.0005
"""The same with all but no prior: how near the space of identities can come."""
FIT_ROUNDS = 3


@dataclass(frozen=True, eq=False)
class ScanShapes:
    """A space of people on the head model's V vertices, in its frame and of its size.

    Attributes:
        mean: (V, 3) metres.
        modes: (M, V, 3) offsets for one standard deviation of each mode.
        covered: (V,) vertices that scans cover; the others only move along.
        fitted: (V,) the covered vertices of the face, on which heads are fitted and compared.
    """

    mean: Floats
    modes: Floats
    covered: Flags
    fitted: Flags

    def draw(self, random: np.random.Generator) -> Floats:
        """Somebody at rest: (V, 3) metres."""
        weights = random.standard_normal(len(self.modes), dtype=np.float32)
        return self.mean + np.tensordot(weights, self.modes, axes=1)


def load_scan_shapes(root: Path, model: MorphableModel) -> ScanShapes:
    """Reads the file and brings it into the model's frame by a similarity.

    Raises:
        ConfigError: the file is missing, damaged or of another head model.
    """
    return scan_shapes(model, *read_scan_file(root, model.vertex_count))


def read_scan_file(
    root: Path, vertex_count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], Flags]:
    """Reads the file as it is.

    Args:
        root: data root.
        vertex_count: V of the head model.

    Returns:
        (V, 3) mean and (M, V, 3) modes, metres, in the scans' own frame and size; (V,) covered.

    Raises:
        ConfigError: the file is missing, damaged or of another head model.
    """
    path = root / FILE
    try:
        with np.load(path, allow_pickle=False) as file:
            mean = file["mean_m"].astype(np.float64)
            modes, covered = file["modes_m"].astype(np.float64), file["covered"].astype(bool)
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(
            f"cannot read {path}: {error}; name the folder that holds {FILE} with --root or "
            f"{VARIABLE}"
        ) from error
    if mean.shape != (vertex_count, 3) or modes.shape[1:] != mean.shape:
        raise ConfigError(
            f"{path} has {len(mean)} vertices, the head model {vertex_count}; wanted the "
            "file made for this head model"
        )
    return mean, modes, covered


def scan_shapes(
    model: MorphableModel, mean: NDArray[np.float64], modes: NDArray[np.float64], covered: Flags
) -> ScanShapes:
    """The space of people whose covered vertices are given, in any frame and size.

    Args:
        model: float32.
        mean: (V, 3).
        modes: (M, V, 3).
        covered: (V,) where they have a meaning.
    """
    rest = model.mean_vertices.astype(np.float64)
    fitted = covered & model.region("face")
    place = fit_similarity(mean[fitted], rest[fitted], fit_scale=True)
    offsets = np.concatenate(
        [(place.apply(mean) - rest)[None], place.scale * modes @ place.rotation.T]
    )
    offsets = carried(rest, model.triangles, offsets.transpose(1, 0, 2), covered)
    for ball in _eyeballs(model):
        offsets[ball] = offsets[ball].mean(axis=0)
    moved = offsets.transpose(1, 0, 2).astype(np.float32)
    return ScanShapes(rest.astype(np.float32) + moved[0], moved[1:], covered, fitted)


def carried(
    vertices: NDArray[np.float64],
    triangles: NDArray[np.int64],
    offsets: NDArray[np.float64],
    known: Flags,
) -> NDArray[np.float64]:
    """Spreads the offsets of known vertices smoothly to all.

    The others' are the mean of their neighbours' (harmonic), nearer ones counting more. Neighbours
    are those in a triangle and the nearest ones, so that parts without a common edge hold together.

    Args:
        vertices: (V, 3) of the mesh.
        triangles: (T, 3).
        offsets: (V, ...); read where `known` only.
        known: (V,).

    Returns:
        The same shape; known vertices' as given.
    """
    count = len(vertices)
    _, near = cKDTree(vertices).query(vertices, NEIGHBOURS + 1)
    edges = np.concatenate(
        [triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]
        + [np.stack([near[:, 0], near[:, column]], axis=1) for column in range(1, near.shape[1])]
    )
    edges = np.unique(np.sort(edges, axis=1), axis=0)
    edges = edges[edges[:, 0] != edges[:, 1]]
    length = np.linalg.norm(vertices[edges[:, 0]] - vertices[edges[:, 1]], axis=1)
    weight = 1.0 / np.maximum(length, 0.01 * np.median(length))
    upper = scipy.sparse.csr_matrix((weight, edges.T), shape=(count, count))
    around = upper + upper.T
    laplacian = scipy.sparse.diags(np.asarray(around.sum(axis=1)).ravel()) - around
    rows = laplacian.tocsr()[~known]
    flat = np.where(known[:, None], offsets.reshape(count, -1), 0.0)
    solve = scipy.sparse.linalg.factorized(rows[:, ~known].tocsc())
    right = -(rows[:, known] @ flat[known])
    flat[~known] = np.stack([solve(column) for column in right.T], axis=1)
    return flat.reshape(offsets.shape)


class IdentityFit:
    """Places people in the head model's frame and finds the model's nearest identity."""

    def __init__(self, model: MorphableModel, fitted: Flags, sigma_m: float) -> None:
        """Takes the vertices (V,) that count, and how far the prior is outweighed."""
        self._fitted = fitted
        self._mean = model.mean_vertices[fitted].astype(np.float64)
        basis = model.identity_basis[:, fitted].astype(np.float64)
        self._basis = basis.reshape(len(basis), -1)
        prior = sigma_m**2 * np.eye(len(basis))
        self._solve = np.linalg.solve(self._basis @ self._basis.T + prior, self._basis)

    def place(self, rest: Floats) -> tuple[Floats, Floats]:
        """A person (V, 3) moved by a similarity, and the identity (K,) that then fits best.

        Identity minimises the squared distances over sigma squared plus |identity|^2, which also
        settles its size; the similarity is found in turns with it, from the model's mean on.
        """
        placed, target = rest.astype(np.float64), self._mean
        identity = np.zeros(len(self._basis))
        for _ in range(FIT_ROUNDS):
            step = fit_similarity(placed[self._fitted], target, fit_scale=True)
            placed = step.apply(placed)
            identity = self._solve @ (placed[self._fitted] - self._mean).ravel()
            target = self._mean + (identity @ self._basis).reshape(-1, 3)
        return placed.astype(np.float32), identity.astype(np.float32)


def _eyeballs(model: MorphableModel) -> list[Flags]:
    """(V,) of each eyeball; they keep their shape."""
    balls, x = model.region("eyeballs"), model.mean_vertices[:, 0]
    return [balls & (x < 0), balls & (x >= 0)]
