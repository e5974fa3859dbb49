"""Tests of the conversion to FLAME, BFM and GNM, on invented files of their layouts."""

from pathlib import Path

import numpy as np
import pytest

from dasl.errors import ConfigError
from dasl.head.conversion import convert_head
from dasl.head.morphable_model import MorphableModel
from dasl.head.other_models import read_other_model
from tests.dasl.conftest import run_command
from tests.dasl.head import other_heads

WRITERS = {
    "flame": other_heads.write_flame,
    "gnm": other_heads.write_gnm,
    "bfm": other_heads.write_bfm,
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    paths = {"flame": folder / "flame.npz", "gnm": folder / "gnm.npz", "bfm": folder / "bfm"}
    for name, path in paths.items():
        WRITERS[name](MorphableModel.load(), path)
    return paths


def _head(model: MorphableModel, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A head that the invented models can show exactly."""
    identity = np.zeros(model.identity_count, np.float32)
    draws = np.random.default_rng(seed)
    identity[: other_heads.IDENTITIES] = draws.normal(0, 1.2, other_heads.IDENTITIES)
    expression = np.zeros(model.expression_count, np.float32)
    for name, weight in (("mouthSmileLeft", 0.6), ("mouthSmileRight", 0.6), ("browInnerUp", 0.5)):
        expression[model.expression_names.index(name)] = weight
    return identity, expression


@pytest.mark.parametrize("name", list(WRITERS))
def test_a_head_comes_back_in_the_other_topology(files: dict[str, Path], name: str) -> None:
    model = MorphableModel.load()
    identity, expression = _head(model, 1)
    other = read_other_model(name, files[name])
    found = convert_head(model, identity, expression, other)
    vertices = model.vertices(identity[None], expression[None])[0]
    kept = other_heads.invented_arrays(model)["kept"]
    wanted = model.subdivide(vertices)[kept]
    nose = model.landmarks68_of(vertices)[[27, 33]].mean(axis=0)
    face = np.linalg.norm(wanted - nose, axis=1) < 0.08
    away = 1000.0 * np.linalg.norm(found.vertices - wanted, axis=1)[face]
    assert np.median(away) < 0.5  # the invented model can show this head exactly
    assert found.residual_mm[0] < 0.3
    assert found.placed.scale == pytest.approx(1 / other_heads.SIZE, rel=0.01)
    if other.coefficient_unit == "standard deviations":
        np.testing.assert_allclose(found.identity, identity[: other_heads.IDENTITIES], atol=0.5)


def test_a_head_beyond_the_other_models_span_comes_close(files: dict[str, Path]) -> None:
    model, other = MorphableModel.load(), read_other_model("gnm", files["gnm"])
    identity = np.random.default_rng(6).normal(0, 1, model.identity_count).astype(np.float32)
    still = np.zeros(model.expression_count, np.float32)
    found = convert_head(model, identity, still, other)
    none = convert_head(model, 0 * identity, still, other)
    vertices = model.vertices(identity[None], still[None])[0]
    nose = model.landmarks68_of(vertices)[[27, 33]].mean(axis=0)
    near = np.linalg.norm(found.vertices - nose, axis=1) < 0.08
    wanted = model.subdivide(vertices)[other_heads.invented_arrays(model)["kept"]]
    away, before = (
        np.median(np.linalg.norm(made.vertices - wanted, axis=1)[near]) for made in (found, none)
    )
    assert away < 0.7 * before
    assert found.residual_mm[0] < 2.0


def test_the_identity_does_not_depend_on_the_expression(files: dict[str, Path]) -> None:
    model, other = MorphableModel.load(), read_other_model("flame", files["flame"])
    identity, expression = _head(model, 2)
    smiling = convert_head(model, identity, expression, other)
    still = convert_head(model, identity, np.zeros_like(expression), other)
    np.testing.assert_allclose(smiling.identity, still.identity, atol=1e-6)
    assert np.abs(smiling.expression - still.expression).max() > 0.1


def test_flames_pickle_is_refused_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"unpickling runs code.*numpy\.savez"):
        read_other_model("flame", tmp_path / "generic_model.pkl")


def test_pickled_members_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", v_template=np.array([{}], dtype=object), shapedirs=0, f=0)
    with pytest.raises(ConfigError, match="v_template"):
        read_other_model("flame", tmp_path / "a.npz")


@pytest.mark.parametrize("name", ["flame", "gnm"])
def test_a_damaged_or_other_file_is_named(tmp_path: Path, name: str) -> None:
    missing = tmp_path / "none.npz"
    with pytest.raises(ConfigError, match=r"none\.npz"):
        read_other_model(name, missing)
    np.savez(tmp_path / "other.npz", something=np.zeros(3))
    with pytest.raises(ConfigError, match="lacks"):
        read_other_model(name, tmp_path / "other.npz")


def test_gnm_with_a_basis_of_other_vertices_is_refused(
    files: dict[str, Path], tmp_path: Path
) -> None:
    arrays = dict(np.load(files["gnm"]))
    arrays["expression_basis"] = arrays["expression_basis"][:, :-1]
    np.savez(tmp_path / "gnm.npz", **arrays)
    with pytest.raises(ConfigError, match="expression_basis must be"):
        read_other_model("gnm", tmp_path / "gnm.npz")


def test_the_command_writes_coefficients_and_vertices(
    files: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = MorphableModel.load()
    identity, expression = _head(model, 3)
    face = tmp_path / "face.npz"
    np.savez(face, identity=identity, expression=expression, head_id=model.head_id)
    out = tmp_path / "out.npz"
    words = ["convert-head", face, "--to", "flame", "--model-files", files["flame"]]
    assert run_command(*words, "--output", out) == 0
    assert "median" in capsys.readouterr().out
    with np.load(out) as made:
        assert made["identity"].shape == (other_heads.IDENTITIES,)
        assert made["expression"].shape == (other_heads.FLAME_EXPRESSIONS,)
        assert len(made["vertices"]) > made["triangles"].max()


def test_the_command_refuses_a_face_of_another_head(
    files: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = MorphableModel.load()
    identity, expression = _head(model, 3)
    np.savez(tmp_path / "face.npz", identity=identity, expression=expression, head_id="older")
    words = ["convert-head", tmp_path / "face.npz", "--to", "gnm", "--model-files", files["gnm"]]
    assert run_command(*words, "--output", tmp_path / "out.npz") == 1
    assert "head older" in capsys.readouterr().err
    assert not (tmp_path / "out.npz").exists()
