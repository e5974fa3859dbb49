"""Points on meshes: position-map texels and correspondence files."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from eval.bfm.files import load_bfm
from eval.bfm.model import Bfm
from eval.bfm.surface import SurfacePoints, face_texels, rasterised, read_correspondence
from eval.errors import BenchmarkError, SubmissionError
from tests.eval.dense_world import SIDE, invented_model, write_model, write_texels


@pytest.fixture
def model(tmp_path: Path) -> Bfm:
    bfm = load_bfm(write_model(tmp_path, invented_model()))
    write_texels(tmp_path)
    return bfm


def test_a_point_is_the_weighted_mean_of_its_corners() -> None:
    vertices = np.array([[0.0, 0, 0], [8, 0, 0], [0, 4, 0]])
    points = SurfacePoints(np.array([[0, 1, 2]]), np.array([[0.5, 0.25, 0.25]]), "")
    assert points.of(vertices).tolist() == [[2.0, 1.0, 0.0]]
    assert points.of(np.stack([vertices, 2 * vertices]))[1].tolist() == [[4.0, 2.0, 0.0]]


def test_texels_are_found_as_a_loop_over_texels_and_triangles_finds_them() -> None:
    generator = np.random.default_rng(0)
    points = generator.uniform(-2, 14, size=(40, 2))
    triangles = generator.integers(0, 40, size=(25, 3))  # some overlap, some have no area
    texel, corners, weights = rasterised(points, triangles, 12)
    expected = {}
    for y in range(12):
        for x in range(12):
            for triangle in triangles:
                matrix = np.vstack([points[triangle].T, np.ones(3)])
                if len(set(triangle)) < 3:
                    continue
                share = np.linalg.solve(matrix, [x, y, 1])
                if (share >= 0).all():
                    expected[12 * y + x] = triangle.tolist()
                    break
    assert dict(zip(texel.tolist(), corners.tolist(), strict=True)) == expected
    where = (points[corners] * weights[..., None]).sum(axis=1)
    assert where == pytest.approx(np.stack([texel % 12, texel // 12], axis=1))


def test_texels_of_the_face_lie_where_uv_says(model: Bfm, tmp_path: Path) -> None:
    """The invented UV map is the sheet itself, so that u and v can be read off grid indices."""
    texels = face_texels(tmp_path, model)
    assert texels.label == "30,400 of 30,400 texels of uv_face_mask.png"  # 160 x 190
    column, row = np.meshgrid(np.linspace(0, 1, SIDE), np.linspace(1, 0, SIDE))
    sheet = np.stack([column.ravel(), row.ravel(), np.zeros(SIDE**2)], axis=1)
    u, v, _ = texels.of(sheet).T
    x, y = np.meshgrid(np.arange(30, 220), np.arange(40, 200))
    assert u * 255 == pytest.approx(x.ravel())
    assert 255 - v * 255 == pytest.approx(y.ravel())


def test_texels_between_the_lips_need_the_mouths_triangles(model: Bfm, tmp_path: Path) -> None:
    assert model.triangles is not None
    open_mouth = Bfm(
        model.mean, model.shape_basis, model.expression_basis, None, model.triangles[40:], "x"
    )
    before = face_texels(tmp_path, open_mouth).label
    savemat(tmp_path / "Model_tri_mouth.mat", {"tri_mouth": model.triangles[:40].T + 1})
    after = face_texels(tmp_path, open_mouth).label
    assert before != after == "30,400 of 30,400 texels of uv_face_mask.png"


def test_files_for_texels_that_lack_or_do_not_fit_are_named(model: Bfm, tmp_path: Path) -> None:
    Image.new("L", (128, 128), 255).save(tmp_path / "uv_face_mask.png")
    with pytest.raises(BenchmarkError, match=r"must be 256 x 256 and not all black, got 128 x 128"):
        face_texels(tmp_path, model)
    (tmp_path / "uv_face_mask.png").write_bytes(b"no picture")
    with pytest.raises(BenchmarkError, match=r"uv_face_mask.png is not a readable picture"):
        face_texels(tmp_path, model)
    (tmp_path / "uv_face_mask.png").unlink()
    with pytest.raises(BenchmarkError, match=r"no file .*uv_face_mask.png.*PRNet's"):
        face_texels(tmp_path, model)
    savemat(tmp_path / "BFM_UV.mat", {"UV": np.zeros((7, 2))})
    with pytest.raises(BenchmarkError, match=r"UV of .* must be \(324, 2\) .* got \(7, 2\)"):
        face_texels(tmp_path, model)
    (tmp_path / "BFM_UV.mat").unlink()
    with pytest.raises(BenchmarkError, match=r"no file .*BFM_UV.mat"):
        face_texels(tmp_path, model)


def test_a_correspondence_may_leave_points_out(tmp_path: Path) -> None:
    corners = np.array([[0, 0, 0], [-1, -1, -1], [1, 2, 3]])
    weights = np.array([[1.0, 0, 0], [0, 0, 0], [0.2, 0.3, 0.5]])
    np.savez(tmp_path / "c.npz", corners=corners, weights=weights)
    found = read_correspondence(tmp_path / "c.npz", 3, 4)
    assert found.kept.tolist() == [0, 2]
    assert found.points.corners.tolist() == [[0, 0, 0], [1, 2, 3]]
    assert found.points.label.startswith("c.npz, 2 of 3 points, sha256 ")


@pytest.mark.parametrize(
    ("corners", "weights", "message"),
    [
        ([[0, 1, 4]], [[1.0, 0, 0]], "must name vertices 0 to 3"),
        ([[0, 1, -2]], [[1.0, 0, 0]], "must name vertices 0 to 3"),
        ([[0, 1, 2]], [[0.5, 0, 0]], "weights that add up to 1"),
        ([[0, 1, 2]], [[np.nan, 0, 0]], "weights that add up to 1"),
        ([[-1, -1, -1]], [[1.0, 0, 0]], "at least one row"),
        ([[0, 1, 2]] * 2, [[1.0, 0, 0]] * 2, r"corners \(1, 3\) int .* got \(2, 3\)"),
        ([[0.0, 1, 2]], [[1.0, 0, 0]], "got .* of float64"),
    ],
)
def test_a_correspondence_that_cannot_be_is_refused(
    tmp_path: Path, corners: list, weights: list, message: str
) -> None:
    np.savez(tmp_path / "c.npz", corners=corners, weights=weights)
    with pytest.raises(SubmissionError, match=message):
        read_correspondence(tmp_path / "c.npz", 1, 4)
