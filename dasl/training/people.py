"""Which faces of a set show one person: those with the same identity, also in a mirror."""

import torch
from torch import Tensor


def one_way_round(identity: Tensor, mirror_sign: Tensor) -> tuple[Tensor, Tensor]:
    """Turn identities so that a person and the person's mirror image have the same numbers.

    Args:
        identity: (N, K) standard deviations.
        mirror_sign: (K,) of the head model: mirrored identity = sign * identity.

    Returns:
        (N, K): those whose first component that a mirror negates is negative, mirrored; and
        (N, K) the signs that did it.
    """
    odd = (mirror_sign < 0).nonzero()[:, 0]
    if len(odd) == 0:
        return identity, torch.ones_like(identity)
    turned = (identity[:, odd[0]] < 0)[:, None]
    signs = torch.where(turned, mirror_sign, torch.ones_like(mirror_sign))
    return identity * signs, signs


def people_of(identity: Tensor, weight: Tensor, mirror_sign: Tensor) -> Tensor:
    """Number the people.

    Args:
        identity: (N, K) labels.
        weight: (N,) how far they are trusted; where it is 0, the identity is unknown.
        mirror_sign: (K,) as of `one_way_round`.

    Returns:
        (N,) int64: the same number for faces of one person, another for each face without a
        known identity.
    """
    turned, _ = one_way_round(identity, mirror_sign)
    _, people = turned.unique(dim=0, return_inverse=True)
    alone = len(people) + torch.arange(len(people), device=people.device)
    return torch.where(weight > 0, people, alone)
