"""The measure of shape, end to end on the data beside the project, and its refusals without."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from dasl.datasets.face_set import load_face_set
from dasl.datasets.rendered.people import People
from dasl.datasets.rendered.photo_skin import PhotoSkin
from dasl.datasets.rendered.scan_shapes import ScanShapes
from dasl.errors import ConfigError
from dasl.head.morphable_model import MorphableModel
from tools import evaluate_shape, render_people
from tools.measured_people import compare, render
from tools.shape_error import face_surface


@pytest.fixture(scope="module")
def model() -> MorphableModel:
    return MorphableModel.load()


@pytest.fixture(scope="module")
def shapes(model: MorphableModel) -> ScanShapes:
    face = model.region("face")
    return ScanShapes(model.mean_vertices, model.identity_basis, face, face)


@pytest.fixture
def people_root(data_root: Path) -> Path:
    for name in ("scan_shapes", "portraits"):
        if not (data_root / name).is_dir():
            pytest.skip(f"{data_root} has no {name}/")
    return data_root


def _people(model: MorphableModel, shapes: ScanShapes, seed: int) -> People:
    expression = np.zeros(model.expression_count, dtype=np.float32)
    grey, piece = np.full((32, 32, 3), 128, np.uint8), np.full((9, 9, 3), 50, np.uint8)
    skin = PhotoSkin("grey", grey, np.full(3, 0.1, np.float32), expression, piece, True)
    return People(model, shapes, [skin], seed)


def test_people_for_training_are_not_measured(model: MorphableModel, shapes: ScanShapes) -> None:
    with pytest.raises(ConfigError, match="seed 8999 is for training"):
        render(_people(model, shapes, 8999), 2, 1, lambda: None)


def test_a_perfect_prediction_has_no_error_and_the_next_persons_has(
    model: MorphableModel, shapes: ScanShapes
) -> None:
    people = _people(model, shapes, 9003)
    measured = render(people, 2, 1, lambda: None)
    surface = face_surface(model, shapes.covered)
    # The model's own heads: their labels are all but exact.
    predicted = measured.faces.coefficients
    errors = compare(people, shapes, surface, measured, predicted, lambda: None)
    for measure in ("with expression", "identity alone"):
        face = {
            method: values[:, 0] for (of, method), values in errors.values.items() if of == measure
        }
        assert (face["prediction"] < 0.25 * face["mean"]).all()
        assert (face["best fit"] < 0.1 * face["mean"]).all()
        assert (face["other person"] > 0.5 * face["mean"]).all()
        np.testing.assert_array_equal(face["mean"].shape, (2,))


def test_the_commands_run_on_the_data(
    people_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = ["--root", str(people_root)]
    counts = ["--people", "2", "--shots", "1", "--seed", "9004"]
    output = tmp_path / "people.safetensors"
    assert render_people.main([*root, *counts, "--output", str(output)]) == 0
    assert "2 pictures of 2 people" in capsys.readouterr().out
    faces = load_face_set(output)
    assert faces.ids == ("person-9004-0-0", "person-9004-1-0")
    assert torch.isfinite(faces.coefficients.identity).all()
    assert evaluate_shape.main([*root, *counts, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    best, mean = (
        next(row["error_percent"] for row in rows if row["method"] == method)
        for method in ("best fit", "mean")
    )
    assert 0 < best < mean
    assert evaluate_shape.main([*root, *counts[:3], "2", *counts[4:], "--views", "2"]) == 0
    assert "joint estimate" in capsys.readouterr().out


@pytest.mark.parametrize("command", [evaluate_shape, render_people])
def test_a_root_without_the_shapes_is_named(command, tmp_path: Path, capsys) -> None:
    output = [] if command is evaluate_shape else ["--output", str(tmp_path / "x.safetensors")]
    assert command.main(["--root", str(tmp_path), *output]) == 1
    assert "scan_shapes/ict_facekit_on_head.npz" in capsys.readouterr().err
