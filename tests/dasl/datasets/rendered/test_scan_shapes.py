"""People's shapes: carried smoothly where no scan covers, placed, and fitted by identities."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from dasl.datasets.rendered.scan_shapes import (
    FILE,
    IdentityFit,
    carried,
    load_scan_shapes,
    scan_shapes,
)
from dasl.errors import ConfigError
from dasl.head.morphable_model import MorphableModel


@pytest.fixture(scope="module")
def model() -> MorphableModel:
    return MorphableModel.load()


def test_a_vertex_between_two_known_ones_moves_by_their_weighted_mean() -> None:
    # On a line at 0, 1 and 4: the middle one holds on to its neighbours by 1/1 and 1/3.
    vertices = np.array([[0.0, 0, 0], [1, 0, 0], [4, 0, 0]])
    # Far known vertices that do not move fill up the nearest neighbours of all.
    offsets = np.array([[8.0], [np.nan], [0.0]])
    known = np.array([True, False, True])
    far = vertices[[0]] + [[1e6 + number, 0, 0] for number in range(8)]
    everything = carried(
        np.concatenate([vertices, far]),
        np.array([[0, 1, 2]]),
        np.concatenate([offsets, np.zeros((8, 1))]),
        np.concatenate([known, np.ones(8, dtype=bool)]),
    )
    assert everything[0] == 8.0
    assert everything[1, 0] == pytest.approx(6.0, abs=1e-3)


def test_people_turned_and_of_another_size_come_into_the_models_frame(
    model: MorphableModel,
) -> None:
    rest = model.mean_vertices.astype(np.float64)
    covered = model.region("skin")
    basis = model.identity_basis[:2].astype(np.float64)
    turn = Rotation.from_euler("xyz", [10, -20, 5], degrees=True).as_matrix()
    strange = np.where(covered[:, None], 1.1 * rest @ turn.T + [0.1, 0.2, 0.3], 7.0)
    modes = np.where(covered[:, None], 1.1 * basis @ turn.T, 5.0)
    shapes = scan_shapes(model, strange, modes, covered)
    np.testing.assert_allclose(shapes.mean, rest, atol=1e-6)
    np.testing.assert_allclose(shapes.modes[:, covered], basis[:, covered], atol=1e-6)
    inside = ~covered
    away = np.linalg.norm(shapes.modes[:, inside] - basis[:, inside], axis=2)
    assert away.max() < 0.004, "what is not covered does not follow its surroundings"


def test_the_identity_of_a_head_of_the_model_is_found_wherever_it_lies(
    model: MorphableModel,
) -> None:
    random = np.random.default_rng(0)
    identity = random.standard_normal((1, model.identity_count)).astype(np.float32)
    rest = model.vertices(torch.from_numpy(identity), torch.zeros(1, model.expression_count))[0]
    turn = Rotation.from_euler("y", 30, degrees=True).as_matrix().astype(np.float32)
    fitted = model.region("face")
    placed, found = IdentityFit(model, fitted, 1e-5).place(1.3 * rest.numpy() @ turn.T + 0.2)
    head = model.mean_vertices + np.tensordot(found, model.identity_basis, axes=1)
    assert np.linalg.norm(head - placed, axis=1)[fitted].mean() < 1e-4


def test_a_missing_file_a_damaged_one_and_one_of_another_head_are_named(
    tmp_path, model: MorphableModel
) -> None:
    with pytest.raises(ConfigError, match="name the folder that holds scan_shapes"):
        load_scan_shapes(tmp_path, model)
    path = tmp_path / FILE
    path.parent.mkdir()
    for damaged in (b"", b"PK\x03\x04 cut short", b"no archive"):
        path.write_bytes(damaged)
        with pytest.raises(ConfigError, match=r"cannot read .*scan_shapes"):
            load_scan_shapes(tmp_path, model)
    np.savez(path, mean_m=np.zeros((5, 3)), modes_m=np.zeros((2, 5, 3)), covered=np.ones(5, bool))
    with pytest.raises(ConfigError, match="has 5 vertices, the head model 4875"):
        load_scan_shapes(tmp_path, model)
