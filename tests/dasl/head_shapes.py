"""Identity and expression vectors for tests of a morphable model."""

import torch
from torch import Tensor

from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.head.morphable_model import MorphableModel


def random_shapes(model: MorphableModel, count: int) -> tuple[Tensor, Tensor]:
    """(count, K) and (count, E)."""
    generator = torch.Generator().manual_seed(11)
    identity = torch.randn(count, model.identity_count, generator=generator)
    return identity, torch.rand(count, model.expression_count, generator=generator)


def neutral(model: MorphableModel, **expressions: float) -> tuple[Tensor, Tensor]:
    """One mean head, (1, K), with the expressions named, (1, E)."""
    expression = torch.zeros(1, model.expression_count)
    for name, value in expressions.items():
        expression[0, model.expression_names.index(name)] = value
    return torch.zeros(1, model.identity_count), expression


def turned_face(model: MorphableModel, seed: int = 0) -> Coefficients:
    """A random head in a crop, turned about all three axes."""
    generator = torch.Generator().manual_seed(seed)
    return Coefficients(
        pose=Pose(
            rotation=rotation_from_euler_deg(torch.tensor([[30.0, -10.0, 20.0]])),
            scale=torch.tensor([480.0]),
            translation=torch.tensor([[55.0, 66.0]]),
        ),
        identity=torch.randn(1, model.identity_count, generator=generator),
        expression=torch.rand(1, model.expression_count, generator=generator) * 0.3,
    )
