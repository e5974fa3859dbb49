"""The Basel Face Model 2009, read from the user's files, as a `MorphableModel`.

3DDFA and 2DASL describe a face by 62 values: 12 of pose (a 3 x 4 matrix of scaled rotation and
translation), 40 of shape, 10 of expression, whitened by statistics of the training data. Here shape
becomes identity in standard deviations around the data's mean. Expression becomes weights in
[0, 1]: 0.5 is the data's mean, 0 and 1 are `EXPRESSION_REACH` standard deviations below and above.
This package contains no part of the model: `eval.bfm.files` reads the user's files.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from torch import Tensor

from dasl.errors import ConfigError, check_shape
from dasl.head.landmarks import AFLW_IN_IBUG, AFLW_POINTS, IBUG_POINTS
from dasl.head.morphable_model import MorphableModel
from eval.bfm.files import load_bfm
from eval.bfm.model import Bfm
from eval.errors import EvalError

POSE_NUMBERS, SHAPE_NUMBERS, EXPRESSION_NUMBERS = 12, 40, 10
METRES = 1e-6  # BFM counts micrometres
EXPRESSION_REACH = 5.0
HEAD_ID = "bfm-300w-lp"
"""A name in place of a hash, which rounding would change from machine to machine."""
# This head has no surface points for AFLW's 21; each is the midpoint of two of the 68. Centres of
# eyes and mouth lie between two corners. Nose wings and ears, which have no counterpart among the
# 68, take the nearest landmark.
_BETWEEN = {7: (36, 39), 10: (42, 45), 18: (62, 66)}
_NEAREST = {12: (2,), 13: (31,), 15: (35,), 16: (14,)}
_IN_IBUG = AFLW_IN_IBUG | _BETWEEN | _NEAREST
CORNERS_21 = tuple((_IN_IBUG[row][0], _IN_IBUG[row][-1]) for row in range(AFLW_POINTS))


@dataclass(frozen=True, eq=False)
class Statistics62:
    """Mean and standard deviation of the 62 values over a data set.

    Attributes:
        mean: (62,) float64, in the values' own units: pixels, the bases' units.
        std: (62,) float64, positive.
    """

    mean: NDArray[np.float64]
    std: NDArray[np.float64]

    @classmethod
    def of(cls, numbers: NDArray[np.floating]) -> "Statistics62":
        """Statistics of N faces, (N, 62); a constant value gets a deviation of 1.

        Raises:
            ConfigError: fewer than two faces.
        """
        count = POSE_NUMBERS + SHAPE_NUMBERS + EXPRESSION_NUMBERS
        check_shape("numbers", numbers, "N", count, hint="pose, shape and expression of each face")
        if len(numbers) < 2:
            raise ConfigError(f"statistics need at least two faces, got {len(numbers)}")
        std = numbers.std(axis=0)
        return cls(numbers.mean(axis=0), np.where(std > 0, std, 1.0))

    @property
    def shape(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation of the 40 shape values."""
        part = slice(POSE_NUMBERS, POSE_NUMBERS + SHAPE_NUMBERS)
        return self.mean[part], self.std[part]

    @property
    def expression(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation of the 10 expression values."""
        part = slice(POSE_NUMBERS + SHAPE_NUMBERS, None)
        return self.mean[part], self.std[part]


def read_bfm(folder: Path) -> Bfm:
    """The user's files, checked for the parts that training needs.

    Raises:
        ConfigError: the files are missing or damaged, of another size, or without keypoints.
    """
    try:
        bfm = load_bfm(folder)
    except (EvalError, ValueError) as error:
        raise ConfigError(f"cannot read the Basel Face Model: {error}") from error
    if bfm.keypoints is None or len(bfm.keypoints) != IBUG_POINTS:
        named = "none" if bfm.keypoints is None else str(len(bfm.keypoints))
        raise ConfigError(
            f"{bfm.source} in {folder} must name {IBUG_POINTS} keypoints, got {named}"
        )
    columns = (bfm.shape_basis.shape[1], bfm.expression_basis.shape[1])
    if columns[0] < SHAPE_NUMBERS or columns[1] < EXPRESSION_NUMBERS:
        raise ConfigError(
            f"{bfm.source} in {folder} has {columns[0]} columns of shape and {columns[1]} of "
            f"expression, wanted at least {SHAPE_NUMBERS} and {EXPRESSION_NUMBERS}; take the full "
            "model"
        )
    return bfm


def identity_of(shape_para: NDArray[np.floating], statistics: Statistics62) -> Tensor:
    """Shape values (N, 40 or more) to identity (N, 40), standard deviations."""
    mean, std = statistics.shape
    return torch.from_numpy((shape_para[:, :SHAPE_NUMBERS] - mean) / std).float()


def expression_of(exp_para: NDArray[np.floating], statistics: Statistics62) -> Tensor:
    """Expression values (N, 10 or more) to weights (N, 10), clipped to [0, 1]."""
    mean, std = statistics.expression
    deviations = (exp_para[:, :EXPRESSION_NUMBERS] - mean) / std
    weights = torch.from_numpy(0.5 + deviations / (2 * EXPRESSION_REACH)).float()
    return weights.clamp(0.0, 1.0)


def head_from_bfm(bfm: Bfm, statistics: Statistics62) -> MorphableModel:
    """The face model as a `MorphableModel`: metres, 40 identity and 10 expression components.

    It has no subdivision, texture coordinates or ARKit names. Mirroring is assumed to keep the size
    of its components, with the sign that fits best.
    """
    vertex_count = len(bfm.mean)
    (shape_mean, shape_std), (exp_mean, exp_std) = statistics.shape, statistics.expression
    mean = bfm.vertices(shape_mean, exp_mean - EXPRESSION_REACH * exp_std) * METRES
    identity = _components(bfm.shape_basis, shape_std)
    expression = _components(bfm.expression_basis, 2 * EXPRESSION_REACH * exp_std)
    mirror = _mirror_vertices(mean)
    triangles = _outward(mean, bfm.triangles)
    tensors = {
        "mean_vertices": mean.astype(np.float32),
        "identity_basis": identity,
        "expression_basis": expression,
        "identity_mirror_sign": _mirror_signs(identity, mirror),
        "triangles": triangles,
        "dense_triangles": triangles,
        "uv": np.zeros((vertex_count, 2), dtype=np.float32),
        "uv_vertex": np.arange(vertex_count),
        "uv_triangles": triangles,
        "mirror_vertex": mirror,
        **_landmarks(bfm),
    }
    return MorphableModel(
        tensors,
        subdivision=scipy.sparse.eye_array(vertex_count, dtype=np.float32),  # no subdivision
        regions={"face": np.ones(vertex_count, dtype=bool)},
        expression_names=tuple(f"bfm{number:02d}" for number in range(EXPRESSION_NUMBERS)),
        head_id=HEAD_ID,
    )


def _components(basis: NDArray[np.float32], unit: NDArray[np.float64]) -> NDArray[np.float32]:
    """The first columns of a (3 V, C) basis as (K, V, 3) metres per unit of a coefficient."""
    columns = basis[:, : len(unit)].T.astype(np.float64) * (unit[:, None] * METRES)
    return columns.reshape(len(unit), -1, 3).astype(np.float32)


def _landmarks(bfm: Bfm) -> dict[str, NDArray[np.generic]]:
    """Both sets of landmarks as points between at most two vertices."""
    assert bfm.keypoints is not None
    corners = bfm.keypoints[np.array(CORNERS_21)]
    weights = np.zeros((68, 3), dtype=np.float32)
    weights[:, 0] = 1.0
    return {
        "landmarks68_vertices": np.repeat(bfm.keypoints[:, None], 3, axis=1),
        "landmarks68_weights": weights,
        "landmarks21_vertices": np.concatenate([corners, corners[:, :1]], axis=1),
        "landmarks21_weights": np.tile(
            np.array([0.5, 0.5, 0.0], dtype=np.float32), (AFLW_POINTS, 1)
        ),
    }


def _mirror_vertices(mean: NDArray[np.float64]) -> NDArray[np.int64]:
    """(V,) the vertex nearest to each one's mirror image."""
    return np.asarray(cKDTree(mean).query(mean * [-1.0, 1.0, 1.0])[1], dtype=np.int64)


def _mirror_signs(
    components: NDArray[np.float32], mirror: NDArray[np.int64]
) -> NDArray[np.float32]:
    """(K,) +1 for components that mirroring keeps, -1 for those that it negates (better fit)."""
    mirrored = components[:, mirror] * np.array([-1.0, 1.0, 1.0], dtype=np.float32)
    alike = np.einsum("kvc,kvc->k", components, mirrored)
    return np.where(alike >= 0, 1.0, -1.0).astype(np.float32)


def _outward(mean: NDArray[np.float64], triangles: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """(T, 3) triangles, mostly facing the viewer; (0, 3) if the files have none."""
    if triangles is None:
        return np.zeros((0, 3), dtype=np.int64)
    a, b, c = (mean[triangles[:, corner]] for corner in range(3))
    towards_viewer = np.cross(b - a, c - a)[:, 2].sum()
    return triangles if towards_viewer >= 0 else triangles[:, [0, 2, 1]]
