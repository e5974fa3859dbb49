"""Fits pose, identity and expression to landmarks, many faces at once.

Minimises, for each face,

    sum_i w_i rho(|project(m_i(identity, expression)) - x_i|^2 / sigma^2)
        + |identity|^2 + sum_e (expression_e / sigma_e)^2

with 0 <= expression <= 1 and |identity_k| <= 3,

by projected Gauss-Newton with Levenberg damping; rho is Huber's function, by reweighting. Identity
is in standard deviations, so its term is its log prior. The camera is weak perspective; z is
observed up to an offset.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from tqdm import tqdm

from dasl.arrays import like
from dasl.errors import ShapeError, check_shape
from dasl.geometry.coefficients import Coefficients, Pose, concatenated
from dasl.geometry.frames import IMAGE_AXES, image_from_model, view_from_model
from dasl.geometry.weak_perspective import weak_perspective_pose
from dasl.head.landmarks import AFLW_POINTS, IBUG_POINTS
from dasl.head.morphable_model import MorphableModel

# Columns of the Jacobian before identity: rotation (3), log scale, shift of x, y and z.
POSE_COLUMNS = 7
# Bound on identity, in standard deviations.
IDENTITY_BOUND = 3.0
# The tongue's unit is fixed at 0: landmarks do not show it, and it would mimic an open jaw.
UNSEEN_UNIT = "tongueOut"
# A pose alone needs this many points.
FEWEST_POINTS = 4


@dataclass(frozen=True)
class FitConfig:
    """Standard deviations of observations and priors; tuned on held-out hand-placed points."""

    sigma_px: float = 2.5
    """Standard deviation of an observed coordinate of weight 1, crop pixels."""
    sigma_expression: float = 0.25
    """Standard deviation of an expression weight around 0."""
    huber_sigma: float = 2.5
    """Residuals beyond this many standard deviations count linearly."""
    iterations: int = 8
    damping: float = 1e-3
    chunk: int = 128
    """Number of faces solved together; small enough for the cache."""


@dataclass(frozen=True)
class Observations:
    """The observed points of N faces.

    Attributes:
        points_image: (N, P, 3), pixels, P = 68 landmarks, or 68 + 21 with AFLW's points appended.
        weight: (N, P, 3), inverse variance relative to `FitConfig.sigma_px`; 0 for unobserved
            coordinates, such as z if only x and y are known.
    """

    points_image: Tensor
    weight: Tensor


@dataclass(frozen=True)
class FitResult:
    """Fitted coefficients of N faces.

    Attributes:
        coefficients: pose (model to the frame of the observations), identity, expression.
        residual_px: (N,) weighted root mean square residual of x and y, pixels.
        identity_variance: (N, K) posterior variance under the linearised model; 1 = the prior.
    """

    coefficients: Coefficients
    residual_px: Tensor
    identity_variance: Tensor


@dataclass(frozen=True)
class _Points:
    """Linear model of the observed points: mean (P, 3), basis (C, P, 3), C = K + E."""

    mean: Tensor
    basis: Tensor
    identity_count: int

    def at(self, shape: Tensor) -> Tensor:
        """(B, C) to (B, P, 3), model frame."""
        offsets = shape @ self.basis.flatten(1)
        return self.mean + offsets.reshape(-1, *self.mean.shape)


def fit(
    model: MorphableModel,
    observations: Observations,
    config: FitConfig | None = None,
    progress: bool = False,
) -> FitResult:
    """Fit every face independently; see the module's docstring for the objective.

    Args:
        model: the head model.
        observations: of N faces.
        config: None takes the defaults.
        progress: show a bar on stderr.

    Raises:
        ShapeError: points or weights of another shape.
        ValueError: a point is not finite, or a face has too few points with a weight above 0.
    """
    config = config or FitConfig()
    _check(observations)
    points = _point_model(model, observations.points_image)
    results = []
    starts = range(0, len(observations.points_image), config.chunk)
    for start in tqdm(starts, desc="fitting", disable=not progress):
        rows = slice(start, start + config.chunk)
        chunk = Observations(observations.points_image[rows], observations.weight[rows])
        results.append(_fit_chunk(points, chunk, config))
    return _joined(results)


def _check(observations: Observations) -> None:
    shape = observations.points_image.shape
    check_shape("points_image", observations.points_image, "N", "P", 3)
    check_shape("weight", observations.weight, *shape)
    if shape[1] not in (IBUG_POINTS, IBUG_POINTS + AFLW_POINTS):
        raise ShapeError(f"points_image must hold 68 or 68 + 21 points, got {shape[1]}")
    if not shape[0]:
        raise ShapeError("points_image must hold at least one face, got none")
    if not observations.points_image.isfinite().all():
        raise ValueError("points_image must be finite; give unseen points any value and weight 0")
    seen = (observations.weight[..., :2] > 0).all(dim=-1).sum(dim=1)
    if int(seen.min()) < FEWEST_POINTS:
        face, count = int(seen.argmin()), int(seen.min())
        raise ValueError(
            f"face {face} has {count} observed points; at least {FEWEST_POINTS} must have a weight"
        )


def _point_model(model: MorphableModel, example: Tensor) -> _Points:
    """Of as many points, and of the type and on the device, as the observed ones (N, P, 3)."""
    count = example.shape[1]
    eye = torch.eye(model.identity_count + model.expression_count).to(example)
    shapes = torch.cat([torch.zeros_like(eye[:1]), eye])
    identity, expression = shapes.split([model.identity_count, model.expression_count], dim=1)
    points = model.landmarks68(identity, expression)
    if count > points.shape[1]:
        points = torch.cat([points, model.landmarks21(identity, expression)], dim=1)
    basis = points[1:] - points[0]
    if UNSEEN_UNIT in model.expression_names:
        basis[model.identity_count + model.expression_names.index(UNSEEN_UNIT)] = 0.0
    return _Points(mean=points[0], basis=basis, identity_count=model.identity_count)


def _fit_chunk(points: _Points, observed: Observations, config: FitConfig) -> FitResult:
    target = observed.points_image
    shape = torch.zeros(len(target), len(points.basis)).to(target)
    pose = weak_perspective_pose(points.mean[None], target, observed.weight[..., :2].mean(dim=-1))
    depth = _depth_shift(points.at(shape), pose, observed)
    prior = torch.ones(shape.shape[1]).to(target)
    prior[points.identity_count :] = config.sigma_expression**-2
    highest = torch.ones_like(prior)
    highest[: points.identity_count] = IDENTITY_BOUND
    lowest = torch.zeros_like(prior)
    lowest[: points.identity_count] = -IDENTITY_BOUND
    for _ in range(config.iterations):
        residual, weight = _residual(points.at(shape), pose, depth, observed, config)
        jacobian = _jacobian(points, shape, pose)
        normal, gradient = _normal_equations(jacobian, residual, weight, shape, prior)
        frozen = _at_bound(shape, gradient, lowest, highest)
        step = _solve(normal, gradient, frozen, config.damping)
        pose, depth = _move(pose, depth, step)
        shape = (shape + step[:, POSE_COLUMNS:]).clamp(lowest, highest)
    residual, weight = _residual(points.at(shape), pose, depth, observed, config)
    normal, _ = _normal_equations(_jacobian(points, shape, pose), residual, weight, shape, prior)
    variance = torch.cholesky_inverse(torch.linalg.cholesky(normal)).diagonal(dim1=1, dim2=2)
    identity_columns = slice(POSE_COLUMNS, POSE_COLUMNS + points.identity_count)
    planar = (residual**2 * observed.weight)[..., :2].sum(dim=(1, 2))
    return FitResult(
        coefficients=Coefficients(
            pose, shape[:, : points.identity_count], shape[:, points.identity_count :]
        ),
        residual_px=(planar / observed.weight[..., :2].sum(dim=(1, 2)).clamp_min(1e-9)).sqrt(),
        identity_variance=variance[:, identity_columns],
    )


def _depth_shift(points_model: Tensor, pose: Pose, observed: Observations) -> Tensor:
    """Weighted mean offset of the observed z: (B,)."""
    weight = observed.weight[..., 2]
    offset = observed.points_image[..., 2] - image_from_model(points_model, pose)[..., 2]
    return (weight * offset).sum(dim=1) / weight.sum(dim=1).clamp_min(1e-9)


def _residual(
    points_model: Tensor, pose: Pose, depth: Tensor, observed: Observations, config: FitConfig
) -> tuple[Tensor, Tensor]:
    """Residuals (B, P, 3) in pixels and their weights after Huber's reweighting."""
    projected = image_from_model(points_model, pose)
    projected = torch.cat([projected[..., :2], projected[..., 2:] + depth[:, None, None]], dim=-1)
    residual = projected - observed.points_image
    sigmas = (observed.weight * residual**2).sum(dim=-1, keepdim=True).sqrt() / config.sigma_px
    robust = (config.huber_sigma / sigmas.clamp_min(1e-9)).clamp_max(1.0)
    return residual, observed.weight * robust / config.sigma_px**2


