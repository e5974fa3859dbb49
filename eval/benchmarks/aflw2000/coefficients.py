"""AFLW2000-3D's fitted coefficients, read from its mats: pose, shape and expression."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from eval.benchmarks.aflw2000.data import find_folder
from eval.errors import BenchmarkError
from eval.scoring.metrics import Float64s
from eval.untrusted.mat import read_mat_fields

POSE = ("Pose_Para", 7)
SHAPE = ("Shape_Para", 199)
EXPRESSION = ("Exp_Para", 29)


@dataclass(frozen=True, eq=False)
class Coefficients:
    """The 3DMM coefficients that the benchmark's authors fitted, in the basis' own units.

    Attributes:
        pose_para: (N, 7) float64: pitch, yaw, roll in radians (not wrapped), translation in
            pixels with y counted from the bottom, scale in pixels per micrometre.
        shape_para: (N, 199) float64.
        exp_para: (N, 29) float64.
    """

    pose_para: Float64s
    shape_para: Float64s
    exp_para: Float64s


def load_poses(root: str | Path | None, ids: Sequence[str]) -> Float64s:
    """``Pose_Para`` of some faces; see ``Coefficients.pose_para``.

    Args:
        root: see ``eval.benchmarks.aflw2000.data.find_folder``.
        ids: N file stems.

    Raises:
        BenchmarkError: a mat is missing or malformed; the message names it.
    """
    return np.stack([part for (part,) in _fields(root, ids, [POSE])])


def load_coefficients(root: str | Path | None, ids: Sequence[str]) -> Coefficients:
    """The coefficients of the dense truth; arguments and errors as in ``load_poses``."""
    parts = list(_fields(root, ids, [POSE, SHAPE, EXPRESSION]))
    pose_para, shape_para, exp_para = (np.stack(column) for column in zip(*parts, strict=True))
    return Coefficients(pose_para, shape_para, exp_para)


def _fields(
    root: str | Path | None, ids: Sequence[str], wanted: Sequence[tuple[str, int]]
) -> Iterator[list[Float64s]]:
    """The wanted fields of each face's mat, as flat float64."""
    folder = find_folder(root)
    for name in tqdm(ids, desc="mats", unit="file", leave=False, delay=1.0):
        path = folder / f"{name}.mat"
        fields = read_mat_fields(path, [field for field, _ in wanted])
        yield [_flat(fields[field], size, field, path) for field, size in wanted]


def _flat(value: NDArray[np.generic], size: int, field: str, path: Path) -> Float64s:
    """One field, checked and flattened to (size,) float64."""
    right = value.size == size and value.dtype.kind in "fiu" and bool(np.isfinite(value).all())
    if not right:
        raise BenchmarkError(
            f"{field} of {path} must be {size} finite numbers, got {value.shape} of {value.dtype}; "
            "copy it again"
        )
    return np.asarray(value, dtype=np.float64).reshape(-1)
