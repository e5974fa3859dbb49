"""What the fit promises: weights, bounds, independence of faces, and its own uncertainty."""

import dataclasses

import torch

from dasl.geometry.frames import image_from_model
from dasl.head.fitting import IDENTITY_BOUND, FitConfig, Observations, fit
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from tests.dasl.observed_heads import TRUSTING, assert_same, doubled, observe, real_heads
from tests.dasl.tiny_model import random_coefficients, tiny_model


def _rows(observed: Observations, *rows: int) -> Observations:
    return Observations(observed.points_image[list(rows)], observed.weight[list(rows)])


def test_points_of_weight_zero_change_nothing(head_model: MorphableModel) -> None:
    observed = observe(head_model, real_heads(head_model, 4))
    observed.weight[:, ::5] = 0
    wild = observed.points_image.clone()
    wild[:, ::5] = 1e5 * torch.randn(wild[:, ::5].shape, generator=torch.Generator().manual_seed(0))
    assert_same(
        fit(head_model, Observations(wild, observed.weight)), fit(head_model, observed), atol=1e-5
    )


def test_a_coordinate_of_weight_zero_changes_nothing() -> None:
    model = tiny_model()
    observed = observe(model, random_coefficients(4))
    observed.weight[..., 2] = 0
    wild = observed.points_image.clone()
    wild[..., 2] = 1e4
    assert_same(fit(model, Observations(wild, observed.weight)), fit(model, observed), atol=1e-5)


def test_one_wild_point_counts_less_than_its_square_says(head_model: MorphableModel) -> None:
    truth = real_heads(head_model, 3)
    exact = observe(head_model, truth)
    wild = exact.points_image.clone()
    wild[:, 30, 0] += 40.0
    observed = Observations(wild, exact.weight)

    def moved(huber_sigma: float) -> float:
        config = FitConfig(huber_sigma=huber_sigma)
        actual = landmarks68_image(head_model, fit(head_model, observed, config).coefficients)
        return float((actual[:, 29, 0] - exact.points_image[:, 29, 0]).abs().mean())

    assert moved(huber_sigma=2.5) < 0.4 * moved(huber_sigma=1e6)


def test_a_heavier_point_is_followed_more_closely(head_model: MorphableModel) -> None:
    observed = observe(head_model, real_heads(head_model, 3))
    observed.points_image[:, 8, 1] += 3.0

    def distance(chin: float) -> float:
        weight = observed.weight.clone()
        weight[:, 8] = chin
        result = fit(head_model, Observations(observed.points_image, weight))
        actual = landmarks68_image(head_model, result.coefficients)
        return float((actual - observed.points_image[:, :68])[:, 8, 1].abs().mean())

    assert distance(chin=16.0) < 0.5 * distance(chin=1.0)


def test_no_face_leaves_the_bounds_however_odd_its_points(head_model: MorphableModel) -> None:
    truth = real_heads(head_model, 4)
    giant = dataclasses.replace(
        truth, identity=4 * truth.identity, expression=3 * truth.expression - 1
    )
    actual = fit(head_model, observe(head_model, giant), TRUSTING).coefficients
    assert float(actual.identity.abs().max()) <= IDENTITY_BOUND
    assert float(actual.identity.abs().max()) > IDENTITY_BOUND - 1e-3
    assert float(actual.expression.min()) >= 0
    assert float(actual.expression.max()) <= 1


def test_points_of_pure_noise_give_a_finite_face_within_bounds(head_model: MorphableModel) -> None:
    points = 120 * torch.rand(6, 89, 3, generator=torch.Generator().manual_seed(1))
    result = fit(head_model, Observations(points, torch.ones_like(points)))
    actual = result.coefficients
    everything = [actual.identity, actual.expression, actual.pose.rotation, actual.pose.scale]
    assert all(value.isfinite().all() for value in [*everything, result.identity_variance])
    assert float(actual.identity.abs().max()) <= IDENTITY_BOUND
    torch.testing.assert_close(torch.linalg.det(actual.pose.rotation), torch.ones(6))


def test_each_face_is_fitted_on_its_own(head_model: MorphableModel) -> None:
    observed = observe(head_model, real_heads(head_model, 7))
    whole = fit(head_model, observed)
    in_chunks = fit(head_model, observed, FitConfig(chunk=3))
    assert_same(in_chunks, whole, atol=2e-3)
    alone = fit(head_model, _rows(observed, 5))
    torch.testing.assert_close(
        alone.coefficients.identity[0], whole.coefficients.identity[5], rtol=0, atol=2e-3
    )


