"""The layouts in which the face model is about, each with the same invented numbers."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from eval.bfm.files import load_bfm
from eval.bfm.model import Bfm
from eval.errors import BenchmarkError
from tests.eval.dense_world import KEYPOINTS, invented_model, write_model
from tests.eval.untrusted.test_mat import write_v73

MODEL = invented_model()


def check(bfm: Bfm, columns: tuple[int, int] = (199, 29)) -> None:
    """The vertices are those of plain matrix products of what was written."""
    generator = np.random.default_rng(2)
    shape, expression = (generator.normal(size=n) for n in columns)
    flat = MODEL["mu_shape"] + MODEL["mu_exp"] + MODEL["w"][:, : columns[0]] @ shape[:, None]
    flat = flat + MODEL["w_exp"][:, : columns[1]] @ expression[:, None]
    assert bfm.vertices(shape, expression) == pytest.approx(flat.reshape(-1, 3), abs=0.05)
    assert bfm.keypoints is not None and bfm.keypoints.tolist() == KEYPOINTS.tolist()


def test_model_shape_and_model_exp_are_read(tmp_path: Path) -> None:
    bfm = load_bfm(write_model(tmp_path, MODEL))
    check(bfm)
    assert bfm.triangles is not None and bfm.triangles.min() == 0
    assert bfm.source == "Model_Shape.mat, Model_Exp.mat"


def test_other_names_and_the_other_kind_of_mat_are_read(tmp_path: Path) -> None:
    renamed = {**{n: MODEL[n] for n in ("mu_shape", "keypoints")}, "w_shape": MODEL["w"]}
    write_v73(tmp_path / "Model_Shape.mat", renamed)
    savemat(tmp_path / "Model_Expression.mat", {n: MODEL[n] for n in ("mu_exp", "w_exp")})
    check(load_bfm(tmp_path))


def test_bfm_2009_is_cut_to_the_kept_vertices(tmp_path: Path) -> None:
    count = len(MODEL["w"]) // 3
    kept = np.random.default_rng(0).permutation(count + 9)[:count]
    rows = (3 * kept[:, None] + np.arange(3)).ravel()
    whole = {
        "shapeMU": np.full((3 * (count + 9), 1), 7.0),
        "shapePC": np.full((3 * (count + 9), 199), 7.0),
    }
    whole["shapeMU"][rows], whole["shapePC"][rows] = MODEL["mu_shape"], MODEL["w"]
    savemat(tmp_path / "01_MorphableModel.mat", whole)
    info = {"trimIndex": kept[:, None] + 1, "keypoints": MODEL["keypoints"], "tri": MODEL["tri"]}
    savemat(tmp_path / "model_info.mat", info)
    savemat(tmp_path / "Model_Exp.mat", {n: MODEL[n] for n in ("mu_exp", "w_exp")})
    check(load_bfm(tmp_path))
    savemat(tmp_path / "model_info.mat", {"trimIndex": np.array([[count + 10]])})
    with pytest.raises(BenchmarkError, match=r"trimIndex of .* must name vertices"):
        load_bfm(tmp_path)


def test_3ddfas_arrays_are_read(tmp_path: Path) -> None:
    rows = (3 * KEYPOINTS[:, None] + np.arange(3)).ravel()
    arrays = {"u_shp": MODEL["mu_shape"], "u_exp": MODEL["mu_exp"], "keypoints_sim": rows}
    arrays |= {"w_shp_sim": MODEL["w"][:, :40], "w_exp_sim": MODEL["w_exp"][:, :10]}
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
    check(load_bfm(tmp_path), columns=(40, 10))


def test_an_absent_model_says_where_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BenchmarkError, match=r"holds no face model, wanted Model_Shape.mat.*ask"):
        load_bfm(tmp_path)
    with pytest.raises(BenchmarkError, match=r"is not a folder"):
        load_bfm(tmp_path / "nowhere")
    monkeypatch.delenv("DASL_DATA_ROOT", raising=False)
    with pytest.raises(BenchmarkError, match=r"pass --bfm DIR"):
        load_bfm()
    monkeypatch.setenv("DASL_DATA_ROOT", str(tmp_path))
    write_model(tmp_path / "bfm", MODEL)
    check(load_bfm())


def test_parts_of_two_distributions_are_refused(tmp_path: Path) -> None:
    write_model(tmp_path, MODEL)
    (tmp_path / "Model_Exp.mat").unlink()
    with pytest.raises(BenchmarkError, match=r"has no Model_Exp.mat"):
        load_bfm(tmp_path)
    savemat(tmp_path / "Model_Exp.mat", {"mu_exp": np.zeros((9, 1)), "w_exp": np.zeros((9, 2))})
    with pytest.raises(BenchmarkError, match=r"have 972 and 9 numbers"):
        load_bfm(tmp_path)
    savemat(tmp_path / "Model_Shape.mat", {"mu_shape": np.zeros((9, 1))})
    with pytest.raises(BenchmarkError, match=r"neither w nor w_shape"):
        load_bfm(tmp_path)


def test_pickled_arrays_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "u_shp.npy", np.array([None]), allow_pickle=True)
    with pytest.raises(BenchmarkError, match=r"u_shp.npy must be a .npy of numbers"):
        load_bfm(tmp_path)
