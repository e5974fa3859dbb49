import json
import zipfile

from pygltflib import GLTF2

from space.head_files import visitor_folder, write_head_files


def test_a_face_has_a_glb_a_zip_and_a_json(tmp_path, astronaut_face):
    files = write_head_files(astronaut_face, tmp_path, "face1")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "face1.glb",
        "face1.json",
        "face1_obj.zip",
    ]
    assert len(GLTF2().load(str(files.glb)).meshes[0].extras["targetNames"]) == 51
    assert json.loads(files.json.read_text())["expression"]["jawOpen"] == 0.5


def test_the_zip_holds_a_whole_obj(tmp_path, astronaut_face):
    files = write_head_files(astronaut_face, tmp_path, "face2")
    with zipfile.ZipFile(files.obj_zip) as archive:
        assert sorted(archive.namelist()) == ["face2.mtl", "face2.obj", "face2.texture.png"]
        assert b"mtllib face2.mtl" in archive.read("face2.obj")


def test_every_visitor_has_a_folder_where_gradio_cleans(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    one, other = visitor_folder(), visitor_folder()
    assert one != other
    assert one.is_dir()
    assert one.is_relative_to(tmp_path)
