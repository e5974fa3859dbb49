"""The fit: known heads come back from their landmarks, and the rules it promises to keep."""

import dataclasses
import re
from pathlib import Path

import pytest
import torch
from torch import Tensor

from dasl import fitting
from dasl.coefficients import Coefficients, Pose, euler_deg_from_rotation, rotation_from_euler_deg
from dasl.datasets.faces_2d import read_faces_2d
from dasl.errors import ShapeError
from dasl.fitting import IDENTITY_BOUND, FitConfig, FitResult, Observations, fit
from dasl.frames import image_from_model
from dasl.labels import DETECTED_OFFSET_PX, fitted_landmarks68, label_observations
from dasl.morphable_model import MorphableModel
from dasl.validation import COMPARED_POINTS, handplaced_nme
from tests.dasl.tiny_model import random_coefficients, tiny_model

# Exact points: hardly any prior, and time to converge.
TRUSTING = FitConfig(sigma_px=0.01, sigma_expression=2.0, iterations=30)


@pytest.fixture(scope="module")
def head() -> MorphableModel:
    """The embedded head."""
    return MorphableModel.load()


def _observe(model: MorphableModel, truth: Coefficients) -> Observations:
    """All 89 points, exact, all coordinates seen."""
    shape = (truth.identity, truth.expression)
    points = torch.cat([model.landmarks68(*shape), model.landmarks21(*shape)], dim=1)
    image = image_from_model(points, truth.pose)
    return Observations(image, torch.ones_like(image))


def _real_heads(model: MorphableModel, count: int) -> Coefficients:
    """Faces of the embedded head up to profile, as they fill a crop."""
    generator = torch.Generator().manual_seed(8)
    yaw = torch.linspace(-70, 70, count)
    tilt = 10 * torch.randn(count, 2, generator=generator)
    pose = Pose(
        rotation_from_euler_deg(torch.cat([yaw[:, None], tilt], dim=1)),
        450 + 50 * torch.randn(count, generator=generator),
        60 + 3 * torch.randn(count, 2, generator=generator),
    )
    identity = torch.randn(count, model.identity_count, generator=generator).clamp(-2.5, 2.5)
    spark = torch.rand(count, model.expression_count, generator=generator)
    expression = torch.where(spark > 0.8, (spark - 0.8) * 4, torch.zeros(()))
    return Coefficients(pose, identity, expression)


def _rows(observed: Observations, *rows: int) -> Observations:
    return Observations(observed.points_image[list(rows)], observed.weight[list(rows)])


def _assert_same(found: FitResult, wanted: FitResult, atol: float = 1e-4) -> None:
    pairs = [
        (found.coefficients.pose.rotation, wanted.coefficients.pose.rotation),
        (found.coefficients.pose.translation, wanted.coefficients.pose.translation),
        (found.coefficients.identity, wanted.coefficients.identity),
        (found.coefficients.expression, wanted.coefficients.expression),
        (found.identity_variance, wanted.identity_variance),
    ]
    for one, other in pairs:
        torch.testing.assert_close(one, other, rtol=1e-3, atol=atol)


# Known heads come back.


def test_a_small_heads_coefficients_come_back_from_exact_points() -> None:
    model, truth = tiny_model().double(), _doubled(random_coefficients(20))
    found = fit(model, _observe(model, truth), TRUSTING)
    coefficients, pose = found.coefficients, found.coefficients.pose
    torch.testing.assert_close(coefficients.identity, truth.identity, rtol=0, atol=0.02)
    torch.testing.assert_close(coefficients.expression, truth.expression, rtol=0, atol=0.02)
    torch.testing.assert_close(pose.rotation, truth.pose.rotation, rtol=0, atol=2e-3)
    torch.testing.assert_close(pose.scale, truth.pose.scale, rtol=2e-3, atol=0)
    torch.testing.assert_close(pose.translation, truth.pose.translation, rtol=0, atol=0.05)
    assert float(found.residual_px.max()) < 0.02


def test_the_embedded_heads_pose_and_face_come_back_from_exact_points(head: MorphableModel) -> None:
    truth = _real_heads(head, 9)
    found = fit(head, _observe(head, truth), TRUSTING).coefficients
    turn = found.pose.rotation @ truth.pose.rotation.transpose(1, 2)
    assert float(euler_deg_from_rotation(turn).abs().max()) < 0.5
    face = head.region("face")
    wanted = head.vertices(truth.identity, truth.expression)[:, face]
    error = (head.vertices(found.identity, found.expression)[:, face] - wanted).norm(dim=-1)
    of_mean_head = (head.mean_vertices[face] - wanted).norm(dim=-1)
    assert float(error.mean()) < 0.35 * float(of_mean_head.mean())


