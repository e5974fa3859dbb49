import json
import zipfile

import numpy as np
import pytest
from PIL import Image
from pygltflib import GLTF2

from dasl.photo.load import load_photo
from space.reconstruct.head_files import MAKERS, visitor_folder, zipped
from space.reconstruct.pictures import STRIP


@pytest.fixture(scope="module")
def photo(astronaut) -> np.ndarray:
    return load_photo(astronaut)


def test_every_button_makes_one_file_and_leaves_nothing_else(tmp_path, photo, astronaut_face):
    made = [make(photo, astronaut_face, tmp_path, "face1").name for make in MAKERS.values()]
    assert made == [
        "face1.glb",
        "face1_obj.zip",
        "face1.ply",
        "face1.json",
        "face1_pictures.zip",
        "face1_all.zip",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(made)


def test_the_glb_has_51_targets_and_the_json_the_expression(tmp_path, photo, astronaut_face):
    glb, facts = (MAKERS[kind](photo, astronaut_face, tmp_path, "a") for kind in ("GLB", "JSON"))
    assert len(GLTF2().load(str(glb)).meshes[0].extras["targetNames"]) == 51
    assert json.loads(facts.read_text())["expression"]["jawOpen"] == 0.5


def test_the_zip_of_everything_holds_heads_and_pictures(tmp_path, photo, astronaut_face):
    path = MAKERS["Everything"](photo, astronaut_face, tmp_path, "face2")
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        assert b"mtllib face2.mtl" in archive.read("face2.obj")
        with archive.open("pictures/face2_uv.png") as uv:
            assert Image.open(uv).size == astronaut_face.head.texture().shape[1::-1]
    heads = {f"face2{end}" for end in (".glb", ".obj", ".mtl", ".texture.png", ".ply", ".json")}
    assert names == heads | {f"pictures/face2_{name}.png" for name in STRIP}


def test_a_zip_that_fails_leaves_nothing_behind(tmp_path):
    with pytest.raises(TypeError):
        zipped({"good": b"1", "bad": None}, tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


def test_every_visitor_has_a_folder_where_gradio_cleans(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    one, other = visitor_folder(), visitor_folder()
    assert one != other
    assert one.is_dir()
    assert one.is_relative_to(tmp_path)
