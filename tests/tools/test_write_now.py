"""Heads for NoW, read back as its evaluation code reads them."""

from pathlib import Path

import numpy as np
import pytest
import trimesh

from dasl.head.morphable_model import MorphableModel
from tools.heads_for_benchmarks import SEVEN_OF_68, head_of
from tools.write_now import listed_images, write_prediction


def test_lines_become_subject_challenge_and_name(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("a/b/FaMoS_1/multiview_neutral/IMG_1.jpg\n\nFaMoS_2/selfie/IMG_2.jpg\n")
    assert listed_images(path) == [
        Path("FaMoS_1/multiview_neutral/IMG_1.jpg"),
        Path("FaMoS_2/selfie/IMG_2.jpg"),
    ]
    for bad in ("IMG_1.jpg", "a/../b.jpg", "a//b.jpg"):
        path.write_text(bad)
        with pytest.raises(ValueError, match="SUBJECT/CHALLENGE/NAME"):
            listed_images(path)


def test_files_lie_and_read_as_their_code_wants_them(tmp_path: Path) -> None:
    model = MorphableModel.load()
    identity = np.random.default_rng(0).normal(size=model.identity_count).astype(np.float32)
    head = head_of(model, identity, None)
    line = "FaMoS_1/selfie/IMG.1.jpg"
    write_prediction(tmp_path / line, head)
    # compute_error.py: filename[:-4] + '.obj', and '.npy' with numpy.load.
    subject, challenge, name = line.split("/")
    mesh = trimesh.load_mesh(tmp_path / subject / challenge / (name[:-4] + ".obj"), process=False)
    seven = np.load(tmp_path / subject / challenge / (name[:-4] + ".npy"))
    assert len(mesh.vertices) == model.vertex_count
    np.testing.assert_allclose(mesh.vertices, head.vertices, atol=1e-6)
    np.testing.assert_array_equal(mesh.faces, head.triangles)
    assert seven.shape == (7, 3) and seven.dtype == np.float32
    at_rest = model.landmarks68_of(head.vertices)[list(SEVEN_OF_68)]
    np.testing.assert_allclose(seven, at_rest, atol=1e-5)
    # The model looks along +z with y up: his right eye's outer corner lies at the smallest x, the
    # eyes' corners run from right to left, and the mouth is below the nose.
    assert (np.diff(seven[:4, 0]) > 0).all() and seven[5, 0] < seven[6, 0]
    assert seven[5, 1] < seven[4, 1] < seven[0, 1]