def test_the_fit_needs_no_depth(head: MorphableModel) -> None:
    truth = _real_heads(head, 5)
    observed = _observe(head, truth)
    observed.weight[..., 2] = 0
    found = fit(head, observed, dataclasses.replace(TRUSTING, sigma_px=0.2)).coefficients
    turn = found.pose.rotation @ truth.pose.rotation.transpose(1, 2)
    assert float(euler_deg_from_rotation(turn).abs().max()) < 6
    assert float(fit(head, observed, TRUSTING).residual_px.max()) < 0.1


def test_depth_counts_only_up_to_a_common_shift() -> None:
    model = tiny_model().double()
    observed = _observe(model, _doubled(random_coefficients(4)))
    shifted = Observations(observed.points_image + torch.tensor([0.0, 0.0, 250.0]), observed.weight)
    _assert_same(fit(model, shifted), fit(model, observed), atol=1e-6)


def test_a_mirrored_face_fits_the_mirrored_head(head: MorphableModel) -> None:
    from dasl.training.augment import MIRROR_21, MIRROR_68

    observed = _observe(head, _real_heads(head, 5))
    partner = [*MIRROR_68, *(68 + row for row in MIRROR_21)]
    mirrored = observed.points_image[:, partner] * torch.tensor([-1.0, 1.0, 1.0])
    found = fit(head, Observations(mirrored, observed.weight)).coefficients
    wanted = fit(head, observed).coefficients
    flip = head.identity_mirror_sign
    torch.testing.assert_close(found.identity * flip, wanted.identity, rtol=0, atol=0.25)
    angles = euler_deg_from_rotation(found.pose.rotation) * torch.tensor([-1.0, 1.0, -1.0])
    torch.testing.assert_close(
        angles, euler_deg_from_rotation(wanted.pose.rotation), rtol=0, atol=0.5
    )


# Rules.


def test_points_of_weight_zero_change_nothing(head: MorphableModel) -> None:
    observed = _observe(head, _real_heads(head, 4))
    observed.weight[:, ::5] = 0
    wild = observed.points_image.clone()
    wild[:, ::5] = 1e5 * torch.randn(wild[:, ::5].shape, generator=torch.Generator().manual_seed(0))
    _assert_same(fit(head, Observations(wild, observed.weight)), fit(head, observed), atol=1e-5)


def test_a_coordinate_of_weight_zero_changes_nothing() -> None:
    model = tiny_model()
    observed = _observe(model, random_coefficients(4))
    observed.weight[..., 2] = 0
    wild = observed.points_image.clone()
    wild[..., 2] = 1e4
    _assert_same(fit(model, Observations(wild, observed.weight)), fit(model, observed), atol=1e-5)


def test_one_wild_point_counts_less_than_its_square_says(head: MorphableModel) -> None:
    truth = _real_heads(head, 3)
    exact = _observe(head, truth)
    wild = exact.points_image.clone()
    wild[:, 30, 0] += 40.0
    observed = Observations(wild, exact.weight)

    def moved(huber_sigma: float) -> float:
        config = FitConfig(huber_sigma=huber_sigma)
        found = fitted_landmarks68(head, fit(head, observed, config).coefficients)
        return float((found[:, 29, 0] - exact.points_image[:, 29, 0]).abs().mean())

    assert moved(huber_sigma=2.5) < 0.4 * moved(huber_sigma=1e6)


def test_a_heavier_point_is_followed_more_closely(head: MorphableModel) -> None:
    observed = _observe(head, _real_heads(head, 3))
    observed.points_image[:, 8, 1] += 3.0

    def distance(chin: float) -> float:
        weight = observed.weight.clone()
        weight[:, 8] = chin
        result = fit(head, Observations(observed.points_image, weight))
        found = fitted_landmarks68(head, result.coefficients)
        return float((found - observed.points_image[:, :68])[:, 8, 1].abs().mean())

    assert distance(chin=16.0) < 0.5 * distance(chin=1.0)


def test_no_face_leaves_the_bounds_however_odd_its_points(head: MorphableModel) -> None:
    truth = _real_heads(head, 4)
    giant = dataclasses.replace(
        truth, identity=4 * truth.identity, expression=3 * truth.expression - 1
    )
    found = fit(head, _observe(head, giant), TRUSTING).coefficients
    assert float(found.identity.abs().max()) <= IDENTITY_BOUND
    assert float(found.identity.abs().max()) > IDENTITY_BOUND - 1e-3
    assert float(found.expression.min()) >= 0
    assert float(found.expression.max()) <= 1


