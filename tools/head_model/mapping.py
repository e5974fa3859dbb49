"""Fits the linear map from one head's coefficients to another's (`dasl.head.head_map`)."""

from dataclasses import replace

import torch
from torch import Tensor

from dasl.errors import ConfigError
from dasl.head.head_map import NO_UNIT, HeadMap
from dasl.head.morphable_model import MorphableModel

MILLIMETRES = 1000.0
# Weight of the head outside the face; photos show the face best.
WEIGHT_ELSEWHERE = 0.1
# One standard deviation of every component costs as much as this error of every vertex, metres.
SPREAD = 3e-4
MEASURED_HEADS = 500


def fit_head_map(old: MorphableModel, new: MorphableModel) -> HeadMap:
    """The map that moves the face's vertices least.

    Identity is mapped by least squares of the differences from the mean, in the new head's size.

    Args:
        old, new: heads with the same vertices, float64; the new one has the old one's expressions.

    Raises:
        ConfigError: the heads have different vertices, or the new one lacks an expression.
    """
    if old.vertex_count != new.vertex_count:
        raise ConfigError(
            f"the heads have {old.vertex_count} and {new.vertex_count} vertices; a map needs the "
            "same vertices in both"
        )
    gone = sorted(set(old.expression_names) - set(new.expression_names))
    if gone:
        raise ConfigError(f"the new head lacks the expressions {gone}; a map cannot drop them")
    weight = torch.full((old.vertex_count, 1), WEIGHT_ELSEWHERE, dtype=torch.float64)
    weight[old.region("face")] = 1.0
    old_mean, new_mean = torch.from_numpy(old.mean_vertices), torch.from_numpy(new.mean_vertices)
    size, offset = _size_and_offset(old_mean, new_mean, torch.from_numpy(old.region("face")))
    wanted = (size * torch.from_numpy(old.identity_basis) * weight).flatten(1)
    basis = (torch.from_numpy(new.identity_basis) * weight).flatten(1)
    ridge = SPREAD**2 * float((weight**2).sum()) / new.identity_count
    gram = basis @ basis.T + ridge * torch.eye(len(basis), dtype=torch.float64)
    identity = torch.linalg.solve(gram, basis @ wanted.T)
    source = [
        old.expression_names.index(name) if name in old.expression_names else NO_UNIT
        for name in new.expression_names
    ]
    fitted = HeadMap(
        source=old.head_id,
        target=new.head_id,
        identity=identity.float().double(),  # the file's precision
        expression_source=torch.tensor(source),
        size=size,
        offset=offset.float().double(),
    )
    mean_mm, worst_mm = residual_mm(fitted, old, new)
    return replace(fitted, residual_mean_mm=mean_mm, residual_worst_mm=worst_mm)


def residual_mm(
    head_map: HeadMap, old: MorphableModel, new: MorphableModel, seed: int = 0
) -> tuple[float, float]:
    """Distance of the face's vertices from the map's targets: mean and worst, millimetres.

    Measured on random heads of the old population, with a tenth of the expressions at random
    weights.
    """
    random = torch.Generator().manual_seed(seed)
    identity = torch.randn(
        MEASURED_HEADS, old.identity_count, generator=random, dtype=torch.float64
    )
    shown = torch.rand(MEASURED_HEADS, old.expression_count, generator=random) < 0.1
    weights = torch.rand(MEASURED_HEADS, old.expression_count, generator=random)
    expression = (shown * weights).double()
    face = old.region("face")
    old_mean, new_mean = (torch.from_numpy(head.mean_vertices[face]) for head in (old, new))
    differences = old.vertices(identity, expression)[:, face] - old_mean
    wanted = new_mean + head_map.size * differences
    mapped = identity @ head_map.identity.T
    moved = new.vertices(mapped, expression @ head_map.expression_matrix.T)[:, face]
    distance = torch.linalg.vector_norm(moved - wanted, dim=-1) * MILLIMETRES
    return float(distance.mean()), float(distance.max())


def _size_and_offset(old: Tensor, new: Tensor, face: Tensor) -> tuple[float, Tensor]:
    """Scale and shift from the old mean's face to the new one's, by least squares."""
    before, after = old[face], new[face]
    centred = before - before.mean(dim=0)
    size = float((centred * (after - after.mean(dim=0))).sum() / (centred**2).sum())
    return size, after.mean(dim=0) - size * before.mean(dim=0)
