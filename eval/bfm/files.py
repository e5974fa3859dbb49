"""Reads the Basel Face Model 2009 from the user's own files, in the common layouts."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.bfm.model import Bfm
from eval.errors import BenchmarkError
from eval.program.data_root import data_root
from eval.scoring.metrics import Ints
from eval.untrusted.mat import read_mat_fields
from eval.untrusted.npy import read_npy

FOLDER_NAME = "bfm"
EXPRESSION_FILES = ("Model_Exp.mat", "Model_Expression.mat")
LARGEST_BASIS = 1 << 30
ADVICE = (
    "wanted Model_Shape.mat and Model_Exp.mat (or Model_Expression.mat); or BFM 2009's "
    "01_MorphableModel.mat with model_info.mat and Model_Exp.mat; or 3DDFA's u_shp.npy, u_exp.npy, "
    "w_shp.npy, w_exp.npy and keypoints.npy (names with _sim too). The model is licensed: ask for "
    "it at https://faces.dmi.unibas.ch/bfm/; the other mats come with AFLW2000-3D's Code folder, "
    "whose ModelGenerate.m writes Model_Shape.mat; the arrays are 3DDFA's train.configs"
)


def load_bfm(folder: str | Path | None = None) -> Bfm:
    """Read the model from the user's files, in any of the layouts that ``ADVICE`` names.

    Args:
        folder: where the files lie; None takes ``bfm`` below ``DASL_DATA_ROOT``.

    Returns:
        The model; 53,215 vertices with the published files.

    Raises:
        BenchmarkError: no folder, no known files there, or malformed files.

    Example:
        >>> load_bfm("/data/bfm").mean.shape  # doctest: +SKIP
        (53215, 3)
    """
    place = find_bfm_folder(folder)
    if (place / "Model_Shape.mat").is_file():
        return _from_model_shape(place)
    if (place / "01_MorphableModel.mat").is_file():
        return _from_morphable_model(place)
    if (place / "u_shp.npy").is_file():
        return _from_3ddfa_arrays(place)
    state = "holds no face model" if place.is_dir() else "is not a folder"
    raise BenchmarkError(f"{place} {state}, {ADVICE}")


def find_bfm_folder(folder: str | Path | None) -> Path:
    """The folder given, or ``bfm`` below ``DASL_DATA_ROOT``.

    Raises:
        BenchmarkError: neither is known.
    """
    if folder is not None:
        return Path(folder)
    root = data_root()
    if root is None:
        raise BenchmarkError(f"no folder of the Basel Face Model given; pass --bfm DIR; {ADVICE}")
    return root / FOLDER_NAME


def _from_model_shape(folder: Path) -> Bfm:
    """``Model_Shape.mat`` with the expression file; the basis is named w or w_shape."""
    path = folder / "Model_Shape.mat"
    names = ("w", "w_shape", "keypoints", "tri")
    fields = read_mat_fields(path, ["mu_shape"], optional=names, largest=LARGEST_BASIS)
    basis = fields.get("w", fields.get("w_shape"))
    if basis is None:
        raise BenchmarkError(f"{path} has neither w nor w_shape, the shape basis; copy it again")
    mean_expression, expression, file = _expression(folder)
    return Bfm(
        _mean(fields["mu_shape"], mean_expression, path),
        _basis(basis),
        expression,
        _one_based(fields.get("keypoints")),
        _triangles(fields.get("tri")),
        f"{path.name}, {file}",
    )


def _from_morphable_model(folder: Path) -> Bfm:
    """BFM 2009's own file, cut to the vertices that ``model_info.mat`` keeps.

    Source: ``ModelGenerate.m`` of AFLW2000-3D's Code folder.
    """
    path = folder / "01_MorphableModel.mat"
    whole = read_mat_fields(path, ["shapeMU", "shapePC"], largest=LARGEST_BASIS)
    info = read_mat_fields(folder / "model_info.mat", ["trimIndex"], optional=["keypoints", "tri"])
    mean_expression, expression, file = _expression(folder)
    kept = info["trimIndex"].astype(np.int64).reshape(-1) - 1
    rows = (3 * kept[:, None] + np.arange(3)).reshape(-1)
    if rows.size == 0 or rows.min() < 0 or rows.max() >= len(whole["shapeMU"]):
        raise BenchmarkError(
            f"trimIndex of {folder / 'model_info.mat'} must name vertices of {path.name}, got "
            "others; take the one of AFLW2000-3D's Code folder"
        )
    return Bfm(
        _mean(whole["shapeMU"][rows], mean_expression, path),
        _basis(whole["shapePC"][rows]),
        expression,
        _one_based(info.get("keypoints")),
        _triangles(info.get("tri")),
        f"{path.name}, model_info.mat, {file}",
    )


def _from_3ddfa_arrays(folder: Path) -> Bfm:
    """3DDFA's ``train.configs``; keypoints there index the 3 V rows, 0-based."""
    suffix = "" if (folder / "w_shp.npy").is_file() else "_sim"
    names = ("u_shp", "u_exp", f"w_shp{suffix}", f"w_exp{suffix}", f"keypoints{suffix}")
    arrays = [_array(folder / f"{name}.npy") for name in names]
    mean_shape, mean_expression, shape, expression, rows = arrays
    return Bfm(
        _mean(mean_shape, mean_expression, folder / "u_shp.npy"),
        _basis(shape),
        _basis(expression),
        rows.astype(np.int64).reshape(-1)[::3] // 3,
        None,
        ", ".join(f"{name}.npy" for name in names),
    )