def test_points_of_pure_noise_give_a_finite_face_within_bounds(head: MorphableModel) -> None:
    points = 120 * torch.rand(6, 89, 3, generator=torch.Generator().manual_seed(1))
    result = fit(head, Observations(points, torch.ones_like(points)))
    found = result.coefficients
    everything = [found.identity, found.expression, found.pose.rotation, found.pose.scale]
    assert all(value.isfinite().all() for value in [*everything, result.identity_variance])
    assert float(found.identity.abs().max()) <= IDENTITY_BOUND
    torch.testing.assert_close(torch.linalg.det(found.pose.rotation), torch.ones(6))


def test_each_face_is_fitted_on_its_own(head: MorphableModel) -> None:
    observed = _observe(head, _real_heads(head, 7))
    whole = fit(head, observed)
    in_chunks = fit(head, observed, FitConfig(chunk=3))
    _assert_same(in_chunks, whole, atol=2e-3)
    alone = fit(head, _rows(observed, 5))
    torch.testing.assert_close(
        alone.coefficients.identity[0], whole.coefficients.identity[5], rtol=0, atol=2e-3
    )


def test_68_points_alone_are_enough(head: MorphableModel) -> None:
    observed = _observe(head, _real_heads(head, 3))
    without21 = Observations(observed.points_image[:, :68], observed.weight[:, :68])
    unseen21 = Observations(observed.points_image, observed.weight.clone())
    unseen21.weight[:, 68:] = 0
    _assert_same(fit(head, without21), fit(head, unseen21), atol=2e-3)


def test_the_fit_works_in_double_precision() -> None:
    model = tiny_model().double()
    found = fit(model, _observe(model, _doubled(random_coefficients(3))))
    assert found.coefficients.identity.dtype == torch.float64
    assert found.residual_px.dtype == torch.float64


def test_the_fit_leaves_its_inputs_unchanged(head: MorphableModel) -> None:
    observed = _observe(head, _real_heads(head, 2))
    points, weight = observed.points_image.clone(), observed.weight.clone()
    fit(head, observed)
    assert torch.equal(points, observed.points_image)
    assert torch.equal(weight, observed.weight)


def test_the_posterior_variance_is_at_most_the_priors_and_falls_with_more_points(
    head: MorphableModel,
) -> None:
    observed = _observe(head, _real_heads(head, 3))
    much = fit(head, observed).identity_variance
    few = observed.weight.clone()
    few[:, 20:] = 0
    little = fit(head, Observations(observed.points_image, few)).identity_variance
    assert much.shape == (3, head.identity_count)
    assert ((much > 0) & (much <= 1 + 1e-5)).all()
    assert float(much.sum()) < float(little.sum())


def test_identity_of_a_face_that_is_hardly_seen_is_as_uncertain_as_the_prior() -> None:
    observed = _observe(tiny_model(), random_coefficients(3))
    hardly = Observations(observed.points_image, 1e-9 * observed.weight)
    variance = fit(tiny_model(), hardly).identity_variance
    torch.testing.assert_close(variance, torch.ones(3, 3), rtol=0, atol=0.01)


def test_the_documented_objective_is_flat_at_the_fit() -> None:
    model, truth = tiny_model().double(), _doubled(random_coefficients(6))
    observed = _observe(model, truth)
    noise = torch.randn(6, 89, 3, generator=torch.Generator().manual_seed(3)).double()
    observed = Observations(observed.points_image + 3 * noise, observed.weight)
    observed.weight[..., 2] = 0
    config = FitConfig(sigma_px=20.0, sigma_expression=0.5, huber_sigma=1e6, iterations=60)
    found = fit(model, observed, config).coefficients
    identity, expression = found.identity.requires_grad_(), found.expression.requires_grad_()
    points = [points(identity, expression) for points in (model.landmarks68, model.landmarks21)]
    off = (image_from_model(torch.cat(points, 1), found.pose) - observed.points_image)[..., :2]
    misfit = (off**2).sum() / config.sigma_px**2
    objective = misfit + (identity**2).sum() + (expression**2).sum() / config.sigma_expression**2
    objective.backward()
    inside = (found.identity.abs() < IDENTITY_BOUND) & (found.identity.abs() > 0.01)
    assert float(identity.grad[inside].abs().max()) < 1e-3
    between = (found.expression > 0) & (found.expression < 1)
    assert float(expression.grad[between].abs().max()) < 1e-3
    assert float(expression.grad[found.expression == 0].min()) >= 0


def test_the_residual_is_the_root_mean_square_of_x_and_y() -> None:
    # A point of weight 0 has no say; of the others each coordinate is off by what the fit leaves.
    model, truth = tiny_model(), random_coefficients(3)
    observed = _observe(model, truth)
    observed.points_image[..., :2] += torch.randn(
        3, 89, 2, generator=torch.Generator().manual_seed(2)
    )
    observed.weight[:, :10] = 0
    result = fit(model, observed)
    found = result.coefficients
    shape = (found.identity, found.expression)
    points = torch.cat([model.landmarks68(*shape), model.landmarks21(*shape)], dim=1)
    off = (image_from_model(points, found.pose) - observed.points_image)[:, 10:, :2]
    torch.testing.assert_close(result.residual_px, (off**2).mean(dim=(1, 2)).sqrt())


