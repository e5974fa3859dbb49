"""300W-LP in its official layout, from invented files of the same names and fields."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.io import loadmat, savemat

from dasl.datasets.face_set import FaceSet
from dasl.datasets.w300lp import find_photos, load_bfm_head, read_300w_lp, read_parameters
from dasl.errors import ConfigError
from dasl.geometry.crop import square_crop_from_landmarks
from dasl.head.projection import landmarks68_image
from tests.dasl.made_300w_lp import MadeFace, write_300w_lp

Made = tuple[Path, list[MadeFace]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    root = tmp_path_factory.mktemp("data")
    return root, write_300w_lp(root)


@pytest.fixture(scope="module")
def faces(made: Made) -> FaceSet:
    return read_300w_lp(made[0], *load_bfm_head(made[0]))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A set that a test may break."""
    write_300w_lp(tmp_path, faces_each=1)
    return tmp_path


def _change(path: Path, **fields: np.ndarray | None) -> None:
    kept = {name: value for name, value in loadmat(path).items() if name[0] != "_"} | fields
    savemat(path, {name: value for name, value in kept.items() if value is not None})


def test_every_photo_of_the_eight_folders_is_read_by_name(made: Made, faces: FaceSet) -> None:
    assert set(faces.ids) == {face.name for face in made[1]}
    assert len(faces) == 16
    assert (faces.coefficient_weight == 1).all()
    assert not faces.visible21.any()


def test_landmarks_lie_where_the_mats_put_them(made: Made, faces: FaceSet) -> None:
    for truth in made[1]:
        row = faces.ids.index(truth.name)
        box = square_crop_from_landmarks(truth.points[:, :2])
        pixel = (box[2] - box[0]) / 120
        wanted = (truth.points[:, :2] - box[:2] + 0.5) / pixel - 0.5
        np.testing.assert_allclose(faces.landmarks68_crop[row, :, :2], wanted, atol=0.02)
        depth = faces.landmarks68_crop[row, :, 2].numpy()
        true_depth = truth.points[:, 2] / pixel
        np.testing.assert_allclose(depth - depth.mean(), true_depth - true_depth.mean(), atol=0.02)


def test_coefficients_rebuild_the_landmarks(made: Made, faces: FaceSet) -> None:
    model, _ = load_bfm_head(made[0])
    points = landmarks68_image(model, faces.coefficients)
    torch.testing.assert_close(points, faces.landmarks68_crop)


def test_the_62_numbers_are_whitened_by_the_data(made: Made, faces: FaceSet) -> None:
    _, statistics = load_bfm_head(made[0])
    numbers = read_parameters(find_photos(made[0])).numbers62()
    assert numbers.shape == (16, 62)
    np.testing.assert_allclose(statistics.mean, numbers.mean(axis=0))
    np.testing.assert_allclose(statistics.std, numbers.std(axis=0))
    identity, expression = faces.coefficients.identity, faces.coefficients.expression
    torch.testing.assert_close(identity.mean(dim=0), torch.zeros(40), atol=1e-4, rtol=0)
    torch.testing.assert_close(identity.std(dim=0, correction=0), torch.ones(40), atol=1e-4, rtol=0)
    torch.testing.assert_close(expression.mean(dim=0), torch.full((10,), 0.5))


def test_a_limit_takes_faces_of_all_subsets(made: Made) -> None:
    few = read_300w_lp(made[0], *load_bfm_head(made[0]), limit=8)
    assert {name.split("/")[0] for name in few.ids} == {face.name.split("/")[0] for face in made[1]}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"Shape_Para": None}, "has no field Shape_Para"),
        ({"Shape_Para": np.zeros((99, 1))}, "Shape_Para of .* must hold 199 .* got one of 99"),
        ({"Exp_Para": np.full((29, 1), np.nan)}, "Exp_Para of .* got one with NaN"),
        ({"Pose_Para": np.zeros((1, 7))}, "scale in Pose_Para of .* must be positive, got 0"),
    ],
)
def test_a_broken_mat_is_named(own: Path, fields: dict[str, np.ndarray], message: str) -> None:
    head = load_bfm_head(own)
    _change(own / "300W_LP/HELEN/HELEN_0000_0.mat", **fields)
    with pytest.raises(ConfigError, match=message):
        read_300w_lp(own, *head)


def test_broken_faces_are_left_out_with_a_count_where_a_share_is_allowed(
    own: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _change(own / "300W_LP/AFW/AFW_0000_0.mat", Shape_Para=None)
    with pytest.raises(ConfigError, match="has no field Shape_Para"):
        load_bfm_head(own)
    head = load_bfm_head(own, broken_share=0.2)
    faces = read_300w_lp(own, *head, broken_share=0.2)
    assert len(faces) == 7
    assert "1 of 8 rows left out: AFW/AFW_0000_0: " in caplog.text
    Image.new("RGB", (100, 100)).save(own / "300W_LP/HELEN/HELEN_0000_0.jpg")
    with pytest.raises(ConfigError, match=r"2 of 8 rows are broken.*must be 450x450"):
        read_300w_lp(own, *head, broken_share=0.2)


def test_a_folder_of_another_kind_is_named(own: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="unpack 300W-LP there"):
        find_photos(tmp_path / "elsewhere")
    (own / "300W_LP/LFPW_Flip").rename(own / "gone")
    with pytest.raises(ConfigError, match="lacks LFPW_Flip"):
        find_photos(own)
