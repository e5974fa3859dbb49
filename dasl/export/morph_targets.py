"""How expressions move a mesh: only the vertices that do move."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from dasl.arrays import FloatArray, IntArray
from dasl.head.mesh import split_expression_basis
from dasl.head.morphable_model import MorphableModel
from dasl.head.surface import Part

STILL_BELOW_M = 1e-6
"""A vertex that an expression moves by less, in metres, is left out."""


@dataclass(frozen=True, eq=False)
class MorphTarget:
    """The displacement of some vertices of a mesh; all others stay.

    Attributes:
        rows: (N,) their rows, rising; at least one.
        offsets: (N, 3) float32, metres.
    """

    rows: IntArray
    offsets: FloatArray


def morph_target(offsets: FloatArray) -> MorphTarget:
    """The rows of (U, 3) displacements, metres, that move; the first if none does."""
    # one comparison for each coordinate: several times faster than a maximum over rows of three
    moves = np.abs(offsets) > STILL_BELOW_M
    rows = np.flatnonzero(moves[:, 0] | moves[:, 1] | moves[:, 2])
    if len(rows) == 0:
        rows = np.array([0])
    return MorphTarget(rows, offsets[rows])


@lru_cache(maxsize=4)
def head_morph_targets(
    model: MorphableModel, part: Part, subdivisions: int
) -> tuple[MorphTarget, ...]:
    """Those of the model's expressions on its split mesh; made once for each choice."""
    return tuple(map(morph_target, split_expression_basis(model, part, subdivisions)))
