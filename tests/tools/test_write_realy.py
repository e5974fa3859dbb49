"""Heads for REALY, read back by the grammar of its own OBJ reader."""

import json
from pathlib import Path

import numpy as np
import pytest

from dasl.head.morphable_model import MorphableModel
from tools.heads_for_benchmarks import head_of
from tools.write_realy import main, numbered_photos, write_prediction, write_template

ROOT = Path(__file__).parents[2]


def read_as_realy_does(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Lines `v x y z` and `f a b c`, 1-based, as utils/io_obj.py splits them."""
    vertices, triangles = [], []
    for line in path.read_text().splitlines():
        words = line.split(" ")
        if words[0] == "v":
            vertices.append([float(word) for word in words[1:4]])
        elif words[0] == "f":
            assert len(words) == 4
            triangles.append([int(word.split("/")[0]) for word in words[1:]])
    return np.array(vertices, np.float32), np.array(triangles, np.int32)


def test_meshes_share_the_templates_topology_and_its_points_are_the_68(tmp_path: Path) -> None:
    model = MorphableModel.load()
    identity = np.random.default_rng(0).normal(size=model.identity_count).astype(np.float32)
    smiling = dict.fromkeys(model.expression_names, 0.1)
    head = head_of(model, identity, smiling)
    write_prediction(tmp_path, Path("3_1.jpg"), head)
    write_template(tmp_path / "template", model)
    vertices, triangles = read_as_realy_does(tmp_path / "3_1.obj")
    _, template = read_as_realy_does(tmp_path / "template" / "dasl.obj")
    np.testing.assert_allclose(vertices, head.vertices, atol=1e-6)
    np.testing.assert_array_equal(triangles, template)
    assert triangles.min() == 1 and triangles.max() == model.vertex_count
    # utils/util.py: vertices[triangles[row]] weighted by w0, w1, 1 - w0 - w1
    rows = np.array(json.loads((tmp_path / "template" / "dasl_68.txt").read_text()))
    weights = np.stack([rows[:, 1], rows[:, 2], 1.0 - rows[:, 1] - rows[:, 2]], axis=1)
    corners = vertices[template[rows[:, 0].astype(np.int32)] - 1]
    points = (corners * weights[..., None]).sum(axis=1)
    wanted = model.landmarks68_of(head.vertices)
    np.testing.assert_allclose(points, wanted, atol=1e-5)


def test_only_realys_names_are_taken(tmp_path: Path) -> None:
    for name in ("1_0.jpg", "12.jpg", "notes.txt"):
        (tmp_path / name).touch()
    assert [photo.name for photo in numbered_photos(tmp_path)] == ["12.jpg", "1_0.jpg"]
    (tmp_path / "me.jpg").touch()
    with pytest.raises(ValueError, match=r"me\.jpg is not named as REALY's"):
        list(numbered_photos(tmp_path))


def test_a_folder_becomes_predictions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").mkdir()
    photo = ROOT / "space" / "examples" / "astronaut.jpg"
    (tmp_path / "in" / "7.jpg").write_bytes(photo.read_bytes())
    assert main(["--images", str(tmp_path / "in"), "--output", str(tmp_path / "out")]) == 0
    assert "wrote 1 of 1 heads" in capsys.readouterr().out
    vertices, _ = read_as_realy_does(tmp_path / "out" / "7.obj")
    assert np.isfinite(vertices).all()
    assert (tmp_path / "out" / "template" / "dasl.obj").is_file()
