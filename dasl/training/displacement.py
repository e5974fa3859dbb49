"""How far each coefficient's own error moves the projected face: the weights of WPDC."""

import torch
from torch import Tensor

from dasl.geometry.coefficients import POSE_COUNT, Coefficients, Whitening, decode
from dasl.geometry.frames import image_from_model


@torch.no_grad()
def own_displacements_px(
    raw: Tensor,
    target_raw: Tensor,
    whitening: Whitening,
    mean_model: Tensor,
    identity_basis: Tensor,
    expression_basis: Tensor,
) -> Tensor:
    """Replace one number of the truth by the predicted one, and measure how far points move.

    Source: the weights of 3DDFA's WPDC (arXiv 1511.07212), which L_3d of 2DASL uses. Exact for
    pose, scale and translation; for identity and expression, on which points depend linearly, too.

    Args:
        raw: (B, N) predicted, whitened.
        target_raw: (B, N) truth.
        whitening: of both.
        mean_model: (P, 3) metres, the points looked at.
        identity_basis: (K, P, 3) metres per standard deviation.
        expression_basis: (E, P, 3) metres at full expression.

    Returns:
        (B, N) root mean square over the points in the image, pixels.
    """
    identity_count = len(identity_basis)
    bases = torch.cat((identity_basis, expression_basis))
    truth = decode(target_raw, whitening, identity_count)
    shape = torch.cat((truth.identity, truth.expression), dim=1)
    points = mean_model + torch.einsum("bn,npc->bpc", shape, bases)
    where = image_from_model(points, truth.pose)
    moved = []
    for number in range(POSE_COUNT):
        replaced = target_raw.clone()
        replaced[:, number] = raw[:, number]
        pose = decode(replaced, whitening, identity_count).pose
        moved.append(_rms(image_from_model(points, pose) - where))
    error = (raw - target_raw)[:, POSE_COUNT:] * whitening.std[POSE_COUNT:]
    return torch.cat((torch.stack(moved, dim=1), _of_unit_shape(truth, bases) * error.abs()), dim=1)


def _of_unit_shape(truth: Coefficients, bases: Tensor) -> Tensor:
    """(B, K + E) pixels that a coefficient of 1 moves the points by."""
    projected = torch.einsum("npc,bdc->bnpd", bases, truth.pose.rotation[:, :2])
    return _rms(projected) * truth.pose.scale[:, None]


def _rms(difference: Tensor) -> Tensor:
    """(..., P, 2 or 3) to (...): root of the mean squared length in x and y."""
    return difference[..., :2].square().sum(dim=-1).mean(dim=-1).sqrt()
