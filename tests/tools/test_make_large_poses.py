"""`python -m tools.make_large_poses`, from a packed face set."""

import dataclasses

import torch

from dasl.datasets.face_set import load_face_set
from dasl.geometry.coefficients import Coefficients
from dasl.geometry.rotation import rotation_from_euler_deg
from dasl.head.morphable_model import MorphableModel
from dasl.head.projection import landmarks21_image, landmarks68_image
from tests.dasl.tiny_model import invented_faces
from tools.make_large_poses import main

MODEL = MorphableModel.load()


def _packed(path, yaw_deg):
    """Two mean heads on noise."""
    faces = invented_faces(2)
    rotation = rotation_from_euler_deg(torch.tensor([[yaw_deg, 0.0, 0.0]])).repeat(2, 1, 1)
    heads = Coefficients(
        dataclasses.replace(faces.coefficients.pose, rotation=rotation),
        torch.zeros(2, MODEL.identity_count),
        torch.zeros(2, MODEL.expression_count),
    )
    faces = dataclasses.replace(
        faces,
        head_id=MODEL.head_id,
        coefficients=heads,
        landmarks68_crop=landmarks68_image(MODEL, heads),
        landmarks21_crop=landmarks21_image(MODEL, heads)[..., :2],
    )
    faces.save(path)
    return path


def test_each_face_is_turned_as_often_as_asked(tmp_path, capsys):
    source = _packed(tmp_path / "labels.safetensors", 20.0)
    output, sheet = tmp_path / "large_poses.safetensors", tmp_path / "sheet.png"
    words = ["--root", tmp_path, "--faces", source, "--output", output, "--sheet", sheet]
    assert main([str(word) for word in [*words, "--times", 2, "--workers", 1]]) == 0
    turned = load_face_set(output)
    assert len(set(turned.ids)) == 4
    assert (turned.yaw_deg >= 50).all()
    assert sheet.exists()
    assert "4 turned of 2 faces" in capsys.readouterr().out


def test_faces_that_cannot_be_turned_are_an_error_in_words(tmp_path, capsys):
    source = _packed(tmp_path / "labels.safetensors", 60.0)
    output = tmp_path / "large_poses.safetensors"
    words = ["--root", tmp_path, "--faces", source, "--output", output]
    assert main([str(word) for word in words]) == 1
    assert "none of the 2 faces can be turned" in capsys.readouterr().err
    assert not output.exists()
