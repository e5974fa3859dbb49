"""Who is who in a set of faces."""

import torch

from dasl.training.people import one_way_round, people_of

SIGN = torch.tensor([1.0, -1.0, 1.0, -1.0])


def test_a_person_and_the_mirror_image_get_the_same_numbers() -> None:
    identity = torch.randn(20, 4, generator=torch.Generator().manual_seed(0))
    turned, signs = one_way_round(identity, SIGN)
    mirrored, _ = one_way_round(identity * SIGN, SIGN)
    assert torch.equal(turned, mirrored)
    assert torch.equal(turned, identity * signs)
    assert bool((turned[:, 1] >= 0).all())


def test_a_head_model_without_odd_components_turns_nothing() -> None:
    identity = torch.randn(5, 4)
    assert torch.equal(one_way_round(identity, torch.ones(4))[0], identity)


def test_pictures_of_one_person_have_one_number_and_the_unknown_are_alone() -> None:
    first, second = torch.tensor([[1.0, 2.0, 3.0, 4.0], [1.0, -2.0, 0.0, 1.0]])
    nobody = torch.zeros(4)
    identity = torch.stack([first, nobody, second, first * SIGN, nobody, second])
    weight = torch.tensor([1.0, 0.0, 0.05, 1.0, 0.0, 0.05])
    people = people_of(identity, weight, SIGN).tolist()
    assert people[0] == people[3] and people[2] == people[5]
    assert len(set(people)) == 4
