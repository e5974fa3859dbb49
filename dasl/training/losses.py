"""Terms of the training loss: pure functions, one value per sample.

Each returns (B,), so that the caller can weight samples and name those whose loss is not finite.
Lengths in the image are divided by the size of the true face, as in the benchmark's NME; a value
of 0.03 means about 3 % NME. All terms are differentiable in float32 and float64. "2DASL" is Tu et
al., arXiv 1903.09359; we use lengths in place of its squared lengths.
"""

import torch
from torch import Tensor

from dasl.errors import check_shape
from dasl.head.landmarks import AFLW_EARS, AFLW_POINTS

SMOOTH_PX = 0.25
"""The loss is quadratic well below this many pixels, since a norm's gradient jumps at 0."""

LEAST_FACE_PX = 30.0
"""Least face size: a profile with a narrow box must not dominate its batch."""

CENTRAL_WEIGHT = (0.5,) * 7 + (1.0, 0.5, 0.5, 1.0, 0.5, 0.5, 2.0, 0.5, 1.0, 2.0, 1.0)
"""Weight mask over the 18 points of the map: nose tip and mouth centre 2, eye centres and mouth
corners 1, the rest 0.5. Source: an early training script of 2DASL's authors."""


def face_size_px(landmarks_crop: Tensor) -> Tensor:
    """Square root of the area of the box around the landmarks, as in AFLW2000-3D's NME.

    Args:
        landmarks_crop: (B, L, 2 or 3) pixels.

    Returns:
        (B,) pixels, at least `LEAST_FACE_PX`.
    """
    xy = landmarks_crop[..., :2]
    sides = xy.amax(dim=1) - xy.amin(dim=1)
    return sides.prod(dim=-1).clamp(min=LEAST_FACE_PX**2).sqrt()


def robust_distance(difference: Tensor, smooth: float) -> Tensor:
    """Length of vectors, quadratic near 0 and linear beyond (pseudo-Huber).

    Convention: sqrt(|d|^2 + s^2) - s, which is 0 at 0 and has a gradient of at most 1. It is
    linear because NME is a mean of distances and automatic labels have outliers.

    Args:
        difference: (..., D).
        smooth: s, in the unit of the difference, positive.

    Returns:
        (...,) in the same unit.
    """
    return (difference.square().sum(dim=-1) + smooth**2).sqrt() - smooth


def landmark_loss(
    predicted_crop: Tensor, target_crop: Tensor, point_weight: Tensor, depth_weight: float
) -> Tensor:
    """Distance of the 68 landmarks in the image, plus their distance in depth.

    Source: the projected-landmark term of 2DASL. Depth is compared after subtracting each side's
    mean, since labels may have any offset.

    Args:
        predicted_crop: (B, L, 3) pixels.
        target_crop: (B, L, 3) pixels.
        point_weight: (L,) weight of each point; only ratios matter.
        depth_weight: weight of depth; x and y together have 1.

    Returns:
        (B,) fraction of the face's size.

    Raises:
        ShapeError: the inputs disagree on B or L.
    """
    batch, count = predicted_crop.shape[:2]
    check_shape("predicted_crop", predicted_crop, batch, count, 3, hint="give x, y and z")
    check_shape("target_crop", target_crop, batch, count, 3)
    check_shape("point_weight", point_weight, count)
    weight = point_weight / point_weight.sum()
    difference = predicted_crop - target_crop
    distance = robust_distance(difference[..., :2], SMOOTH_PX)
    depth = difference[..., 2:] - difference[..., 2:].mean(dim=1, keepdim=True)
    distance = distance + depth_weight * robust_distance(depth, SMOOTH_PX)
    return (distance * weight).sum(dim=1) / face_size_px(target_crop)


