"""Tests of the GLB writer, read back with pygltflib and trimesh, two other people's readers."""

import io
import json
import math
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from dasl.export.gltf import Animation, glb_bytes
from dasl.export.mesh_files import head_glb
from dasl.export.morph_targets import STILL_BELOW_M, morph_target
from dasl.export.options import HeadOptions
from dasl.head.mesh import SplitMesh, split_expression_basis
from dasl.head.surface import head_surface
from dasl.reconstruction.face import Face, faces_from_coefficients
from tests.dasl.painted_head import coefficients, head_model, painted_face
from tests.gltf_validator import assert_valid

pygltflib = pytest.importorskip("pygltflib", reason="pip install -e '.[dev]'")
TYPES = {5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}


@pytest.fixture(scope="module")
def face() -> Face:
    return painted_face(weights={"jawOpen": 0.4, "mouthSmileLeft": 0.7})


@pytest.fixture(scope="module")
def path(face: Face, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return face.save(tmp_path_factory.mktemp("glb") / "head.glb")


def _read(gltf: "pygltflib.GLTF2", index: int) -> np.ndarray:
    """Values of an accessor, sparse ones filled in."""
    accessor, blob = gltf.accessors[index], gltf.binary_blob()
    width = WIDTHS[accessor.type]

    def values(view_index: int, kind: int, count: int, columns: int) -> np.ndarray:
        start = gltf.bufferViews[view_index].byteOffset
        return np.frombuffer(blob, TYPES[kind], count * columns, start).reshape(count, columns)

    if accessor.sparse is None:
        return values(accessor.bufferView, accessor.componentType, accessor.count, width)
    full = np.zeros((accessor.count, width), np.float32)
    sparse = accessor.sparse
    rows = values(sparse.indices.bufferView, sparse.indices.componentType, sparse.count, 1)[:, 0]
    full[rows] = values(sparse.values.bufferView, accessor.componentType, sparse.count, width)
    return full


def test_the_rest_shape_and_every_morph_target_come_back(path: Path, face: Face) -> None:
    gltf = pygltflib.GLTF2.load(str(path))
    primitive = gltf.meshes[0].primitives[0]
    rest = face.head.shaped_mesh(HeadOptions(neutral=True))
    np.testing.assert_array_equal(_read(gltf, primitive.attributes.POSITION), rest.vertices)
    np.testing.assert_array_equal(_read(gltf, primitive.attributes.NORMAL), rest.normals)
    np.testing.assert_array_equal(_read(gltf, primitive.indices).reshape(-1, 3), rest.triangles)
    basis = split_expression_basis(head_model())
    assert len(primitive.targets) == head_model().expression_count
    for target, offsets in zip(primitive.targets, basis, strict=True):
        assert np.abs(_read(gltf, target["POSITION"]) - offsets).max() <= STILL_BELOW_M


def test_rest_shape_plus_weighted_targets_is_the_fitted_head(path: Path, face: Face) -> None:
    gltf = pygltflib.GLTF2.load(str(path))
    mesh = gltf.meshes[0]
    shown = _read(gltf, mesh.primitives[0].attributes.POSITION).astype(np.float64)
    for target, weight in zip(mesh.primitives[0].targets, mesh.weights, strict=True):
        shown += weight * _read(gltf, target["POSITION"])
    np.testing.assert_allclose(
        shown, face.head.shaped_mesh(HeadOptions()).vertices, atol=STILL_BELOW_M
    )


def test_a_subdivided_turned_face_with_its_targets_is_the_fitted_face(
    face: Face, tmp_path: Path
) -> None:
    choice = HeadOptions("face", 1, False, "camera", 64)
    path = face.save(
        tmp_path / "face.glb", part="face", subdivisions=1, align="camera", texture_size=64
    )
    gltf = pygltflib.GLTF2.load(str(path))
    mesh = gltf.meshes[0]
    shown = _read(gltf, mesh.primitives[0].attributes.POSITION).astype(np.float64)
    for target, weight in zip(mesh.primitives[0].targets, mesh.weights, strict=True):
        shown += weight * _read(gltf, target["POSITION"])
    np.testing.assert_allclose(shown, face.head.shaped_mesh(choice).vertices, atol=STILL_BELOW_M)


def test_a_neutral_file_keeps_its_targets_and_shows_none(face: Face, tmp_path: Path) -> None:
    mesh = pygltflib.GLTF2.load(str(face.save(tmp_path / "calm.glb", neutral=True))).meshes[0]
    assert set(mesh.weights) == {0.0}
    assert len(mesh.primitives[0].targets) == head_model().expression_count


def test_the_finest_file_of_the_roughest_photo_is_below_six_megabytes(tmp_path: Path) -> None:
    """Noise is what JPEG compresses worst; the face fills the photo."""
    noise = np.random.default_rng(0).integers(0, 255, (1200, 1200, 3), dtype=np.uint8)
    found = coefficients(weights={"jawOpen": 0.4}, centre_px=600.0)
    found = replace(found, pose=replace(found.pose, scale=4.0 * found.pose.scale))
    rough = faces_from_coefficients(head_model(), noise, found, np.zeros((1, 4)), [1.0])[0]
    path = rough.save(tmp_path / "fine.glb", subdivisions=1, texture_size=2048)
    assert path.stat().st_size < 6e6


def test_targets_have_their_arkit_names_and_the_fitted_weights(path: Path) -> None:
    mesh = pygltflib.GLTF2.load(str(path)).meshes[0]
    names = mesh.extras["targetNames"]
    assert tuple(names) == head_model().expression_names
    weights = dict(zip(names, mesh.weights, strict=True))
    assert weights.pop("jawOpen") == pytest.approx(0.4)
    assert weights.pop("mouthSmileLeft") == pytest.approx(0.7)
    assert set(weights.values()) == {0.0}


def test_bounds_are_those_of_the_values_and_views_are_aligned(path: Path) -> None:
    gltf = pygltflib.GLTF2.load(str(path))
    assert all(view.byteOffset % 4 == 0 for view in gltf.bufferViews)
    for index, accessor in enumerate(gltf.accessors):
        values = _read(gltf, index)
        np.testing.assert_array_equal(values.min(axis=0), np.float32(accessor.min))
        np.testing.assert_array_equal(values.max(axis=0), np.float32(accessor.max))


def test_the_chunks_add_up_and_the_file_is_small(path: Path) -> None:
    content = path.read_bytes()
    magic, version, length = struct.unpack("<4sII", content[:12])
    assert (magic, version, length) == (b"glTF", 2, len(content))
    text_length, kind = struct.unpack("<I4s", content[12:20])
    assert kind == b"JSON"
    assert text_length % 4 == 0
    assert json.loads(content[20 : 20 + text_length])["asset"]["version"] == "2.0"
    assert len(content) < 6e6


def test_trimesh_opens_it_and_its_texture_lies_the_right_way_up(path: Path, face: Face) -> None:
    scene = trimesh.load(path)
    mesh = next(iter(scene.geometry.values()))
    assert len(mesh.faces) == len(head_surface(head_model()).closed_triangles)
    uv = mesh.visual.uv[: len(head_model().uv)]
    np.testing.assert_allclose(uv, head_model().uv, atol=1e-6)
    texture = np.asarray(mesh.visual.material.baseColorTexture.convert("RGB"))
    assert np.abs(texture.astype(int) - face.head.texture()).mean() < 2  # JPEG
    assert mesh.visual.material.metallicFactor == 0


def test_a_target_that_moves_nothing_is_still_valid() -> None:
    corner = np.eye(3, dtype=np.float32)
    mesh = SplitMesh(corner, corner, corner[:, :2].copy(), np.array([[0, 1, 2]]))
    buffer = io.BytesIO()
    Image.new("RGB", (2, 2)).save(buffer, "PNG")
    picture = buffer.getvalue()
    content = glb_bytes(mesh, picture, picture, {"still": morph_target(np.zeros_like(corner))}, {})
    gltf = pygltflib.GLTF2.load_from_bytes(content)
    assert gltf.accessors[-1].sparse.count == 1
    assert gltf.images[0].mimeType == "image/png"
    np.testing.assert_array_equal(_read(gltf, len(gltf.accessors) - 1), 0)


def test_a_head_moves_by_the_keys_of_its_animation(face: Face) -> None:
    times_s = np.array([0.0, 0.5, 1.25], np.float32)
    turns = np.array([[0, 0, 0, 1], [0, 0.6, 0, 0.8], [0, 0, 0, 1]], np.float32)
    weights = np.linspace(0, 1, 3 * head_model().expression_count, dtype=np.float32)
    animation = Animation("nod", times_s, {"rotation": turns, "weights": weights})
    content = head_glb(face.head, HeadOptions(texture_size=64), animation)
    assert_valid(content)
    gltf = pygltflib.GLTF2.load_from_bytes(content)
    (nod,) = gltf.animations
    assert nod.name == "nod"
    channels = {channel.target.path: nod.samplers[channel.sampler] for channel in nod.channels}
    assert {channel.target.node for channel in nod.channels} == {0}
    for path, values in (("rotation", turns), ("weights", weights[:, None])):
        np.testing.assert_array_equal(_read(gltf, channels[path].input)[:, 0], times_s)
        np.testing.assert_array_equal(_read(gltf, channels[path].output), values)


def test_a_head_that_does_not_move_has_no_animation(path: Path) -> None:
    assert pygltflib.GLTF2.load(str(path)).animations == []


@pytest.mark.parametrize(
    "choices",
    [{}, {"neutral": True}, {"part": "face", "subdivisions": 1, "align": "camera"}],
    ids=["head", "neutral", "fine-turned-face"],
)
def test_the_gltf_validator_finds_nothing_wrong(face: Face, tmp_path: Path, choices: dict) -> None:
    path = face.save(tmp_path / "head.glb", texture_size=256, **choices)
    assert_valid(path.read_bytes())


def test_the_smooth_outline_costs_at_most_a_tenth_of_the_file(
    path: Path, face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dasl.head.outline.LONG_EDGE_M", math.inf)
    head_surface.cache_clear()
    try:
        coarse = len(head_glb(face.head, HeadOptions()))
    finally:
        head_surface.cache_clear()
    assert coarse < path.stat().st_size < 1.1 * coarse
