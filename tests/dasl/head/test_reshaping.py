"""A new identity on the old place."""

import pytest
import torch

from dasl.geometry.coefficients import Coefficients, Pose
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import vertices_image
from dasl.head.reshaping import with_identity


@pytest.fixture(scope="module")
def heads() -> Coefficients:
    model = MorphableModel.load()
    random = torch.Generator().manual_seed(0)
    expression = torch.zeros(2, model.expression_count)
    expression[:, model.expression_names.index("jawOpen")] = 0.4
    return Coefficients(
        Pose(
            rotation_from_euler_deg(torch.tensor([[0.0, 5.0, 3.0], [50.0, -5.0, 0.0]])),
            torch.tensor([500.0, 2000.0]),
            torch.tensor([[100.0, 90.0], [400.0, 300.0]]),
        ),
        torch.randn(2, model.identity_count, generator=random),
        expression,
    )


def _distance(one: Coefficients, other: Coefficients, model: MorphableModel) -> torch.Tensor:
    """(B,) mean over the face, metres on the photo."""
    face = model.region("face")
    there, here = (vertices_image(model, heads)[:, face, :2] for heads in (one, other))
    return (there - here).norm(dim=-1).mean(dim=1) / one.pose.scale


def test_the_same_identity_changes_nothing(head_model, heads):
    again = with_identity(head_model, heads, heads.identity)
    assert _distance(heads, again, head_model).max() < 1e-5
    torch.testing.assert_close(again.expression, heads.expression, atol=1e-3, rtol=0)
    torch.testing.assert_close(again.pose.rotation, heads.pose.rotation, atol=1e-3, rtol=0)


def test_another_identity_lies_nearer_than_with_the_old_pose(head_model, heads):
    identity = 0.5 * heads.identity[0]
    moved = with_identity(head_model, heads, identity)
    torch.testing.assert_close(moved.identity, identity.expand(2, -1))
    left = Coefficients(heads.pose, moved.identity, heads.expression)
    assert (_distance(heads, moved, head_model) < _distance(heads, left, head_model)).all()
    assert (moved.expression - heads.expression).abs().max() < 0.3
    assert 0 <= moved.expression.min() <= moved.expression.max() <= 1


def test_each_head_of_a_batch_is_what_it_is_alone(head_model, heads):
    identity = torch.zeros(head_model.identity_count)
    together = with_identity(head_model, heads, identity)
    alone = with_identity(head_model, heads.rows(1, 2), identity)
    torch.testing.assert_close(together.expression[1:], alone.expression, atol=1e-4, rtol=0)
    torch.testing.assert_close(together.pose.scale[1:], alone.pose.scale)