def test_68_points_alone_are_enough(head_model: MorphableModel) -> None:
    observed = observe(head_model, real_heads(head_model, 3))
    without21 = Observations(observed.points_image[:, :68], observed.weight[:, :68])
    unseen21 = Observations(observed.points_image, observed.weight.clone())
    unseen21.weight[:, 68:] = 0
    assert_same(fit(head_model, without21), fit(head_model, unseen21), atol=2e-3)


def test_the_fit_works_in_double_precision() -> None:
    model = tiny_model()
    actual = fit(model, observe(model, doubled(random_coefficients(3))))
    assert actual.coefficients.identity.dtype == torch.float64
    assert actual.residual_px.dtype == torch.float64


def test_the_fit_leaves_its_inputs_unchanged(head_model: MorphableModel) -> None:
    observed = observe(head_model, real_heads(head_model, 2))
    points, weight = observed.points_image.clone(), observed.weight.clone()
    fit(head_model, observed)
    assert torch.equal(points, observed.points_image)
    assert torch.equal(weight, observed.weight)


def test_the_posterior_variance_is_at_most_the_priors_and_falls_with_more_points(
    head_model: MorphableModel,
) -> None:
    observed = observe(head_model, real_heads(head_model, 3))
    much = fit(head_model, observed).identity_variance
    few = observed.weight.clone()
    few[:, 20:] = 0
    little = fit(head_model, Observations(observed.points_image, few)).identity_variance
    assert much.shape == (3, head_model.identity_count)
    assert ((much > 0) & (much <= 1 + 1e-5)).all()
    assert float(much.sum()) < float(little.sum())


def test_identity_of_a_face_that_is_hardly_seen_is_as_uncertain_as_the_prior() -> None:
    observed = observe(tiny_model(), random_coefficients(3))
    hardly = Observations(observed.points_image, 1e-9 * observed.weight)
    variance = fit(tiny_model(), hardly).identity_variance
    torch.testing.assert_close(variance, torch.ones(3, 3), rtol=0, atol=0.01)


def test_the_documented_objective_is_flat_at_the_fit() -> None:
    model, truth = tiny_model(), doubled(random_coefficients(6))
    observed = observe(model, truth)
    noise = torch.randn(6, 89, 3, generator=torch.Generator().manual_seed(3)).double()
    observed = Observations(observed.points_image + 3 * noise, observed.weight)
    observed.weight[..., 2] = 0
    config = FitConfig(sigma_px=20.0, sigma_expression=0.5, huber_sigma=1e6, iterations=60)
    actual = fit(model, observed, config).coefficients
    identity, expression = actual.identity.requires_grad_(), actual.expression.requires_grad_()
    points = [points(identity, expression) for points in (model.landmarks68, model.landmarks21)]
    off = (image_from_model(torch.cat(points, 1), actual.pose) - observed.points_image)[..., :2]
    misfit = (off**2).sum() / config.sigma_px**2
    objective = misfit + (identity**2).sum() + (expression**2).sum() / config.sigma_expression**2
    objective.backward()
    inside = (actual.identity.abs() < IDENTITY_BOUND) & (actual.identity.abs() > 0.01)
    assert float(identity.grad[inside].abs().max()) < 1e-3
    between = (actual.expression > 0) & (actual.expression < 1)
    assert float(expression.grad[between].abs().max()) < 1e-3
    assert float(expression.grad[actual.expression == 0].min()) >= 0


def test_the_residual_is_the_root_mean_square_of_x_and_y() -> None:
    # A point of weight 0 has no say; of the others each coordinate is off by what the fit leaves.
    model, truth = tiny_model(), random_coefficients(3)
    observed = observe(model, truth)
    observed.points_image[..., :2] += torch.randn(
        3, 89, 2, generator=torch.Generator().manual_seed(2)
    )
    observed.weight[:, :10] = 0
    result = fit(model, observed)
    actual = result.coefficients
    shape = (actual.identity, actual.expression)
    points = torch.cat([model.landmarks68(*shape), model.landmarks21(*shape)], dim=1)
    off = (image_from_model(points, actual.pose) - observed.points_image)[:, 10:, :2]
    torch.testing.assert_close(result.residual_px, (off**2).mean(dim=(1, 2)).sqrt())
