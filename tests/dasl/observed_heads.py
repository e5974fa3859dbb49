"""Heads with known coefficients, and what is seen of them."""

import torch

from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.head.fitting import FitConfig, FitResult, Observations
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks21_image, landmarks68_image

# Exact points: hardly any prior, and time to converge.
TRUSTING = FitConfig(sigma_px=0.01, sigma_expression=2.0, iterations=30)


def observe(model: MorphableModel, truth: Coefficients) -> Observations:
    """All 89 points, exact, all coordinates seen."""
    points = torch.cat([landmarks68_image(model, truth), landmarks21_image(model, truth)], dim=1)
    return Observations(points, torch.ones_like(points))


def real_heads(model: MorphableModel, count: int) -> Coefficients:
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


def assert_same(result: FitResult, wanted: FitResult, atol: float = 1e-4) -> None:
    """Two fits agree in pose, coefficients and uncertainty."""
    pairs = [
        (result.coefficients.pose.rotation, wanted.coefficients.pose.rotation),
        (result.coefficients.pose.translation, wanted.coefficients.pose.translation),
        (result.coefficients.identity, wanted.coefficients.identity),
        (result.coefficients.expression, wanted.coefficients.expression),
        (result.identity_variance, wanted.identity_variance),
    ]
    for one, other in pairs:
        torch.testing.assert_close(one, other, rtol=1e-3, atol=atol)


def doubled(coefficients: Coefficients) -> Coefficients:
    """The same in float64."""
    pose = coefficients.pose
    return Coefficients(
        Pose(pose.rotation.double(), pose.scale.double(), pose.translation.double()),
        coefficients.identity.double(),
        coefficients.expression.double(),
    )