def _jacobian(points: _Points, shape: Tensor, pose: Pose) -> Tensor:
    """Derivative of the projected points: (B, 3 P, 7 + C)."""
    batch = len(shape)
    view = view_from_model(points.at(shape), pose)
    zero = torch.zeros_like(view[..., 0])
    x, y, z = view.unbind(dim=-1)
    about = torch.stack(
        [
            torch.stack([zero, -z, y], dim=-1),
            torch.stack([z, zero, -x], dim=-1),
            torch.stack([-y, x, zero], dim=-1),
        ],
        dim=-1,
    )
    scaled_rotation = pose.rotation * pose.scale[:, None, None]
    flat = points.basis.permute(2, 1, 0).reshape(3, -1)
    of_shape = (scaled_rotation @ flat).reshape(batch, 3, -1, len(points.basis))
    of_view = torch.cat([about, view[..., None], of_shape.transpose(1, 2)], dim=-1)
    of_image = of_view * like(IMAGE_AXES, view)[:, None]
    shift = torch.eye(3).to(view).expand(batch, view.shape[1], 3, 3)
    columns = [of_image[..., :4], shift, of_image[..., 4:]]
    return torch.cat(columns, dim=-1).flatten(1, 2)


def _normal_equations(
    jacobian: Tensor, residual: Tensor, weight: Tensor, shape: Tensor, prior: Tensor
) -> tuple[Tensor, Tensor]:
    """Hessian (B, Q, Q) and gradient (B, Q) of half the objective."""
    weighted = jacobian * weight.flatten(1)[..., None]
    normal = weighted.transpose(1, 2) @ jacobian
    gradient = (weighted * residual.flatten(1)[..., None]).sum(dim=1)
    diagonal = torch.cat([torch.full((POSE_COLUMNS,), 1e-6).to(prior), prior])
    gradient[:, POSE_COLUMNS:] += prior * shape
    return normal + torch.diag(diagonal), gradient


