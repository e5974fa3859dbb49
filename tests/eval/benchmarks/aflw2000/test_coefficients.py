"""Coefficients read from the mats."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from eval.benchmarks.aflw2000.coefficients import load_coefficients, load_poses
from eval.errors import BenchmarkError
from tests.eval.dense_world import world
from tests.eval.untrusted.test_mat import write_v73


def test_coefficients_come_in_the_order_of_the_ids(tmp_path: Path) -> None:
    given = world(tmp_path, faces=3)
    ids = given.ids[::-1]
    read = load_coefficients(given.folder, ids)
    shapes = (read.pose_para.shape, read.shape_para.shape, read.exp_para.shape)
    assert shapes == ((3, 7), (3, 199), (3, 29))
    for row, name in enumerate(ids):
        fields = loadmat(given.folder / f"{name}.mat")
        assert (read.pose_para[row] == fields["Pose_Para"][0]).all()
        assert (read.shape_para[row] == fields["Shape_Para"][:, 0]).all()
        assert (read.exp_para[row] == fields["Exp_Para"][:, 0]).all()
    assert (load_poses(tmp_path, ids) == read.pose_para).all()


def test_a_mat_of_version_7_3_gives_the_same(tmp_path: Path) -> None:
    given = world(tmp_path, faces=1)
    before = load_coefficients(given.folder, given.ids)
    path = given.folder / f"{given.ids[0]}.mat"
    fields = {name: v for name, v in loadmat(path).items() if not name.startswith("__")}
    write_v73(path, fields)
    after = load_coefficients(given.folder, given.ids)
    assert (after.shape_para == before.shape_para).all()
    assert (after.pose_para == before.pose_para).all()


@pytest.mark.parametrize(
    "value", [np.zeros((1, 6)), np.full((1, 7), np.nan), np.zeros((1, 7)) * 1j]
)
def test_a_pose_that_cannot_be_is_named(tmp_path: Path, value: np.ndarray) -> None:
    given = world(tmp_path, faces=1)
    savemat(given.folder / "image00000.mat", {"Pose_Para": value})
    with pytest.raises(BenchmarkError, match=r"Pose_Para of .*image00000.mat must be 7 finite"):
        load_poses(given.folder, given.ids)
    with pytest.raises(BenchmarkError, match=r"no file .*image00009.mat"):
        load_poses(given.folder, ["image00009"])
