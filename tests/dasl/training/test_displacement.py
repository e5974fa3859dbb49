"""The weights of WPDC against displacements measured one number at a time."""

import dataclasses

import torch

from dasl.geometry.coefficients import Coefficients, Whitening, decode, encode
from dasl.geometry.frames import image_from_model
from dasl.training.displacement import own_displacements_px
from tests.dasl.tiny_model import random_coefficients, tiny_model

MODEL = tiny_model()
COUNT = 9 + 3 + 2
WHITENING = Whitening(torch.linspace(-0.1, 0.1, COUNT), torch.linspace(0.5, 1.5, COUNT))


def project(found: Coefficients) -> torch.Tensor:
    return image_from_model(MODEL.vertices(found.identity, found.expression), found.pose)[..., :2]


def test_each_weight_is_what_replacing_that_number_moves() -> None:
    drawn = random_coefficients(4)
    # well within [0, 1], where an expression moves points linearly
    truth = dataclasses.replace(drawn, expression=0.4 + 0.2 * drawn.expression)
    target = encode(truth, WHITENING)
    generator = torch.Generator().manual_seed(1)
    raw = target + torch.randn(4, COUNT, generator=generator) * 0.02
    bases = MODEL.mean_vertices, MODEL.identity_basis, MODEL.expression_basis
    moved = own_displacements_px(raw, target, WHITENING, *bases)
    for number in range(COUNT):
        replaced = target.clone()
        replaced[:, number] = raw[:, number]
        offset = project(decode(replaced, WHITENING, 3)) - project(truth)
        wanted = offset.square().sum(dim=-1).mean(dim=-1).sqrt()
        torch.testing.assert_close(moved[:, number], wanted, atol=2e-3, rtol=2e-2)


def test_without_an_error_nothing_moves() -> None:
    target = encode(random_coefficients(3), WHITENING)
    bases = MODEL.mean_vertices, MODEL.identity_basis, MODEL.expression_basis
    moved = own_displacements_px(target, target, WHITENING, *bases)
    assert moved.abs().max() == 0