def _at_bound(shape: Tensor, gradient: Tensor, lowest: Tensor, highest: Tensor) -> Tensor:
    """Coefficients at a bound whose step would cross it: (B, Q) bool, False for pose."""
    downhill = gradient[:, POSE_COLUMNS:]
    leaving = ((shape <= lowest) & (downhill > 0)) | ((shape >= highest) & (downhill < 0))
    return torch.nn.functional.pad(leaving, (POSE_COLUMNS, 0))


def _solve(normal: Tensor, gradient: Tensor, frozen: Tensor, damping: float) -> Tensor:
    free = (~frozen).to(normal)
    reduced = normal * free[:, :, None] * free[:, None, :]
    diagonal = normal.diagonal(dim1=1, dim2=2)
    reduced = reduced + torch.diag_embed(damping * diagonal * free + frozen.to(normal))
    factor = torch.linalg.cholesky(reduced)
    return -torch.cholesky_solve((gradient * free)[..., None], factor)[..., 0]


def _move(pose: Pose, depth: Tensor, step: Tensor) -> tuple[Pose, Tensor]:
    turn = torch.linalg.matrix_exp(_cross_matrix(step[:, :3].clamp(-0.5, 0.5)))
    moved = Pose(
        rotation=turn @ pose.rotation,
        scale=pose.scale * step[:, 3].clamp(-0.3, 0.3).exp(),
        translation=pose.translation + step[:, 4:6],
    )
    return moved, depth + step[:, 6]


def _cross_matrix(vector: Tensor) -> Tensor:
    x, y, z = vector.unbind(dim=1)
    zero = torch.zeros_like(x)
    return torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=1).reshape(-1, 3, 3)


def _joined(results: list[FitResult]) -> FitResult:
    return FitResult(
        coefficients=concatenated([result.coefficients for result in results]),
        residual_px=torch.cat([result.residual_px for result in results]),
        identity_variance=torch.cat([result.identity_variance for result in results]),
    )
