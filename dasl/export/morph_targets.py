"""Morph targets: the displacements of expressions, stored for moving vertices only."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from dasl.arrays import FloatArray, IntArray
from dasl.head.mesh import split_expression_basis
from dasl.head.morphable_model import MorphableModel
from dasl.head.surface import Part

STILL_BELOW_M = 1e-5
"""Vertices that an expression moves less than this, in metres, are omitted."""


@dataclass(frozen=True, eq=False)
class MorphTarget:
    """The displacement of some vertices of a mesh; the others do not move.

    Attributes:
        rows: (N,) their rows, increasing; at least one.
        offsets: (N, 3) float32, metres.
    """

    rows: IntArray
    offsets: FloatArray

    @cached_property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Least and largest displacement along each axis, of the vertices that move: (3,) each."""
        axes = np.ascontiguousarray(self.offsets.T)  # rows of three reduce slowly
        return axes.min(axis=1), axes.max(axis=1)


def morph_target(offsets: FloatArray) -> MorphTarget:
    """The non-zero rows of (U, 3) displacements, metres; the first row if there are none."""
    # One comparison per coordinate is several times faster than a maximum over rows of three.
    moves = np.abs(offsets) > STILL_BELOW_M
    rows = np.flatnonzero(moves[:, 0] | moves[:, 1] | moves[:, 2])
    if len(rows) == 0:
        rows = np.array([0])
    return MorphTarget(rows, offsets[rows])


@lru_cache(maxsize=4)
def head_morph_targets(
    model: MorphableModel, part: Part, subdivisions: int
) -> tuple[MorphTarget, ...]:
    """Morph targets of the model's expressions on its split mesh; cached."""
    return tuple(map(morph_target, split_expression_basis(model, part, subdivisions)))
