"""The objective: which terms there are, whom they count for, and that a perfect answer is free."""

import dataclasses

import pytest
import torch

from dasl.geometry.coefficients import Coefficients, Whitening, decode, encode
from dasl.head.projection import vertices_image
from dasl.training.config import LossConfig
from dasl.training.learner import Passes
from dasl.training.objective import TERMS, Objective, own_displacements_px
from tests.dasl.tensor_head import TensorHead
from tests.dasl.tiny_model import invented_faces, random_coefficients, tiny_model

FACES = invented_faces(6)
COUNT = 9 + 3 + 2
WHITENING = Whitening(torch.zeros(COUNT), torch.ones(COUNT))
EVERY_TERM = LossConfig(**dict.fromkeys(TERMS, 1.0))  # type: ignore[arg-type]


def objective(**settings: object) -> Objective:
    return Objective(tiny_model(), WHITENING, dataclasses.replace(EVERY_TERM, **settings))


def answers(error: float) -> Passes:
    raw = encode(FACES.coefficients, WHITENING) + error
    direct = FACES.landmarks68_crop[..., :2] + error
    return Passes(raw.requires_grad_(), raw.clone() + error, direct)


def test_a_perfect_answer_costs_nothing_but_its_prior() -> None:
    terms = objective().terms(answers(0.0), FACES, torch.zeros(6))
    assert tuple(terms) == TERMS
    assert [n for n, v in terms.items() if v.abs().max() > 1e-4] == ["prior"]


def test_an_error_costs_in_every_term_and_moves_the_network() -> None:
    passes = answers(0.3)
    all_terms = objective()
    terms = all_terms.terms(passes, FACES, torch.ones(6))
    free = [name for name, value in terms.items() if not bool((value > 1e-4).any())]
    assert free == ["agreement"], "each face shows another person"
    all_terms.total(terms).sum().backward()
    assert passes.first.grad is not None and bool(torch.isfinite(passes.first.grad).all())


def test_terms_of_weight_0_are_left_out() -> None:
    terms = objective(cycle=0.0, vertex=0.0, wpdc=0.0).terms(answers(0.1), FACES, None)
    assert {"cycle", "vertex", "wpdc", "self_critic"}.isdisjoint(terms)
    assert not objective(cycle=0.0, consistency_3d=0.0).second_pass
    assert objective(cycle=0.0).second_pass


def test_faces_without_3d_annotation_give_no_3d_term_and_no_depth() -> None:
    wild = dataclasses.replace(
        FACES,
        coefficient_weight=torch.zeros(6),
        landmarks68_crop=FACES.landmarks68_crop * torch.tensor([1.0, 1.0, 0.0]),
        coefficients=dataclasses.replace(FACES.coefficients, identity=torch.zeros(6, 3)),
    )
    terms = objective().terms(answers(0.0), wild, None)
    for name in ("coefficient", "wpdc", "vertex", "identity"):
        assert terms[name].abs().max() == 0
    assert terms["agreement"].abs().max() < 1e-6, "nobody knows who they are"
    assert terms["landmark"].abs().max() < 1e-5
    only = objective(landmark_faces="annotated").terms(answers(0.5), wild, None)
    assert only["landmark"].abs().max() == 0 and only["consistency_2d"].min() > 0


def test_what_expression_makes_up_for_still_costs_as_identity() -> None:
    model = tiny_model()
    model.expression_basis = model.identity_basis[:2].copy()
    expression = torch.full((6, 2), 0.5)
    faces = dataclasses.replace(
        FACES, coefficients=dataclasses.replace(FACES.coefficients, expression=expression)
    )
    raw = encode(faces.coefficients, WHITENING)
    raw[:, 9] += 0.2
    raw[:, 9 + 3] -= 0.2
    terms = Objective(model, WHITENING, EVERY_TERM).terms(Passes(raw, raw, None), faces)
    assert terms["vertex"].abs().max() < 1e-5
    assert terms["identity"].min() > 1e-4


def test_pictures_of_one_person_must_agree_also_in_a_mirror() -> None:
    sign = torch.from_numpy(tiny_model().identity_mirror_sign)
    identity = FACES.coefficients.identity.clone()
    identity[1], identity[3] = identity[0] * sign, identity[2]
    faces = dataclasses.replace(
        FACES, coefficients=dataclasses.replace(FACES.coefficients, identity=identity)
    )
    raw = encode(faces.coefficients, WHITENING)
    agreed = objective().terms(Passes(raw, raw, None), faces)["agreement"]
    assert agreed.abs().max() < 1e-6
    apart = raw.clone()
    apart[0, 9] += 0.5
    apart[4, 9] += 0.5
    costs = objective().terms(Passes(apart, apart, None), faces)["agreement"]
    assert (costs > 1e-4).tolist() == [True, True, False, False, False, False]


def test_the_mask_changes_the_2d_consistency_alone() -> None:
    masked, even = (objective(central_mask=on).terms(answers(0.3), FACES) for on in (True, False))
    changed = [name for name in masked if not torch.equal(masked[name], even[name])]
    assert changed == ["consistency_2d"]


def test_the_second_stage_weighs_vertices_anew() -> None:
    first = objective(vertex=0.0)
    second = first.with_vertex_weight(4.0)
    extra = second.total(second.terms(answers(0.2), FACES)) - first.total(
        first.terms(answers(0.2), FACES)
    )
    vertex = second.terms(answers(0.2), FACES)["vertex"]
    assert extra.detach().numpy() == pytest.approx(4.0 * vertex.detach().numpy(), rel=1e-3)


# The weights of WPDC against displacements measured one number at a time.

MODEL = tiny_model()
UNEVEN = Whitening(torch.linspace(-0.1, 0.1, COUNT), torch.linspace(0.5, 1.5, COUNT))


def project(coefficients: Coefficients) -> torch.Tensor:
    return vertices_image(MODEL, coefficients)[..., :2]


def test_each_weight_is_what_replacing_that_number_moves() -> None:
    drawn = random_coefficients(4)
    # well within [0, 1], where an expression moves points linearly
    truth = dataclasses.replace(drawn, expression=0.4 + 0.2 * drawn.expression)
    target = encode(truth, UNEVEN)
    generator = torch.Generator().manual_seed(1)
    raw = target + torch.randn(4, COUNT, generator=generator) * 0.02
    head = TensorHead(MODEL)
    bases = head.mean_vertices, head.identity_basis, head.expression_basis
    moved = own_displacements_px(raw, target, UNEVEN, *bases)
    for number in range(COUNT):
        replaced = target.clone()
        replaced[:, number] = raw[:, number]
        offset = project(decode(replaced, UNEVEN, 3)) - project(truth)
        wanted = offset.square().sum(dim=-1).mean(dim=-1).sqrt()
        torch.testing.assert_close(moved[:, number], wanted, atol=2e-3, rtol=2e-2)


def test_without_an_error_nothing_moves() -> None:
    target = encode(random_coefficients(3), UNEVEN)
    head = TensorHead(MODEL)
    bases = head.mean_vertices, head.identity_basis, head.expression_basis
    moved = own_displacements_px(target, target, UNEVEN, *bases)
    assert moved.abs().max() == 0
