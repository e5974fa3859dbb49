import json
import zipfile
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image
from pygltflib import GLTF2

from dasl.photo.load import load_photo
from space.reconstruct.head_files import MAKERS, SUFFIXES, HeadChoices
from space.reconstruct.pictures import STRIP

KINDS = (*SUFFIXES, ".mtl", ".texture.png")


@pytest.fixture(scope="module")
def photo(astronaut) -> np.ndarray:
    return load_photo(astronaut)


def test_every_button_makes_one_file_and_leaves_nothing_else(tmp_path, photo, astronaut_face):
    made = [
        make(photo, astronaut_face, tmp_path, "face1", HeadChoices()).name
        for make in MAKERS.values()
    ]
    assert made == [
        "face1.glb",
        "face1.vrm",
        "face1_obj.zip",
        "face1.ply",
        "face1.stl",
        *(["face1.usdz"] if find_spec("pxr") else []),
        "face1.json",
        "face1_pictures.zip",
        "face1_all.zip",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(made)


def test_the_glb_has_every_target_and_the_json_the_expression(tmp_path, photo, astronaut_face):
    glb, facts = (
        MAKERS[kind](photo, astronaut_face, tmp_path, "a", HeadChoices())
        for kind in ("GLB", "JSON")
    )
    assert len(GLTF2().load(str(glb)).meshes[0].extras["targetNames"]) == len(
        astronaut_face.expression
    )
    assert json.loads(facts.read_text())["expression"]["jawOpen"] == 0.5


def test_the_zip_of_everything_holds_heads_and_pictures(tmp_path, photo, astronaut_face):
    path = MAKERS["Everything"](photo, astronaut_face, tmp_path, "face2", HeadChoices())
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        assert b"mtllib face2.mtl" in archive.read("face2.obj")
        with archive.open("pictures/face2_uv.png") as uv:
            assert Image.open(uv).size == astronaut_face.head.texture().shape[1::-1]
    heads = {f"face2{end}" for end in KINDS}
    assert names == heads | {f"pictures/face2_{name}.png" for name in STRIP}


def test_an_edited_expression_goes_into_every_mesh_file(tmp_path, photo, astronaut_face):
    choices = HeadChoices(expression={"jawOpen": 1.0})
    for kind in ("GLB", "OBJ", "PLY", "STL", *(["USDZ"] if find_spec("pxr") else [])):
        fitted, edited = (
            MAKERS[kind](photo, astronaut_face, folder, "a", chosen).read_bytes()
            for folder, chosen in ((tmp_path, HeadChoices()), (tmp_path, choices))
        )
        assert fitted != edited, kind