# Parts.


def test_the_jacobian_is_the_derivative_of_projecting_after_a_move() -> None:
    model, truth = tiny_model().double(), _doubled(random_coefficients(2))
    points = fitting._point_model(model, 89)
    shape = torch.cat([truth.identity, truth.expression], dim=1)
    depth = torch.tensor([3.0, -4.0], dtype=torch.float64)

    def project(step: Tensor) -> Tensor:
        pose, shift = fitting._move(truth.pose, depth, step)
        image = image_from_model(points.at(shape + step[:, fitting.POSE_COLUMNS :]), pose)
        along_z = torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64)
        return (image + shift[:, None, None] * along_z).flatten(1)

    columns = fitting.POSE_COLUMNS + shape.shape[1]
    rest = torch.zeros(2, columns, dtype=torch.float64)
    whole = torch.autograd.functional.jacobian(project, rest)
    wanted = torch.stack([whole[face, :, face] for face in range(2)])
    found = fitting._jacobian(points, shape, truth.pose)
    torch.testing.assert_close(found, wanted, rtol=1e-6, atol=1e-6)


def test_the_linear_point_model_is_the_morphable_models() -> None:
    model, truth = tiny_model(), random_coefficients(4)
    points = fitting._point_model(model, 89).at(torch.cat([truth.identity, truth.expression], 1))
    torch.testing.assert_close(points[:, :68], model.landmarks68(truth.identity, truth.expression))
    torch.testing.assert_close(points[:, 68:], model.landmarks21(truth.identity, truth.expression))


# Errors.


def test_points_without_depth_are_refused() -> None:
    points = torch.zeros(2, 68, 2)
    with pytest.raises(
        ShapeError, match=re.escape("points_image must be (N, P, 3), got (2, 68, 2)")
    ):
        fit(tiny_model(), Observations(points, points))


def test_a_weight_of_another_shape_is_refused() -> None:
    wanted = re.escape("weight must be (2, 68, 3), got (2, 68, 1)")
    with pytest.raises(ShapeError, match=wanted):
        fit(tiny_model(), Observations(torch.zeros(2, 68, 3), torch.ones(2, 68, 1)))


def test_another_number_of_points_is_refused() -> None:
    points = torch.zeros(2, 21, 3)
    with pytest.raises(ShapeError, match=re.escape("must hold 68 or 68 + 21 points, got 21")):
        fit(tiny_model(), Observations(points, points))


def test_no_face_at_all_is_refused() -> None:
    points = torch.zeros(0, 68, 3)
    with pytest.raises(ShapeError, match="at least one face"):
        fit(tiny_model(), Observations(points, points))


def test_a_face_with_too_few_points_is_named() -> None:
    observed = _observe(tiny_model(), random_coefficients(3))
    observed.weight[1, 3:] = 0
    with pytest.raises(ValueError, match="face 1 has 3 observed points; at least 4"):
        fit(tiny_model(), observed)


def test_points_that_are_not_finite_are_refused() -> None:
    observed = _observe(tiny_model(), random_coefficients(3))
    observed.points_image[1, 3] = torch.nan
    with pytest.raises(ValueError, match=r"points_image must be finite; .* weight 0"):
        fit(tiny_model(), observed)


# Real faces.


def test_half_of_the_hand_placed_points_predicts_the_other_half(
    head: MorphableModel, data_root: Path
) -> None:
    faces = read_faces_2d(data_root, "validation", 300)
    observed = label_observations(faces)
    generator = torch.Generator().manual_seed(0)
    held_out = torch.rand(len(faces), 21, generator=generator) < 0.5
    observed.weight[:, 68:] *= ~held_out[..., None]
    found = fit(head, observed).coefficients
    assert float(found.identity.abs().max()) <= IDENTITY_BOUND

    def error(landmarks68: Tensor) -> float:
        seen = faces.visible21 & held_out
        return float(handplaced_nme(landmarks68, faces.landmarks21_crop, seen).nanmean())

    detected = faces.detected68_crop[..., :2]
    debiased = detected - torch.tensor(DETECTED_OFFSET_PX)
    assert len(COMPARED_POINTS) == 17
    assert error(debiased) < error(detected)
    assert error(fitted_landmarks68(head, found)) < 0.95 * error(debiased)


def _doubled(found: Coefficients) -> Coefficients:
    pose = found.pose
    return Coefficients(
        Pose(pose.rotation.double(), pose.scale.double(), pose.translation.double()),
        found.identity.double(),
        found.expression.double(),
    )