def _expression(folder: Path) -> tuple[NDArray[np.generic], NDArray[np.float32], str]:
    """Mean and basis of expression, and the file's name."""
    name = next((name for name in EXPRESSION_FILES if (folder / name).is_file()), None)
    if name is None:
        raise BenchmarkError(f"{folder} has no {EXPRESSION_FILES[0]}, {ADVICE}")
    fields = read_mat_fields(folder / name, ["mu_exp", "w_exp"], largest=LARGEST_BASIS)
    return fields["mu_exp"], _basis(fields["w_exp"]), name


def _array(path: Path) -> NDArray[np.generic]:
    """One numeric .npy."""
    if not path.is_file():
        raise BenchmarkError(f"no file {path}, {ADVICE}")
    array = read_npy(path, BenchmarkError)
    if array.dtype.kind not in "fiu":
        raise BenchmarkError(f"{path} must hold numbers, got {array.dtype}; copy it again")
    return array


def _mean(
    shape: NDArray[np.generic], expression: NDArray[np.generic], path: Path
) -> NDArray[np.float32]:
    """(V, 3) mean of shape and expression together."""
    if shape.size != expression.size or shape.size % 3:
        raise BenchmarkError(
            f"the means of shape and expression beside {path} have {shape.size} and "
            f"{expression.size} numbers, wanted 3 for each vertex; take one distribution's files"
        )
    both = shape.astype(np.float64).reshape(-1) + expression.astype(np.float64).reshape(-1)
    return both.reshape(-1, 3).astype(np.float32)


def _basis(array: NDArray[np.generic]) -> NDArray[np.float32]:
    """A basis as float32: half the memory, rounding errors of 1e-4 micrometres."""
    return np.ascontiguousarray(np.atleast_2d(array), dtype=np.float32)


def _one_based(array: NDArray[np.generic] | None) -> Ints | None:
    """MATLAB's 1-based indices as 0-based ones."""
    return None if array is None else array.astype(np.int64).reshape(-1) - 1


def _triangles(array: NDArray[np.generic] | None) -> Ints | None:
    """MATLAB's (3, T), 1-based, as (T, 3)."""
    return None if array is None else np.ascontiguousarray(array.astype(np.int64).T) - 1
