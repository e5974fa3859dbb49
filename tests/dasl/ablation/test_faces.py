"""Who is annotated, and that nothing else is known of the rest."""

import dataclasses
import hashlib
from pathlib import Path

import torch

from dasl.ablation.faces import AblationFaces, is_annotated, load_ablation_faces
from dasl.head.morphable_model import MorphableModel
from tests.dasl.invented_faces_2d import invented_faces_2d, write_faces_2d
from tests.dasl.tiny_model import invented_faces

NAMES = [f"image{i:05d}.jpg" for i in range(4000)]


def test_the_fifth_is_that_of_the_data_and_smaller_budgets_lie_within_larger_ones() -> None:
    fifth = {n for n in NAMES if int(hashlib.sha256(n.encode()).hexdigest(), 16) % 5 == 0}
    assert {n for n in NAMES if is_annotated(n, 20)} == fifth
    assert {n for n in NAMES if is_annotated("folder/" + n, 20)} == fifth
    least = {n for n in NAMES if is_annotated(n, 5)}
    assert least < fifth and 0.03 < len(least) / len(NAMES) < 0.07
    assert all(is_annotated(n, 100) for n in NAMES)


def test_a_training_set_annotates_as_far_as_the_budget_reaches() -> None:
    annotated = invented_faces(40)
    names = tuple(f"{i}.jpg" for i in range(40))
    annotated = dataclasses.replace(annotated, ids=names)
    wild = dataclasses.replace(annotated, coefficient_weight=torch.zeros(40))
    faces = AblationFaces(annotated, wild, wild)
    wanted = sum(is_annotated(name, 20) for name in names)
    mixed = faces.training_set(20, supervised=False)
    assert len(mixed) == 40 and int(mixed.coefficient_weight.sum()) == wanted
    assert len(faces.training_set(20, supervised=True)) == wanted
    assert int(faces.training_set(100, supervised=False).coefficient_weight.sum()) == 40


def test_faces_are_fitted_once_and_then_read(tmp_path: Path, head_model: MorphableModel) -> None:
    write_faces_2d(invented_faces_2d(12), tmp_path / "faces_2d/train-0.parquet")
    write_faces_2d(invented_faces_2d(3, seed=5), tmp_path / "faces_2d/validation-0.parquet")
    first = load_ablation_faces(tmp_path, tmp_path / "packed", head_model, limit=8)
    assert first.annotated.ids == first.wild.ids and len(first.wild) == 8
    assert len(first.validation) == 3
    again = load_ablation_faces(tmp_path / "gone", tmp_path / "packed", head_model, limit=8)
    assert torch.equal(first.annotated.coefficients.identity, again.annotated.coefficients.identity)
