"""The fit: known heads come back from their landmarks, its parts, errors, and real faces."""

import dataclasses
import re
from pathlib import Path

import pytest
import torch
from torch import Tensor

from dasl.datasets.conventions import without_offsets
from dasl.datasets.faces_2d import read_faces_2d
from dasl.datasets.handplaced import handplaced_nme
from dasl.datasets.labels import label_observations
from dasl.errors import ShapeError
from dasl.geometry.frames import image_from_model
from dasl.geometry.rotation import euler_deg_from_rotation
from dasl.head import fitting
from dasl.head.fitting import IDENTITY_BOUND, Observations, fit
from dasl.head.landmarks import AFLW_IN_IBUG
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks68_image
from tests.dasl.observed_heads import TRUSTING, assert_same, doubled, observe, real_heads
from tests.dasl.tiny_model import random_coefficients, tiny_model

# Known heads come back.


def test_a_small_heads_coefficients_come_back_from_exact_points() -> None:
    model, truth = tiny_model(), doubled(random_coefficients(20))
    actual = fit(model, observe(model, truth), TRUSTING)
    coefficients, pose = actual.coefficients, actual.coefficients.pose
    torch.testing.assert_close(coefficients.identity, truth.identity, rtol=0, atol=0.02)
    torch.testing.assert_close(coefficients.expression, truth.expression, rtol=0, atol=0.02)
    torch.testing.assert_close(pose.rotation, truth.pose.rotation, rtol=0, atol=2e-3)
    torch.testing.assert_close(pose.scale, truth.pose.scale, rtol=2e-3, atol=0)
    torch.testing.assert_close(pose.translation, truth.pose.translation, rtol=0, atol=0.05)
    assert float(actual.residual_px.max()) < 0.02


def test_the_embedded_heads_pose_and_face_come_back_from_exact_points(
    head_model: MorphableModel,
) -> None:
    truth = real_heads(head_model, 9)
    actual = fit(head_model, observe(head_model, truth), TRUSTING).coefficients
    turn = actual.pose.rotation @ truth.pose.rotation.transpose(1, 2)
    assert float(euler_deg_from_rotation(turn).abs().max()) < 0.5
    face = head_model.region("face")
    wanted = head_model.vertices(truth.identity, truth.expression)[:, face]
    error = (head_model.vertices(actual.identity, actual.expression)[:, face] - wanted).norm(dim=-1)
    of_mean_head = (torch.from_numpy(head_model.mean_vertices[face]) - wanted).norm(dim=-1)
    assert float(error.mean()) < 0.35 * float(of_mean_head.mean())


def test_the_fit_needs_no_depth(head_model: MorphableModel) -> None:
    truth = real_heads(head_model, 5)
    observed = observe(head_model, truth)
    observed.weight[..., 2] = 0
    actual = fit(head_model, observed, dataclasses.replace(TRUSTING, sigma_px=0.2)).coefficients
    turn = actual.pose.rotation @ truth.pose.rotation.transpose(1, 2)
    assert float(euler_deg_from_rotation(turn).abs().max()) < 6
    assert float(fit(head_model, observed, TRUSTING).residual_px.max()) < 0.1


def test_depth_counts_only_up_to_a_common_shift() -> None:
    model = tiny_model()
    observed = observe(model, doubled(random_coefficients(4)))
    shifted = Observations(observed.points_image + torch.tensor([0.0, 0.0, 250.0]), observed.weight)
    assert_same(fit(model, shifted), fit(model, observed), atol=1e-6)


def test_a_mirrored_face_fits_the_mirrored_head(head_model: MorphableModel) -> None:
    from dasl.head.landmarks import MIRROR_21, MIRROR_68

    observed = observe(head_model, real_heads(head_model, 5))
    partner = [*MIRROR_68, *(68 + row for row in MIRROR_21)]
    mirrored = observed.points_image[:, partner] * torch.tensor([-1.0, 1.0, 1.0])
    actual = fit(head_model, Observations(mirrored, observed.weight)).coefficients
    wanted = fit(head_model, observed).coefficients
    flip = torch.from_numpy(head_model.identity_mirror_sign)
    torch.testing.assert_close(actual.identity * flip, wanted.identity, rtol=0, atol=0.25)
    angles = euler_deg_from_rotation(actual.pose.rotation) * torch.tensor([-1.0, 1.0, -1.0])
    torch.testing.assert_close(
        angles, euler_deg_from_rotation(wanted.pose.rotation), rtol=0, atol=0.5
    )


# Parts.


def test_the_jacobian_is_the_derivative_of_projecting_after_a_move() -> None:
    model, truth = tiny_model(), doubled(random_coefficients(2))
    points = fitting._point_model(model, torch.zeros(1, 89, 3, dtype=torch.float64))
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
    actual = fitting._jacobian(points, shape, truth.pose)
    torch.testing.assert_close(actual, wanted, rtol=1e-6, atol=1e-6)


def test_the_linear_point_model_is_the_morphable_models() -> None:
    model, truth = tiny_model(), random_coefficients(4)
    shape = torch.cat([truth.identity, truth.expression], 1)
    points = fitting._point_model(model, torch.zeros(1, 89, 3)).at(shape)
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
    observed = observe(tiny_model(), random_coefficients(3))
    observed.weight[1, 3:] = 0
    with pytest.raises(ValueError, match="face 1 has 3 observed points; at least 4"):
        fit(tiny_model(), observed)


def test_points_that_are_not_finite_are_refused() -> None:
    observed = observe(tiny_model(), random_coefficients(3))
    observed.points_image[1, 3] = torch.nan
    with pytest.raises(ValueError, match=r"points_image must be finite; .* weight 0"):
        fit(tiny_model(), observed)


# Real faces.


def test_half_of_the_hand_placed_points_predicts_the_other_half(
    head_model: MorphableModel, data_root: Path
) -> None:
    raw = read_faces_2d(data_root, "validation", 300)
    faces = without_offsets(raw)
    observed = label_observations(faces)
    generator = torch.Generator().manual_seed(0)
    held_out = torch.rand(len(faces), 21, generator=generator) < 0.5
    observed.weight[:, 68:] *= ~held_out[..., None]
    actual = fit(head_model, observed).coefficients
    assert float(actual.identity.abs().max()) <= IDENTITY_BOUND

    def error(landmarks68: Tensor) -> float:
        seen = faces.visible21 & held_out
        return float(handplaced_nme(landmarks68, faces.landmarks21_crop, seen).nanmean())

    detected, debiased = raw.detected68_crop, faces.detected68_crop
    assert len(AFLW_IN_IBUG) == 17
    assert error(debiased) < error(detected)
    assert error(landmarks68_image(head_model, actual)) < 0.95 * error(debiased)
