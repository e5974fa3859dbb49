"""Telling people apart: that distances are those of faces, and AUC that of pairs."""

import numpy as np
import pytest
import torch

from dasl.head.morphable_model import MorphableModel
from tools import evaluate_identity
from tools.evaluate_identity import distances_mm, separation


def test_distances_are_those_of_the_neutral_faces() -> None:
    head_model = MorphableModel.load()
    identity = torch.randn(3, head_model.identity_count, generator=torch.Generator().manual_seed(0))
    none = torch.zeros(3, head_model.expression_count)
    faces = head_model.vertices(identity, none)[:, head_model.region("face")]
    wanted = (faces[0] - faces[1]).square().sum(dim=-1).mean().sqrt() * 1000
    actual = distances_mm(head_model, identity)
    assert actual[0, 1] == pytest.approx(float(wanted), rel=1e-3)
    assert actual.diagonal().max() == pytest.approx(0, abs=1e-6)


def test_people_far_apart_are_told_from_each_other_and_equal_ones_are_not() -> None:
    people = np.array([0, 0, 1, 1])
    apart = np.abs(people[:, None] - people) * 2.0 + 0.5
    perfect = separation(apart, people)
    assert perfect["auc"] == 1.0
    assert perfect["same_person_mm"] == 0.5
    assert perfect["two_people_mm"] == 2.5
    assert (perfect["pairs_of_one"], perfect["pairs_of_two"]) == (2, 4)
    assert separation(np.ones((4, 4)), people)["auc"] == 0.5
    assert separation(3.0 - apart, people)["auc"] == 0.0


def test_the_command_knows_people_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate_identity.main(["--people", "6", "--shots", "3"]) == 0
    auc = float(capsys.readouterr().out.split(":")[0].removeprefix("AUC "))
    assert auc > 0.6


def test_a_wrong_number_of_shots_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate_identity.main(["--people", "2", "--shots", "0"]) == 1
    assert "shots" in capsys.readouterr().err
