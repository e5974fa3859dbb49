"""A stand-in of head 1 and a later head, made of the embedded one: other axes, size and mean."""

from pathlib import Path

import numpy as np
import torch

from dasl.head.head_file import FLOAT_TENSORS, INTEGER_TENSORS
from dasl.head.head_map import HeadMap
from dasl.head.morphable_model import MorphableModel
from dasl.head.versions import HEAD_1, HEAD_1_COUNTS
from tools.head_model.mapping import fit_head_map

SIZE = 1.1
KEPT, ADDED = 95, 12
NEW_UNIT = "tongueOut"


def two_heads() -> tuple[MorphableModel, MorphableModel]:
    """Head 1 and its successor, float64.

    The new one lacks the least of the old one's components and has some that the old one lacks, its
    axes are others, its mean another face, its origin elsewhere, and it has one unit more, which
    comes first.
    """
    base = MorphableModel.load(dtype=np.float64)
    random = torch.Generator().manual_seed(3)
    identity_count, expression_count = HEAD_1_COUNTS
    identity = torch.from_numpy(base.identity_basis[:identity_count])
    expression, names = (
        torch.from_numpy(base.expression_basis[:expression_count]),
        base.expression_names[:expression_count],
    )
    axes, _ = torch.linalg.qr(torch.randn(KEPT, KEPT, generator=random, dtype=torch.float64))
    added = torch.randn(ADDED, expression_count, generator=random, dtype=torch.float64) * 0.05
    kept = torch.tensordot(axes, identity[:KEPT], dims=1)
    new_identity = torch.cat([kept, torch.tensordot(added, expression, dims=1)])
    person = torch.randn(identity_count, generator=random, dtype=torch.float64) * 0.3
    base_mean = torch.from_numpy(base.mean_vertices)
    mean = base_mean + torch.tensordot(person, identity, dims=1)
    tongue = 0.001 * torch.ones_like(expression[:1])
    old = _head(base, identity, expression, names, base_mean, HEAD_1)
    new = _head(
        base,
        SIZE * new_identity,
        SIZE * torch.cat([tongue, expression]),
        (NEW_UNIT, *names),
        SIZE * mean + torch.tensor([0.0, 0.004, -0.007]),
    )
    return old, new


def map_of(old: MorphableModel, new: MorphableModel, path: Path) -> HeadMap:
    """The map between them, also as a file."""
    head_map = fit_head_map(old, new)
    path.write_bytes(head_map.to_bytes())
    return head_map


def _head(
    base: MorphableModel,
    identity: torch.Tensor,
    expression: torch.Tensor,
    names: tuple[str, ...],
    mean: torch.Tensor,
    head_id: str | None = None,
) -> MorphableModel:
    tensors = {name: getattr(base, name) for name in (*INTEGER_TENSORS, *FLOAT_TENSORS)}
    tensors |= {
        "identity_basis": identity,
        "expression_basis": expression,
        "mean_vertices": mean,
        "identity_mirror_sign": torch.ones(len(identity)),
    }
    regions = {name: base.region(name) for name in ("face", "eyeballs")}
    return MorphableModel(tensors, base._subdivision, regions, names, head_id)
