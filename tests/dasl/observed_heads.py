"""Heads with known coefficients, and what is seen of them."""

import torch

from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.frames import image_from_model
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.head.fitting import FitConfig, FitResult, Observations
from dasl.head.morphable_model import MorphableModel

# Exact points: hardly any prior, and time to converge.
TRUSTING = FitConfig(sigma_px=0.01, sigma_expression=2.0, iterations=30)


def observe(model: MorphableModel, truth: Coefficients) -> Observations:
    """All 89 points, exact, all coordinates seen."""
    shape = (truth.identity, truth.expression)
    points = torch.cat([model.landmarks68(*shape), model.landmarks21(*shape)], dim=1)
    image = image_from_model(points, truth.pose)
    return Observations(image, torch.ones_like(image))


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


def assert_same(found: FitResult, wanted: FitResult, atol: float = 1e-4) -> None:
    """Two fits agree in pose, coefficients and uncertainty."""
    pairs = [
        (found.coefficients.pose.rotation, wanted.coefficients.pose.rotation),
        (found.coefficients.pose.translation, wanted.coefficients.pose.translation),
        (found.coefficients.identity, wanted.coefficients.identity),
        (found.coefficients.expression, wanted.coefficients.expression),
        (found.identity_variance, wanted.identity_variance),
    ]
    for one, other in pairs:
        torch.testing.assert_close(one, other, rtol=1e-3, atol=atol)


def doubled(found: Coefficients) -> Coefficients:
    """The same in float64."""
    pose = found.pose
    return Coefficients(
        Pose(pose.rotation.double(), pose.scale.double(), pose.translation.double()),
        found.identity.double(),
        found.expression.double(),
    )
