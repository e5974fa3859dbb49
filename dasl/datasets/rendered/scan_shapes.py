"""People's shapes from scans on the vertices of the head model: `scan_shapes/` of the data root.

The file holds ICT-FaceKit's mean and identity modes, transferred to our vertices (Li et al. 2020,
"Learning formation of physically-based face attributes"). A person is
`mean + sum_k w_k * mode_k` with w ~ N(0, 1). This holds for vertices that scans cover; eyeballs,
teeth and other uncovered parts follow their surroundings.
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
"""Number of nearest vertices that a vertex is linked to; it connects eyeballs and teeth."""
LABEL_SIGMA_M = 0.003
"""Standard deviation of a fitted coordinate, metres; the identity prior has 1."""
BEST_FIT_SIGMA_M = 0.0005
"""The same with almost no prior, for the best fit that identities can reach."""
FIT_ROUNDS = 3


@dataclass(frozen=True, eq=False)
class ScanShapes:
    """A space of people on the head model's V vertices, in its frame and of its size.

    Attributes:
        mean: (V, 3) metres.
        modes: (M, V, 3) offsets for one standard deviation of each mode.
        covered: (V,) vertices that scans cover; the others follow them.
        fitted: (V,) the covered vertices of the face, used to fit and compare heads.
    """

    mean: Floats
    modes: Floats
    covered: Flags
    fitted: Flags

    def draw(self, random: np.random.Generator) -> Floats:
        """A random neutral person: (V, 3) metres."""
        weights = random.standard_normal(len(self.modes), dtype=np.float32)
        return self.mean + np.tensordot(weights, self.modes, axes=1)


def load_scan_shapes(root: Path, model: MorphableModel) -> ScanShapes:
    """Read the file and move it to the model's frame by a similarity.

    Raises:
        ConfigError: the file is missing, damaged or of another head model.
    """
    return scan_shapes(model, *read_scan_file(root, model.vertex_count))


def read_scan_file(
    root: Path, vertex_count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], Flags]:
    """Read the file in its own frame.

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
    """The space of people from covered vertices in any frame and size.

    Args:
        model: float32.
        mean: (V, 3).
        modes: (M, V, 3).
        covered: (V,) vertices with valid values.
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
    """Spread the offsets of known vertices smoothly to all.

    The others' offsets are the weighted mean of their neighbours' (harmonic), with more weight for
    nearer ones. Neighbours share a triangle or are nearest vertices, which connects separate parts.

    Args:
        vertices: (V, 3) of the mesh.
        triangles: (T, 3).
        offsets: (V, ...); only the known ones are read.
        known: (V,).

    Returns:
        The same shape; offsets of known vertices are unchanged.
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
    """Aligns people with the head model and finds the model's nearest identity."""

    def __init__(self, model: MorphableModel, fitted: Flags, sigma_m: float) -> None:
        """Prepare the fit.

        Args:
            model: the head model.
            fitted: (V,) bool, the vertices to fit.
            sigma_m: standard deviation of a coordinate in metres, relative to the prior's 1.
        """
        self._fitted = fitted
        self._mean = model.mean_vertices[fitted].astype(np.float64)
        basis = model.identity_basis[:, fitted].astype(np.float64)
        self._basis = basis.reshape(len(basis), -1)
        prior = sigma_m**2 * np.eye(len(basis))
        self._solve = np.linalg.solve(self._basis @ self._basis.T + prior, self._basis)

    def place(self, rest: Floats) -> tuple[Floats, Floats]:
        """A person (V, 3) aligned by a similarity, and the best-fitting identity (K,).

        Identity minimises the squared distances divided by sigma squared plus |identity|^2.
        Similarity and identity are estimated alternately, starting from the model's mean.
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
    """(V,) masks of both eyeballs, which keep their shape."""
    balls, x = model.region("eyeballs"), model.mean_vertices[:, 0]
    return [balls & (x < 0), balls & (x >= 0)]
