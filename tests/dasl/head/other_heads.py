"""Invented files in the layouts of FLAME, BFM and GNM, made from our own head.

They have the arrays that the readers expect, with other vertices in another order, unit and size;
no part of the real models.
"""

from pathlib import Path

import numpy as np

from dasl.head.morphable_model import MorphableModel

IDENTITIES, EXPRESSIONS = 12, 8
FLAME_EXPRESSIONS = 100
SIZE, SHIFT = 0.93, np.array([0.01, -0.2, 0.05])
"""Of the invented models' mean, against ours."""


def invented_arrays(model: MorphableModel) -> dict[str, np.ndarray]:
    """Mean (N, 3), identity (12, N, 3), expression (8, N, 3), triangles; metres.

    The surface is our head after one subdivision step, with eyeballs, teeth and tongue, its
    vertices shuffled.
    """
    count = int(model.dense_triangles.max()) + 1
    kept = np.random.default_rng(4).permutation(count)
    row = np.empty(count, dtype=np.int64)
    row[kept] = np.arange(count)

    def points(values: np.ndarray) -> np.ndarray:
        return SIZE * model.subdivide(values.astype(np.float64))[..., kept, :]

    return {
        "mean": points(model.mean_vertices) + SHIFT,
        "identity": points(model.identity_basis[:IDENTITIES]),
        "expression": points(model.expression_basis[_units(model)]),
        "triangles": row[model.dense_triangles],
        "kept": kept,
    }


def _units(model: MorphableModel) -> list[int]:
    names = ("mouthSmileLeft", "mouthSmileRight", "browInnerUp", "mouthPucker")
    more = ("cheekPuff", "browDownLeft", "browDownRight", "mouthLeft")
    return [model.expression_names.index(name) for name in (*names, *more)]


def write_flame(model: MorphableModel, path: Path) -> None:
    """FLAME's layout, stored as an .npz."""
    made = invented_arrays(model)
    still = np.zeros((FLAME_EXPRESSIONS - EXPRESSIONS, *made["mean"].shape))
    basis = np.concatenate([made["identity"], made["expression"], still])
    np.savez(
        path,
        v_template=made["mean"],
        shapedirs=np.moveaxis(basis, 0, 2).astype(np.float32),
        f=made["triangles"].astype(np.uint32),
    )


def write_gnm(model: MorphableModel, path: Path) -> None:
    """GNM's layout: the fields that are read, and two that are not."""
    made = invented_arrays(model)
    np.savez(
        path,
        version="3.0",
        variant="head",
        template_vertex_positions=made["mean"].astype(np.float32),
        vertex_identity_basis=made["identity"].astype(np.float32),
        expression_basis=made["expression"].astype(np.float32),
        triangles=made["triangles"],
    )


def write_bfm(model: MorphableModel, folder: Path) -> None:
    """3DDFA's arrays of the BFM: micrometres, bases in another unit."""
    made = invented_arrays(model)
    count = len(made["mean"])
    shape = 1e6 * made["identity"].reshape(IDENTITIES, -1).T
    expression = 1e6 * made["expression"].reshape(EXPRESSIONS, -1).T
    near = np.linalg.norm(
        SIZE * model.landmarks68_of(model.mean_vertices)[:, None] + SHIFT - made["mean"][None],
        axis=2,
    ).argmin(axis=1)
    folder.mkdir()
    np.save(folder / "u_shp.npy", (1e6 * made["mean"]).reshape(-1, 1).astype(np.float32))
    np.save(folder / "u_exp.npy", np.zeros((3 * count, 1), np.float32))
    np.save(folder / "w_shp.npy", (shape / 1e5).astype(np.float32))
    np.save(folder / "w_exp.npy", expression.astype(np.float32))
    rows = (3 * near[:, None] + np.arange(3)).reshape(-1)
    np.save(folder / "keypoints.npy", rows.astype(np.int64))
