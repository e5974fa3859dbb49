"""Groups faces by person, and a loss on differences between a person's pictures.

Faces show one person if their identity labels are the same or mirrored.
"""

import torch
from torch import Tensor

from dasl.errors import check_shape
from dasl.training.losses import vertex_loss


def one_way_round(identity: Tensor, mirror_sign: Tensor) -> tuple[Tensor, Tensor]:
    """Bring identities to a canonical form, the same for a person and their mirror image.

    Args:
        identity: (N, K) standard deviations.
        mirror_sign: (K,) of the head model: mirrored identity = sign * identity.

    Returns:
        (N, K) identities, mirrored if the first component that mirroring negates is negative; and
        (N, K) the signs that were applied.
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
        weight: (N,) coefficient weights; 0 means that the identity is unknown.
        mirror_sign: (K,) as for `one_way_round`.

    Returns:
        (N,) int64: the same number for faces of one person; a face of unknown identity has its own.
    """
    turned, _ = one_way_round(identity, mirror_sign)
    _, people = turned.unique(dim=0, return_inverse=True)
    alone = len(people) + torch.arange(len(people), device=people.device)
    return torch.where(weight > 0, people, alone)


def agreement_loss(shapes_model: Tensor, people: Tensor) -> Tensor:
    """Distance of each neutral face from the mean of its person's pictures in the batch.

    This term is ours: identity does not depend on pose, expression, light or skin. It only needs to
    know which pictures show one person.

    Args:
        shapes_model: (B, M, 3) metres, faces without expression.
        people: (B,) int64, the same number for pictures of one person.

    Returns:
        (B,) decimetres, as `vertex_loss`; 0 for a person with one picture.
    """
    check_shape("people", people, len(shapes_model))
    same = (people[:, None] == people[None, :]).to(shapes_model.dtype)
    mean = torch.einsum("bc,cmk->bmk", same / same.sum(dim=1, keepdim=True), shapes_model)
    return vertex_loss(shapes_model, mean)
