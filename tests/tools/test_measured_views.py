"""Several views against one, on predictions whose errors are known."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from dasl.datasets.rendered.people import People
from dasl.datasets.rendered.photo_skin import PhotoSkin
from dasl.datasets.rendered.scan_shapes import ScanShapes
from dasl.errors import ConfigError
from dasl.geometry.coefficients import Coefficients
from dasl.head.morphable_model import MorphableModel
from dasl.network.identity_statistics import IdentityStatistics, plain_statistics
from tools.measured_people import MeasuredPeople, render
from tools.measured_views import METHODS, compare_views, mistaken_people, text
from tools.shape_error import face_surface

PEOPLE, SHOTS = 2, 3


@pytest.fixture(scope="module")
def world() -> tuple[People, MeasuredPeople]:
    model = MorphableModel.load()
    face = model.region("face")
    shapes = ScanShapes(model.mean_vertices, model.identity_basis, face, face)
    expression = np.zeros(model.expression_count, dtype=np.float32)
    grey, piece = np.full((32, 32, 3), 128, np.uint8), np.full((9, 9, 3), 50, np.uint8)
    skin = PhotoSkin("grey", grey, np.full(3, 0.1, np.float32), expression, piece, True)
    people = People(model, shapes, [skin], 9005, one_skin=True)
    return people, render(people, PEOPLE, SHOTS, lambda: None)


def _halved(measured: MeasuredPeople) -> Coefficients:
    """A network that tells half of every person, and errs a little."""
    truth = measured.faces.coefficients
    random = torch.Generator().manual_seed(0)
    noise = 0.1 * torch.randn(truth.identity.shape, generator=random)
    return replace(truth, identity=0.5 * truth.identity + noise)


def _knowing(count: int) -> IdentityStatistics:
    eye = np.eye(count)
    return replace(
        plain_statistics(count),
        response=0.5 * eye[None],
        own=0.01 * eye[None],
        prior=eye,
        least_evidence=np.zeros(1),
    )


def test_the_joint_estimate_undoes_what_the_mean_cannot(world) -> None:
    people, measured = world
    surface = face_surface(people.model, people.model.region("face"))
    statistics = _knowing(people.model.identity_count)
    heads = _halved(measured)
    rows = compare_views(people, surface, measured, heads, statistics, SHOTS, lambda: None)
    assert len(rows) == 2 * len(METHODS)
    alone = {row["method"]: row for row in rows if row["measure"] == "identity alone"}
    one, mean, joint = (alone[method]["error_percent"] for method in METHODS)
    assert joint < 0.6 * mean
    assert mean < one
    below = alone["joint estimate"]["below_one_view_percent"]
    assert below == pytest.approx(100 * (1 - joint / one))
    mistaken = mistaken_people(heads, PEOPLE, statistics, SHOTS)
    assert mistaken["refused_own_percent"] == mistaken["taken_others_percent"] == 0
    json.dumps([*rows, mistaken])
    assert "with 2 pictures of a person known: 0.0 % of 2 own pictures refused" in text(
        rows, mistaken
    )


def test_more_views_than_pictures_are_refused(world) -> None:
    people, measured = world
    surface = face_surface(people.model, people.model.region("face"))
    statistics = plain_statistics(people.model.identity_count)
    for views in (1, SHOTS + 1):
        with pytest.raises(ConfigError, match="wanted 2 to 3 views of 3 shots"):
            compare_views(
                people, surface, measured, _halved(measured), statistics, views, lambda: None
            )
