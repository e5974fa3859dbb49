"""PRNet's lists of texels: its vertices and its 68 points, on an invented map."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from eval.bfm.files import load_bfm
from eval.bfm.model import Bfm
from eval.bfm.prnet import prnet_vertices, uv_landmarks
from eval.bfm.surface import UV_SIDE, face_texels, map_texels
from eval.errors import BenchmarkError
from tests.eval.dense_world import SIDE, invented_model, write_model, write_texels


@pytest.fixture
def model(tmp_path: Path) -> Bfm:
    bfm = load_bfm(write_model(tmp_path, invented_model()))
    write_texels(tmp_path)
    return bfm


def sheet() -> np.ndarray:
    """The invented mesh laid flat: u and v are its coordinates."""
    u, v = np.meshgrid(np.linspace(0, 1, SIDE), np.linspace(1, 0, SIDE))
    return np.stack([u.ravel(), v.ravel(), np.zeros(SIDE**2)], axis=1)


def test_prnets_vertices_are_found_by_their_texels(model: Bfm, tmp_path: Path) -> None:
    texels = face_texels(tmp_path, model)
    assert texels.texels is not None
    listed = np.random.default_rng(0).permutation(texels.texels)[:500]
    (tmp_path / "face_ind.txt").write_text("\n".join(f"{index:.1f}" for index in listed))
    found = prnet_vertices(tmp_path, texels, 500)
    assert found is not None and found.points.label == "face_ind.txt, 500 of 30,400 texels"
    on_map = np.stack([listed % UV_SIDE, listed // UV_SIDE, 0 * listed], axis=1) * 1.0
    x, y, _ = found.points.of(on_map).T
    assert y * UV_SIDE + x == pytest.approx(texels.texels[found.kept])


def test_another_number_of_vertices_is_not_prnets(model: Bfm, tmp_path: Path) -> None:
    texels = face_texels(tmp_path, model)
    assert prnet_vertices(tmp_path, texels, 3) is None
    (tmp_path / "face_ind.txt").write_text("1 2 3")
    assert prnet_vertices(tmp_path, texels, 4) is None
    (tmp_path / "face_ind.txt").write_text("1 2 70000")
    with pytest.raises(BenchmarkError, match="must name texels of a 256 x 256 map"):
        prnet_vertices(tmp_path, texels, 3)


def test_the_68_points_lie_where_their_texels_say(model: Bfm, tmp_path: Path) -> None:
    columns, rows = np.arange(40, 108), np.arange(200, 132, -1)
    lines = (" ".join(map(str, part)) for part in (columns, rows))
    (tmp_path / "uv_kpt_ind.txt").write_text("\n".join(lines) + "\n")
    points = uv_landmarks(tmp_path, map_texels(tmp_path, model))
    u, v, _ = points.of(sheet()).T
    assert u * 255 == pytest.approx(columns) and 255 - v * 255 == pytest.approx(rows)


@pytest.mark.parametrize(
    ("text", "said"),
    [("1 2 3", "must be two lines of 68 texels"), ("a b", "must hold lines of numbers")],
)
def test_a_list_that_cannot_be_is_refused(model: Bfm, tmp_path: Path, text: str, said: str) -> None:
    texels = map_texels(tmp_path, model)
    with pytest.raises(BenchmarkError, match=r"cannot read .*uv_kpt_ind\.txt"):
        uv_landmarks(tmp_path, texels)
    (tmp_path / "uv_kpt_ind.txt").write_text(text)
    with pytest.raises(BenchmarkError, match=said):
        uv_landmarks(tmp_path, texels)


def test_a_uv_map_of_all_vertices_is_cut_as_the_model_is(model: Bfm, tmp_path: Path) -> None:
    before = map_texels(tmp_path, model)
    u, v, _ = sheet().T
    whole = np.full((SIDE**2 + 40, 2), 0.5)
    kept = np.random.default_rng(1).permutation(len(whole))[: SIDE**2]
    whole[kept] = np.stack([u, v], axis=1)
    savemat(tmp_path / "BFM_UV.mat", {"UV": whole})
    with pytest.raises(BenchmarkError, match=r"or add model_info\.mat"):
        map_texels(tmp_path, model)
    savemat(tmp_path / "model_info.mat", {"trimIndex": kept[:, None] + 1})
    after = map_texels(tmp_path, model)
    assert (after.corners == before.corners).all()
    assert after.weights == pytest.approx(before.weights)