def handplaced_loss(
    predicted21_crop: Tensor,
    target21_crop: Tensor,
    visible21: Tensor,
    size_px: Tensor,
) -> Tensor:
    """Distance of AFLW's 21 points, without the ears, on the head from the hand-placed ones.

    Args:
        predicted21_crop: (B, 21, 2 or 3) pixels; z is ignored.
        target21_crop: (B, 21, 2) pixels; invisible points are ignored.
        visible21: (B, 21) bool.
        size_px: (B,) size of the true face, see `face_size_px`.

    Returns:
        (B,) fraction of the face's size, averaged over visible points; 0 if none is visible.
    """
    check_shape("target21_crop", target21_crop, len(predicted21_crop), AFLW_POINTS, 2)
    check_shape("visible21", visible21, len(predicted21_crop), AFLW_POINTS)
    difference = predicted21_crop[..., :2] - target21_crop
    difference = torch.where(visible21[..., None], difference, torch.zeros_like(difference))
    weight = visible21.to(difference.dtype, copy=True)
    weight[:, list(AFLW_EARS)] = 0.0
    total = (robust_distance(difference, SMOOTH_PX) * weight).sum(dim=1)
    return total / weight.sum(dim=1).clamp(min=1.0) / size_px


def coefficient_importance(
    mean_vertices_model: Tensor,
    identity_basis: Tensor,
    expression_basis: Tensor,
    whitening_std: Tensor,
    pixels_per_metre: float,
) -> Tensor:
    """Displacement in pixels caused by an error of 1 in each whitened coefficient.

    Source: the weights of WPDC (3DDFA, arXiv 1511.07212). They are computed once here, from the
    size of each basis vector; `wpdc_loss` computes them from each sample's own errors.

    Args:
        mean_vertices_model: (V, 3) metres, of the face region.
        identity_basis: (K, V, 3) metres per standard deviation.
        expression_basis: (E, V, 3) metres at full expression.
        whitening_std: (9 + K + E,) of `dasl.geometry.coefficients.Whitening`.
        pixels_per_metre: typical scale of a face in the crop.

    Returns:
        (9 + K + E,) root mean square over the vertices, pixels.
    """
    centred = mean_vertices_model - mean_vertices_model.mean(dim=0)
    radius = centred.square().sum(dim=1).mean().sqrt() * pixels_per_metre
    per_axis = radius / 3**0.5  # one entry of a row of R multiplies one model axis
    pose = torch.cat((per_axis.expand(6), radius.expand(1), torch.ones_like(radius).expand(2)))
    bases = torch.cat((identity_basis, expression_basis))
    shape = bases.square().sum(dim=2).mean(dim=1).sqrt() * pixels_per_metre
    return torch.cat((pose, shape)) * whitening_std


def coefficient_loss(predicted_raw: Tensor, target_raw: Tensor, importance: Tensor) -> Tensor:
    """Weighted squared error of the whitened coefficients (the 3D-supervised term).

    Source: L_3d of 2DASL, after WPDC; weights as in `coefficient_importance`.

    Args:
        predicted_raw: (B, N) network output, whitened.
        target_raw: (B, N) encoded labels.
        importance: (N,) pixels; only ratios matter.

    Returns:
        (B,) about 1 for a network that always predicts the mean of the training set.
    """
    check_shape("target_raw", target_raw, *predicted_raw.shape)
    check_shape("importance", importance, predicted_raw.shape[1])
    weight = importance / importance.sum()
    return ((predicted_raw - target_raw).square() * weight).sum(dim=1)


def wpdc_loss(predicted_raw: Tensor, target_raw: Tensor, displacement_px: Tensor) -> Tensor:
    """Weighted parameter distance cost: squared errors, weighted by the displacement they cause.

    Source: L_3d of 2DASL, which is 3DDFA's WPDC. Our choice: a sample's weights add up to 1, so
    that the value is comparable with `coefficient_loss`. No gradient flows through the weights.

    Args:
        predicted_raw: (B, N) network output, whitened.
        target_raw: (B, N) encoded labels.
        displacement_px: (B, N) displacement of the projected points if one coefficient alone has
            its predicted value, see `dasl.training.objective`.

    Returns:
        (B,) weighted squared error; 0 if nothing is displaced.
    """
    check_shape("target_raw", target_raw, *predicted_raw.shape)
    check_shape("displacement_px", displacement_px, *predicted_raw.shape)
    total = displacement_px.sum(dim=1, keepdim=True).clamp(min=1e-9)
    weight = (displacement_px / total).detach()
    return ((predicted_raw - target_raw).square() * weight).sum(dim=1)


