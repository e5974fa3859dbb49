"""Tests of hair in every kind of file, opened by readers that are not our writers."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from dasl.export.gltf import Animation
from dasl.export.hair import surroundings
from dasl.export.hair.hair import HAIR_ROUGHNESS
from dasl.export.hair.relief import strand_relief
from dasl.export.mesh_files import head_glb
from dasl.export.options import HeadOptions
from dasl.reconstruction.face import Face
from dasl.texture.roughness import roughness_map
from tests.dasl.export.hair.haired_head import face_with_hair
from tests.gltf_validator import assert_valid

OPTIONS = HeadOptions(hair=True, texture_size=64)
WEIGHTS = {"jawOpen": 0.5}


@pytest.fixture
def face(monkeypatch) -> Face:
    return face_with_hair(monkeypatch, WEIGHTS)


def _save(face: Face, path: Path) -> Path:
    return face.save(path, hair=True, texture_size=64)


def test_a_glb_has_a_node_mesh_and_material_of_hair_with_every_morph_target(face, tmp_path) -> None:
    pygltflib = pytest.importorskip("pygltflib", reason="pip install -e '.[dev]'")
    gltf = pygltflib.GLTF2.load(str(_save(face, tmp_path / "head.glb")))
    assert [node.name for node in gltf.nodes] == ["head", "hair"]
    assert gltf.nodes[0].children == [1]
    head, hair = gltf.meshes
    assert [material.name for material in gltf.materials] == ["skin", "hair"]
    assert hair.primitives[0].material == 1
    assert hair.extras["targetNames"] == head.extras["targetNames"]
    assert hair.weights == head.weights
    assert len(hair.primitives[0].targets) == 52
    rest = face.head.shaped_hair(face.head.hair, replace(OPTIONS, neutral=True))
    assert gltf.accessors[hair.primitives[0].attributes.POSITION].count == len(rest.vertices)


def test_in_a_glb_the_head_has_a_roughness_picture_and_the_hair_a_number(face, tmp_path) -> None:
    pygltflib = pytest.importorskip("pygltflib", reason="pip install -e '.[dev]'")
    gltf = pygltflib.GLTF2.load(str(_save(face, tmp_path / "head.glb")))
    skin, hair = (material.pbrMetallicRoughness for material in gltf.materials)
    assert skin.roughnessFactor == 1.0
    assert hair.roughnessFactor == HAIR_ROUGHNESS
    assert hair.metallicRoughnessTexture is None
    asked = (skin.baseColorTexture, skin.metallicRoughnessTexture, hair.baseColorTexture)
    pictures = [_picture(gltf, texture.index) for texture in asked]
    head = face.head
    wanted = (head.texture(64), roughness_map(head.model), head.hair_texture(head.hair, OPTIONS))
    for picture, want in zip(pictures, wanted, strict=True):
        assert picture.shape == want.shape
        assert np.abs(picture - want).mean() < 4.0  # a JPEG's loss


@pytest.mark.parametrize("align", ["head", "camera"])
def test_in_a_glb_the_relief_of_hair_lies_along_its_texture(face, tmp_path, align) -> None:
    pygltflib = pytest.importorskip("pygltflib", reason="pip install -e '.[dev]'")
    path = face.save(tmp_path / "head.glb", hair=True, texture_size=64, align=align)
    gltf = pygltflib.GLTF2.load(str(path))
    skin, hair = gltf.materials
    assert skin.normalTexture is None
    picture = _picture(gltf, hair.normalTexture.index)
    assert np.corrcoef(picture[..., 0].ravel(), strand_relief()[..., 0].ravel())[0, 1] > 0.9
    parts = gltf.meshes[1].primitives[0]
    places, tangents, uv = (
        _floats(gltf, accessor)
        for accessor in (
            parts.attributes.POSITION,
            parts.attributes.TANGENT,
            parts.attributes.TEXCOORD_0,
        )
    )
    triangles = _floats(gltf, parts.indices, np.uint16).reshape(-1, 3)
    start, end = triangles[:, [0, 1, 2]].ravel(), triangles[:, [1, 2, 0]].ravel()
    is_level = (uv[start, 1] == uv[end, 1]) & (uv[start, 0] < uv[end, 0])
    ways = places[end[is_level]] - places[start[is_level]]
    cosines = (ways * tangents[start[is_level], :3]).sum(axis=1) / np.linalg.norm(ways, axis=1)
    assert np.median(cosines) > 0.9
    assert gltf.meshes[0].primitives[0].attributes.TANGENT is None


def _floats(gltf, accessor: int, kind: type = np.float32) -> np.ndarray:
    entry = gltf.accessors[accessor]
    view = gltf.bufferViews[entry.bufferView]
    content = gltf.binary_blob()[view.byteOffset : view.byteOffset + view.byteLength]
    return np.frombuffer(content, kind).reshape(entry.count, -1)


def _picture(gltf, texture: int) -> np.ndarray:
    view = gltf.bufferViews[gltf.images[gltf.textures[texture].source].bufferView]
    content = gltf.binary_blob()[view.byteOffset : view.byteOffset + view.byteLength]
    return np.asarray(Image.open(io.BytesIO(content))).astype(float)


def test_the_largest_texture_is_written(face, tmp_path) -> None:
    path = face.save(tmp_path / "large.obj", hair=True, texture_size=4096)
    assert Image.open(path.with_suffix(".texture.png")).size == (4096, 4096)
    assert Image.open(path.with_suffix(".hair.png")).size == (2048, 1024)


def test_khronos_validator_finds_no_error_in_a_glb_with_hair(face, tmp_path) -> None:
    assert_valid(_save(face, tmp_path / "head.glb").read_bytes())


def test_hair_moves_along_in_an_animation(face) -> None:
    pygltflib = pytest.importorskip("pygltflib", reason="pip install -e '.[dev]'")
    times = np.array([0.0, 1.0], np.float32)
    channels = {
        "rotation": np.tile(np.array([[0, 0, 0, 1]], np.float32), (2, 1)),
        "weights": np.zeros(2 * 52, np.float32),
    }
    content = head_glb(face.head, OPTIONS, Animation("clip", times, channels))
    (clip,) = pygltflib.GLTF2.load_from_bytes(content).animations
    moved = sorted((channel.target.node, channel.target.path) for channel in clip.channels)
    assert moved == [(0, "rotation"), (0, "weights"), (1, "weights")]
    assert_valid(content)


def test_an_obj_has_an_object_and_a_picture_of_hair(face, tmp_path) -> None:
    path = _save(face, tmp_path / "me.obj")
    names = sorted(made.name for made in tmp_path.iterdir())
    assert names == ["me.hair.png", "me.mtl", "me.obj", "me.texture.png"]
    loaded = trimesh.load(path, split_object=True, group_material=True, process=False)
    assert len(loaded.geometry) == 2
    wanted = face.head.shaped_hair(face.head.hair, OPTIONS)
    small = min(loaded.geometry.values(), key=lambda part: len(part.faces))
    np.testing.assert_allclose(small.triangles, wanted.vertices[wanted.triangles], atol=2e-6)
    assert small.visual.material.image.size == (64, 32)


@pytest.mark.parametrize(("suffix", "unit"), [("ply", 1.0), ("stl", 1000.0)])
def test_one_mesh_holds_the_head_then_the_hair(face, tmp_path, suffix, unit) -> None:
    whole = trimesh.load(_save(face, tmp_path / f"head.{suffix}"), process=False)
    bare = trimesh.load(face.save(tmp_path / f"bare.{suffix}", texture_size=64, hair=False))
    wanted = face.head.shaped_hair(face.head.hair, OPTIONS)
    count = len(wanted.triangles)
    assert len(whole.triangles) == len(bare.triangles) + count
    expected = unit * wanted.vertices[wanted.triangles]
    np.testing.assert_allclose(whole.triangles[-count:], expected, atol=2e-6 * unit)


def test_a_ply_has_the_hairs_colours(face, tmp_path) -> None:
    whole = trimesh.load(_save(face, tmp_path / "head.ply"), process=False)
    wanted = face.head.shaped_hair(face.head.hair, OPTIONS)
    colours = whole.visual.vertex_colors[-len(wanted.vertices) :, :3].astype(float)
    top = wanted.vertices[:, 1] > 0.12
    np.testing.assert_allclose(np.median(colours[top], axis=0), (120, 60, 20), atol=20)


def test_a_usdz_has_two_meshes_with_their_materials(face, tmp_path) -> None:
    pytest.importorskip("pxr", reason="pip install usd-core")
    from pxr import Usd, UsdGeom, UsdShade

    stage = Usd.Stage.Open(str(_save(face, tmp_path / "head.usdz")))
    meshes = [prim for prim in stage.Traverse() if prim.IsA(UsdGeom.Mesh)]
    assert [prim.GetName() for prim in meshes] == ["mesh", "hair"]
    bound = [UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial()[0] for prim in meshes]
    assert len({str(material.GetPath()) for material in bound}) == 2
    skin, hair = (material.ComputeSurfaceSource()[0].GetInput("roughness") for material in bound)
    picture = UsdShade.Shader(skin.GetConnectedSource()[0])
    assert picture.GetInput("file").Get().resolvedPath
    assert hair.Get() == pytest.approx(HAIR_ROUGHNESS)
    skin, hair = (material.ComputeSurfaceSource()[0].GetInput("normal") for material in bound)
    assert not skin
    relief = UsdShade.Shader(hair.GetConnectedSource()[0])
    assert relief.GetInput("file").Get().resolvedPath
    assert relief.GetInput("sourceColorSpace").Get() == "raw"
    flat = 0.5 * np.array(relief.GetInput("scale").Get()) + relief.GetInput("bias").Get()
    np.testing.assert_allclose(flat[:3], 0.0)  # a texel of 0.5 is no slope
    wanted = face.head.shaped_hair(face.head.hair, OPTIONS)
    np.testing.assert_array_equal(UsdGeom.Mesh(meshes[1]).GetPointsAttr().Get(), wanted.vertices)


def test_without_hair_a_file_is_as_it_was(face, tmp_path) -> None:
    pygltflib = pytest.importorskip("pygltflib", reason="pip install -e '.[dev]'")
    gltf = pygltflib.GLTF2.load(str(face.save(tmp_path / "a.glb", hair=False, texture_size=64)))
    assert [node.name for node in gltf.nodes] == ["head"]
    assert not gltf.nodes[0].children


def test_the_person_is_cut_out_once_and_only_for_hair(monkeypatch, tmp_path) -> None:
    face = face_with_hair(monkeypatch)
    face = replace(face, around=replace(face.around))  # nothing is known of it yet
    found, calls = surroundings.person_share(face.around.pixels), []
    monkeypatch.setattr(surroundings, "person_share", lambda photo: (calls.append(1), found)[1])
    face.save(tmp_path / "bare.glb")
    face.save(tmp_path / "face.glb", hair=True, part="face")
    assert not calls
    face.save(tmp_path / "haired.glb", hair=True)
    face.save(tmp_path / "again.obj", hair=True)
    assert len(calls) == 1
