"""Tests of the USDZ writer, read back with Pixar's library and as the archive that it is."""

import io
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dasl.errors import ExportError
from dasl.export.options import HeadOptions
from dasl.reconstruction.face import Face
from tests.dasl.painted_head import painted_face


@pytest.fixture(scope="module")
def face() -> Face:
    return painted_face(20.0, {"jawOpen": 0.3})


@pytest.fixture(scope="module")
def path(face: Face, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("pxr", reason="pip install usd-core")
    return face.save(tmp_path_factory.mktemp("usdz") / "my head.usdz", part="face")


def test_a_chosen_expression_is_baked_in(face: Face, tmp_path: Path) -> None:
    pytest.importorskip("pxr", reason="pip install usd-core")
    from pxr import Usd, UsdGeom

    chosen = {"jawOpen": 0.9}
    saved = face.save(tmp_path / "head.usdz", expression=chosen, texture_size=64)
    stage = Usd.Stage.Open(str(saved))
    points = np.array(UsdGeom.Mesh(stage.GetDefaultPrim().GetChild("mesh")).GetPointsAttr().Get())
    options = [HeadOptions(expression=weights) for weights in (chosen, None)]
    wide, fitted = (face.head.shaped_mesh(each).vertices for each in options)
    np.testing.assert_array_equal(points, wide)
    assert np.abs(wide - fitted).max() > 0.01  # metres: the jaw is lower


def test_the_packer_has_nothing_to_warn_of(
    face: Face, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pxr", reason="pip install usd-core")
    face.save(tmp_path / "head.usdz", texture_size=64)
    assert capfd.readouterr() == ("", "")


def test_the_mesh_comes_back_in_metres_with_y_up(face: Face, path: Path) -> None:
    from pxr import Usd, UsdGeom

    stage = Usd.Stage.Open(str(path))
    split = face.head.shaped_mesh(HeadOptions(part="face"))
    mesh = UsdGeom.Mesh(stage.GetDefaultPrim().GetChild("mesh"))
    np.testing.assert_array_equal(mesh.GetPointsAttr().Get(), split.vertices)
    np.testing.assert_array_equal(mesh.GetNormalsAttr().Get(), split.normals)
    corners = np.array(mesh.GetFaceVertexIndicesAttr().Get()).reshape(-1, 3)
    np.testing.assert_array_equal(corners, split.triangles)
    assert set(mesh.GetFaceVertexCountsAttr().Get()) == {3}
    coordinates = UsdGeom.PrimvarsAPI(mesh).GetPrimvar("st").Get()
    np.testing.assert_array_equal(coordinates, split.uv)
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    assert UsdGeom.GetStageUpAxis(stage) == "Y"


def test_another_reader_sees_the_same_mesh_and_its_picture(face: Face, path: Path) -> None:
    """Of Light Transport Entertainment, which shares no code with Pixar's library."""
    tinyusdz = pytest.importorskip("tinyusdz", reason="pip install tinyusdz")
    from tinyusdz import tydra

    scene = tydra.convert_to_render_scene(tinyusdz.load(str(path)))
    (mesh,), pictures = scene.meshes(), scene.images()
    split = face.head.shaped_mesh(HeadOptions(part="face"))
    corners = np.asarray(mesh.points)[np.asarray(mesh.face_vertex_indices).reshape(-1, 3)]
    np.testing.assert_array_equal(corners, split.vertices[split.triangles])
    np.testing.assert_array_equal(np.asarray(mesh.texcoord(0)), split.uv)
    suffixes = {Path(picture.asset_identifier).suffix for picture in pictures}
    assert suffixes == {".jpg", ".png"}  # colours and roughness


def test_the_skin_is_bound_and_its_texture_found_in_the_package(path: Path) -> None:
    from pxr import Usd, UsdShade

    stage = Usd.Stage.Open(str(path))
    mesh = stage.GetDefaultPrim().GetChild("mesh")
    material, _ = UsdShade.MaterialBindingAPI(mesh).ComputeBoundMaterial()
    shader, _, _ = material.ComputeSurfaceSource()
    assert shader.GetIdAttr().Get() == "UsdPreviewSurface"
    texture = shader.GetInput("diffuseColor").GetConnectedSource()[0]
    assert UsdShade.Shader(texture).GetInput("file").Get().resolvedPath


def test_the_archive_is_stored_aligned_and_holds_a_picture(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        assert all(entry.compress_type == zipfile.ZIP_STORED for entry in entries)
        picture = next(entry for entry in entries if entry.filename.endswith(".jpg"))
        assert Image.open(io.BytesIO(archive.read(picture))).size == (1024, 1024)
    content = path.read_bytes()
    for entry in entries:  # USDZ: every file's data begins at a multiple of 64 bytes
        name, extra = (
            int.from_bytes(content[entry.header_offset + k : entry.header_offset + k + 2], "little")
            for k in (26, 28)
        )
        assert (entry.header_offset + 30 + name + extra) % 64 == 0


def test_without_the_library_the_message_says_what_to_install(face, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pxr", None)
    with pytest.raises(ExportError, match=r"pip install usd-core, or choose \.glb"):
        face.save(tmp_path / "head.usdz")
    assert not list(tmp_path.iterdir())


def test_a_full_temporary_folder_is_a_message_and_leaves_nothing(face, tmp_path, monkeypatch):
    pytest.importorskip("pxr", reason="pip install usd-core")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(ExportError, match=r"usdz.*No space left.*free some space"):
        face.save(tmp_path / "head.usdz", texture_size=64)
    assert not list(tmp_path.iterdir())