def landmark_consistency_2d_loss(
    predicted_crop: Tensor,
    given_crop: Tensor,
    seen: Tensor,
    point_weight: Tensor,
    size_px: Tensor,
) -> Tensor:
    """2D landmark self-prediction consistency: distance of given and projected landmarks.

    Source: L_2d-con of 2DASL. `CENTRAL_WEIGHT` is its weight mask; ones give no mask.

    Args:
        predicted_crop: (B, 18, 2) map points of the network's landmarks, pixels.
        given_crop: (B, 18, 2) the points that came with the photo, pixels.
        seen: (B, 18) bool; the other given points are ignored.
        point_weight: (18,) only ratios matter.
        size_px: (B,) of the face, see `face_size_px`.

    Returns:
        (B,) fraction of the face's size, a weighted mean over the points seen; 0 without any.
    """
    check_shape("given_crop", given_crop, *predicted_crop.shape)
    check_shape("seen", seen, *predicted_crop.shape[:2])
    check_shape("point_weight", point_weight, predicted_crop.shape[1])
    difference = predicted_crop - given_crop
    difference = torch.where(seen[..., None], difference, torch.zeros_like(difference))
    weight = point_weight * seen
    total = (robust_distance(difference, SMOOTH_PX) * weight).sum(dim=1)
    return total / weight.sum(dim=1).clamp(min=1e-9) / size_px


def cycle_loss(second_crop: Tensor, given_crop: Tensor, seen: Tensor, size_px: Tensor) -> Tensor:
    """Cycle consistency: the second pass should reproduce the landmarks given to the first.

    Source: L_cyc of 2DASL; all points weigh the same.

    Args:
        second_crop: (B, 18, 2) map points of the second pass's landmarks, pixels.
        given_crop: (B, 18, 2) the points that came with the photo, pixels.
        seen: (B, 18) bool.
        size_px: (B,) of the face.

    Returns:
        (B,) fraction of the face's size; 0 if no point is seen.
    """
    even = torch.ones(second_crop.shape[1], dtype=second_crop.dtype, device=second_crop.device)
    return landmark_consistency_2d_loss(second_crop, given_crop, seen, even, size_px)


def landmark_consistency_3d_loss(
    first_crop: Tensor, second_crop: Tensor, size_px: Tensor
) -> Tensor:
    """3D landmark self-prediction consistency: both passes should predict the same landmarks.

    Source: L_3d-con of 2DASL; gradients flow into both passes.

    Args:
        first_crop: (B, L, 3) landmarks of the first pass, pixels.
        second_crop: (B, L, 3) landmarks of the second pass, pixels.
        size_px: (B,) of the face.

    Returns:
        (B,) fraction of the face's size.
    """
    check_shape("second_crop", second_crop, *first_crop.shape)
    return robust_distance(first_crop - second_crop, SMOOTH_PX).mean(dim=1) / size_px


def prior_loss(identity: Tensor) -> Tensor:
    """Penalty on implausible heads: the negative log of the Gaussian prior, up to a factor.

    Args:
        identity: (B, K) standard deviations.

    Returns:
        (B,) mean squared standard deviation; 1 for a typical random head.
    """
    return identity.square().mean(dim=1)


def bounds_loss(expression: Tensor) -> Tensor:
    """Penalty on expression weights outside [0, 1], where blendshapes have no meaning.

    Args:
        expression: (B, E) before clamping; there is no penalty within [0, 1].

    Returns:
        (B,) summed squared excess.
    """
    return (expression - expression.clamp(0.0, 1.0)).square().sum(dim=1)


def vertex_loss(predicted_model: Tensor, target_model: Tensor) -> Tensor:
    """Mean distance of face vertices in the model frame, each face centred on its own mean.

    Source: the vertex distance cost (VDC) of 2DASL's second stage; pose is left to the other
    terms, and a few hundred fixed vertices represent all.

    Args:
        predicted_model: (B, M, 3) metres.
        target_model: (B, M, 3) metres.

    Returns:
        (B,) decimetres, which gives the same order of magnitude as the other terms.
    """
    check_shape("target_model", target_model, *predicted_model.shape)
    difference = predicted_model - target_model
    difference = difference - difference.mean(dim=1, keepdim=True)
    return robust_distance(difference, 1e-4).mean(dim=1) * 10.0
