"""BFM 2009, from invented files, as a head model like ours."""

from pathlib import Path

import numpy as np
import pytest
import torch

from dasl.datasets.bfm_head import (
    Statistics62,
    expression_of,
    head_from_bfm,
    identity_of,
    read_bfm,
)
from dasl.errors import ConfigError, ShapeError
from eval.bfm.model import Bfm
from tests.eval.dense_world import invented_model, write_model


@pytest.fixture(scope="module")
def bfm(tmp_path_factory: pytest.TempPathFactory) -> Bfm:
    return read_bfm(write_model(tmp_path_factory.mktemp("bfm"), invented_model()))


@pytest.fixture(scope="module")
def statistics() -> Statistics62:
    random = np.random.default_rng(0)
    return Statistics62.of(random.normal(2.0, 3.0, size=(50, 62)))


def test_the_head_gives_the_face_models_own_vertices(bfm: Bfm, statistics: Statistics62) -> None:
    random = np.random.default_rng(1)
    shape, expression = random.normal(size=(4, 40)) * 3, random.normal(size=(4, 10)) * 3
    head = head_from_bfm(bfm, statistics)
    actual = head.vertices(identity_of(shape, statistics), expression_of(expression, statistics))
    np.testing.assert_allclose(actual * 1e6, bfm.vertices(shape, expression), atol=0.1)
    keypoints = head.landmarks68_of(actual)
    torch.testing.assert_close(keypoints, actual[:, torch.from_numpy(bfm.keypoints)])


def test_the_datas_mean_face_has_no_identity_and_half_of_each_expression(
    statistics: Statistics62,
) -> None:
    mean = statistics.mean[None]
    assert identity_of(mean[:, 12:52], statistics).abs().max() < 1e-6
    torch.testing.assert_close(expression_of(mean[:, 52:], statistics), torch.full((1, 10), 0.5))
    far = mean[:, 52:] + 100 * statistics.std[52:]
    assert (expression_of(far, statistics) == 1.0).all()


def test_triangles_look_at_the_viewer(bfm: Bfm, statistics: Statistics62) -> None:
    head = head_from_bfm(bfm, statistics)
    a, b, c = (head.mean_vertices[head.triangles[:, corner]] for corner in range(3))
    assert np.cross(b - a, c - a)[:, 2].sum() > 0
    assert len(head.triangles) == len(bfm.triangles)


def test_aflws_points_are_middles_of_landmarks(bfm: Bfm, statistics: Statistics62) -> None:
    head = head_from_bfm(bfm, statistics)
    rest = torch.zeros(1, 40), torch.full((1, 10), 0.5)
    points21, points68 = head.landmarks21(*rest)[0], head.landmarks68(*rest)[0]
    torch.testing.assert_close(points21[7], points68[[36, 39]].mean(dim=0))
    torch.testing.assert_close(points21[14], points68[30])


def test_files_of_another_size_are_named(tmp_path: Path) -> None:
    model = invented_model()
    few = write_model(tmp_path / "few", model | {"w": model["w"][:, :20]})
    with pytest.raises(ConfigError, match="20 columns of shape and 29 of expression, wanted at"):
        read_bfm(few)
    torn = write_model(tmp_path / "torn", model | {"w": model["w"][:-3]})
    with pytest.raises(ConfigError, match=r"cannot read the Basel Face Model: .* disagree"):
        read_bfm(torn)
    blind = write_model(tmp_path / "blind", model | {"keypoints": model["keypoints"][:, :5]})
    with pytest.raises(ConfigError, match="must name 68 keypoints, got 5"):
        read_bfm(blind)
    with pytest.raises(ConfigError, match="is not a folder"):
        read_bfm(tmp_path / "nowhere")


def test_statistics_want_62_numbers_of_several_faces() -> None:
    with pytest.raises(ShapeError, match=r"numbers must be \(N, 62\), got \(5, 60\)"):
        Statistics62.of(np.zeros((5, 60)))
    with pytest.raises(ConfigError, match="at least two faces, got 1"):
        Statistics62.of(np.zeros((1, 62)))
    assert (Statistics62.of(np.ones((3, 62))).std == 1).all()
