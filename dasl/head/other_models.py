"""Head models of others, read from the user's own files: FLAME, the Basel Face Model and GNM.

No such file is part of this project. Layouts: FLAME as its official `.pkl` has it, stored again as
an .npz (nothing is unpickled here); BFM in the layouts of `eval.bfm.files`; GNM's own .npz, fields
as in `gnm/shape/gnm_data_loader_test.py` of https://github.com/google/GNM (Apache-2.0).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dasl.arrays import IntArray
from dasl.errors import ConfigError
from eval.bfm.files import load_bfm
from eval.errors import EvalError
from eval.untrusted.npz import NpzReader

Floats = NDArray[np.float64]
LARGEST_ARRAY = 1 << 30
MICROMETRE = 1e-6
FLAME_EXPRESSIONS = 100
"""The last columns of FLAME's `shapedirs`; those before are its shape."""
FLAME_ADVICE = (
    "FLAME's own .pkl is not read, since unpickling runs code. In an environment of its own, with "
    "the packages that FLAME's site names, store the arrays again: numpy.savez('flame.npz', "
    "v_template=m['v_template'], shapedirs=numpy.array(m['shapedirs']), f=m['f'])"
)


@dataclass(frozen=True, eq=False)
class OtherModel:
    """A linear head model: mean + identity + expression; metres, x as ours, y up, z forward.

    Attributes:
        name: of the model.
        mean: (N, 3).
        identity_basis: (K, N, 3); expression_basis: (E, N, 3), both in metres for coefficients in
            `coefficient_unit`.
        coefficient_unit: "standard deviations", or the unit of the model's own files.
        triangles: (T, 3), or (0, 3) if the files have none.
        landmarks68: (68,) vertices of the iBUG points, or None.
    """

    name: str
    mean: Floats
    identity_basis: Floats
    expression_basis: Floats
    coefficient_unit: str
    triangles: IntArray
    landmarks68: IntArray | None

    def vertices(self, identity: Floats, expression: Floats) -> Floats:
        """(K,) and (E,) to (N, 3)."""
        offsets = np.tensordot(identity, self.identity_basis, axes=1)
        offsets = offsets + np.tensordot(expression, self.expression_basis, axes=1)
        return np.asarray(self.mean + offsets)


def read_other_model(name: str, path: Path) -> OtherModel:
    """Read a model from the user's files.

    Args:
        name: one of `OTHER_MODELS`.
        path: an .npz for FLAME and GNM, a folder for BFM.

    Raises:
        ConfigError: an unknown name, or the files are missing or of another layout.
    """
    if name not in OTHER_MODELS:
        raise ConfigError(f"no head model {name!r}; there are {', '.join(OTHER_MODELS)}")
    try:
        return OTHER_MODELS[name](path)
    except EvalError as error:
        raise ConfigError(f"cannot read {name} from {path}: {error}") from error


def _read_flame(path: Path) -> OtherModel:
    if path.suffix.lower() in (".pkl", ".pickle"):
        raise ConfigError(f"cannot read {path}: {FLAME_ADVICE}")
    arrays = _arrays(path, {"v_template": 2, "shapedirs": 3, "f": 2}, FLAME_ADVICE)
    basis = np.moveaxis(arrays["shapedirs"], 2, 0)
    shapes = len(basis) - FLAME_EXPRESSIONS
    if shapes < 1 or basis.shape[1:] != arrays["v_template"].shape:
        raise ConfigError(
            f"{path}: shapedirs must be (V, 3, more than {FLAME_EXPRESSIONS}) and v_template "
            f"(V, 3), got {arrays['shapedirs'].shape} and {arrays['v_template'].shape}; use "
            "FLAME 2019 or later (shape, then 100 of expression)"
        )
    return OtherModel(
        "flame",
        arrays["v_template"],
        basis[:shapes],
        basis[shapes:],
        "standard deviations",
        _triangles(path, arrays["f"], len(arrays["v_template"])),
        None,
    )


def _read_gnm(path: Path) -> OtherModel:
    names = {"template_vertex_positions": 2, "vertex_identity_basis": 3, "expression_basis": 3}
    advice = "wanted GNM's own .npz, such as the head model of huggingface.co/google/gnm-v3"
    arrays = _arrays(path, names | {"triangles": 2}, advice)
    mean = arrays["template_vertex_positions"]
    for name in ("vertex_identity_basis", "expression_basis"):
        if arrays[name].shape[1:] != mean.shape:
            raise ConfigError(
                f"{path}: {name} must be (N, {len(mean)}, 3), got {arrays[name].shape}; {advice}"
            )
    return OtherModel(
        "gnm",
        mean,
        arrays["vertex_identity_basis"],
        arrays["expression_basis"],
        "standard deviations",
        _triangles(path, arrays["triangles"], len(mean)),
        None,
    )


def _read_bfm(path: Path) -> OtherModel:
    bfm = load_bfm(path)
    count = len(bfm.mean)
    identity, expression = (
        basis.T.reshape(-1, count, 3).astype(np.float64) * MICROMETRE
        for basis in (bfm.shape_basis, bfm.expression_basis)
    )
    none = np.empty((0, 3), dtype=np.int64)
    return OtherModel(
        "bfm",
        bfm.mean.astype(np.float64) * MICROMETRE,
        identity,
        expression,
        "the unit of Shape_Para and Exp_Para",
        none if bfm.triangles is None else bfm.triangles.astype(np.int64),
        bfm.keypoints,
    )


OTHER_MODELS: dict[str, Callable[[Path], OtherModel]] = {
    "flame": _read_flame,
    "bfm": _read_bfm,
    "gnm": _read_gnm,
}
"""Name -> reader of the user's files."""


def _arrays(path: Path, dimensions: dict[str, int], advice: str) -> dict[str, Floats]:
    """The named arrays as float64, with as many dimensions as wanted and finite."""
    found = {}
    with NpzReader(path, dict.fromkeys(dimensions, LARGEST_ARRAY)) as archive:
        for name, wanted in dimensions.items():
            if name not in archive:
                raise ConfigError(f"{path} lacks {name}; {advice}")
            array = archive.read(name)
            if array.ndim != wanted or array.dtype.kind not in "fiu" or not array.size:
                raise ConfigError(
                    f"{path}: {name} must hold numbers in {wanted} dimensions, got "
                    f"{array.dtype} {array.shape}; {advice}"
                )
            found[name] = array.astype(np.float64)
            if not np.isfinite(found[name]).all():
                raise ConfigError(f"{path}: {name} is not finite throughout; {advice}")
    return found


def _triangles(path: Path, values: Floats, count: int) -> IntArray:
    triangles = values.astype(np.int64)
    if triangles.shape[1:] != (3,) or triangles.min() < 0 or triangles.max() >= count:
        raise ConfigError(f"{path}: its triangles must name three of {count} vertices each")
    return triangles
