"""Whatever a photo is called, its files can be written and read."""

import os

import numpy as np
import pytest
import trimesh

from dasl.export.names import LONGEST_STEM, safe_stem, short_stem
from dasl.reconstruction.face import Face
from tests.dasl.painted_head import painted_face


@pytest.fixture(scope="module")
def face() -> Face:
    return painted_face()


NAMES = ['Anna\'s "best"', "two\nlines", "tab\there", "#1", os.fsdecode(b"caf\xe9")]


def test_ordinary_names_stay_as_they_are():
    for name in ("IMG_0001", "Zoë und ich", "x" * LONGEST_STEM, ".jpg", "Connie", "com10", "nul_1"):
        assert short_stem(name) == safe_stem(name) == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", "CON", "nul", "Aux.tar", "com1", "lpt9 ", "COM\u00b2"]
)
def test_names_that_mean_something_else_are_changed(name):
    assert short_stem(name) == safe_stem(name) == f"_{name}"


@pytest.mark.parametrize("name", ["x" * 251, "é" * 125, os.fsdecode(b"\xe9" * 250)])
def test_long_names_are_cut_and_kept_apart(name):
    short = short_stem(name)
    assert len(os.fsencode(short)) <= LONGEST_STEM
    assert short != short_stem(name[:-1] + "y")


@pytest.mark.parametrize("name", NAMES)
def test_an_obj_of_any_name_is_read_with_its_texture(face, tmp_path, name):
    path = face.save(tmp_path / f"{name}.obj")
    loaded = trimesh.load(path, process=False)
    assert len(loaded.vertices) > 100
    image = loaded.visual.material.image
    assert image is not None and np.asarray(image).std() > 0


def test_names_that_become_alike_do_not_share_a_file(tmp_path):
    assert safe_stem("a'b") != safe_stem('a"b')
