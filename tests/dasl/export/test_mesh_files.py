"""Tests of the mesh files: each opened again by a reader that is not our writer."""

from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from dasl.export.options import HeadOptions
from dasl.head.neck_cap import with_centre
from dasl.head.surface import head_surface
from dasl.reconstruction.face import Face
from tests.dasl.painted_head import head_model, painted_face

WHOLE = HeadOptions()
FACE = HeadOptions("face", 1, True, "camera", 256)


@pytest.fixture(scope="module")
def face() -> Face:
    return painted_face(20.0, {"jawOpen": 0.3})


def _save(face: Face, path: Path, options: HeadOptions) -> Path:
    return face.save(
        path,
        part=options.part,
        subdivisions=options.subdivisions,
        neutral=options.neutral,
        align=options.align,
        texture_size=options.texture_size,
    )


def _wanted_corners(face: Face, options: HeadOptions) -> np.ndarray:
    """(T, 3, 3), worked out from the model alone."""
    vertices = face.head.vertices_model(options.neutral)
    if options.align == "camera":
        vertices = vertices @ face.pose.rotation.T
    surface = head_surface(face.model, options.part, options.subdivisions)
    points = with_centre(surface.points(vertices), surface.rim)
    return points[surface.closed_triangles]


@pytest.mark.parametrize("options", [WHOLE, FACE], ids=["whole", "face"])
@pytest.mark.parametrize(("suffix", "unit"), [("obj", 1.0), ("ply", 1.0), ("stl", 1000.0)])
def test_trimesh_reads_the_triangles_that_were_written(face, tmp_path, options, suffix, unit):
    loaded = trimesh.load(_save(face, tmp_path / f"head.{suffix}", options), process=False)
    wanted = _wanted_corners(face, options)
    np.testing.assert_allclose(loaded.triangles, unit * wanted, atol=2e-6 * unit)


@pytest.mark.parametrize("options", [WHOLE, FACE], ids=["whole", "face"])
@pytest.mark.parametrize(("suffix", "unit"), [("ply", 1.0), ("stl", 1000.0)])
def test_meshio_reads_the_same(face, tmp_path, options, suffix, unit):
    meshio = pytest.importorskip("meshio", reason="pip install meshio")
    loaded = meshio.read(_save(face, tmp_path / f"head.{suffix}", options))
    corners = loaded.points[loaded.get_cells_type("triangle")]
    np.testing.assert_allclose(corners, unit * _wanted_corners(face, options), atol=2e-6 * unit)


def test_a_glb_with_every_choice_shows_the_chosen_surface(face: Face, tmp_path: Path) -> None:
    path = _save(face, tmp_path / "head.glb", FACE)
    loaded = next(iter(trimesh.load(path).geometry.values()))
    np.testing.assert_allclose(loaded.triangles, _wanted_corners(face, FACE), atol=1e-6)
    assert loaded.visual.material.baseColorTexture.size == (256, 256)
    unit = np.asarray(loaded.vertex_normals)
    np.testing.assert_allclose(unit, face.head.shaped_mesh(FACE).normals, atol=1e-5)


def test_the_normals_of_a_part_are_those_of_the_whole_head(face: Face) -> None:
    whole, part = (face.head.shaped_mesh(HeadOptions(part=name)) for name in ("head", "face"))
    surface = head_surface(head_model(), "face")
    wanted = np.zeros((head_model().vertex_count, 3), np.float32)
    wanted[head_model().uv_vertex] = whole.normals[: len(head_model().uv)]
    np.testing.assert_array_equal(part.normals, wanted[surface.kept[surface.uv_vertex]])


def test_the_colours_of_a_subdivided_ply_are_those_of_the_texture(face, tmp_path) -> None:
    options = HeadOptions(subdivisions=1)
    loaded = trimesh.load(_save(face, tmp_path / "head.ply", options), process=False)
    surface = head_surface(head_model(), "head", 1)
    row, column = (np.array([1, 0]) + [-1, 1] * surface.uv[:, ::-1]).T * 1023
    wanted = face.head.texture()[row.round().astype(int), column.round().astype(int)].astype(int)
    got = loaded.visual.vertex_colors[surface.uv_vertex, :3].astype(int)
    assert np.abs(got - wanted).mean() < 3


def test_an_obj_beside_a_photo_of_its_name_leaves_the_photo_alone(face, tmp_path) -> None:
    photo = tmp_path / "me.png"
    Image.new("RGB", (3, 3), "red").save(photo)
    before = photo.read_bytes()
    face.save(tmp_path / "me.obj", texture_size=64)
    assert photo.read_bytes() == before
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["me.mtl", "me.obj", "me.png", "me.texture.png"]
    assert trimesh.load(tmp_path / "me.obj").visual.material.image.size == (64, 64)


@pytest.mark.parametrize(("suffix", "unit"), [("obj", 1.0), ("ply", 1.0), ("stl", 1000.0)])
def test_a_chosen_expression_is_the_one_in_the_file(face, tmp_path, suffix, unit):
    chosen = {"jawOpen": 0.9, "mouthSmileLeft": 0.5}
    path = face.save(tmp_path / f"head.{suffix}", expression=chosen, texture_size=64)
    names = face.model.expression_names
    weights = np.array([[chosen.get(name, 0.0) for name in names]], np.float32)
    identity, fitted = face.coefficients.identity, face.head.weights(WHOLE)[None]
    moved = face.model.vertices(identity, weights - fitted)
    by_weights = moved - face.model.vertices(identity, np.zeros_like(weights))
    surface = head_surface(face.model, "head", 0)
    vertices = face.head.vertices_model() + by_weights[0]
    points = with_centre(surface.points(vertices), surface.rim)
    loaded = trimesh.load(path, process=False)
    wanted = unit * points[surface.closed_triangles]
    np.testing.assert_allclose(loaded.triangles, wanted, atol=3e-6 * unit)
    assert np.abs(by_weights).max() > 0.01  # metres


def test_a_chosen_expression_is_what_a_glb_starts_with(face: Face, tmp_path: Path) -> None:
    pygltflib = pytest.importorskip("pygltflib", reason="pip install -e '.[dev]'")
    path = face.save(tmp_path / "head.glb", expression={"tongueOut": 1.0}, texture_size=64)
    mesh = pygltflib.GLTF2().load(str(path)).meshes[0]
    started = dict(zip(mesh.extras["targetNames"], mesh.weights, strict=True))
    assert {name: weight for name, weight in started.items() if weight} == {"tongueOut": 1.0}


def test_the_neck_of_an_stl_is_closed(face: Face, tmp_path: Path) -> None:
    loaded = trimesh.load(face.save(tmp_path / "head.stl"))
    sides = np.sort(loaded.edges, axis=1)
    edges, uses = np.unique(sides, axis=0, return_counts=True)
    open_edges = loaded.vertices[edges[uses == 1]]
    # Only the teeth, thin shells, are open.
    assert open_edges[..., 1].min() > loaded.bounds[0, 1] + 0.15 * loaded.extents[1]


def test_an_stl_is_as_large_as_a_head_in_millimetres(face: Face, tmp_path: Path) -> None:
    loaded = trimesh.load(face.save(tmp_path / "head.stl"))
    assert 240 < loaded.extents[1] < 310


@pytest.mark.parametrize("kind", ["stl", "glb", "ply", "obj"])
def test_pupils_are_as_far_apart_as_asked_in_every_file(
    face: Face, kind: str, tmp_path: Path
) -> None:
    own = face.mesh(64).extents
    eyeballs = face.head.vertices_model(neutral=True)[face.model.region("eyeballs")]
    is_left = eyeballs[:, 0] < 0
    apart = np.linalg.norm(eyeballs[is_left].mean(axis=0) - eyeballs[~is_left].mean(axis=0))
    asked_mm = 70.0
    factor = asked_mm / 1000 / apart
    path = face.save(tmp_path / f"head.{kind}", ipd_mm=asked_mm, texture_size=64)
    loaded = trimesh.load(path, force="mesh")
    unit = 1000 if kind == "stl" else 1
    plain = trimesh.load(face.save(tmp_path / f"own.{kind}", texture_size=64), force="mesh")
    np.testing.assert_allclose(loaded.extents, plain.extents * factor, rtol=1e-4)
    if kind != "glb":  # which is at rest
        np.testing.assert_allclose(loaded.extents / unit, own * factor, rtol=1e-4)
    if kind == "stl":
        assert face.measured(asked_mm).interpupillary_mm == asked_mm


def test_the_morph_targets_of_a_scaled_glb_are_scaled_with_it(face: Face, tmp_path: Path) -> None:
    pygltflib = pytest.importorskip("pygltflib", reason="pip install -e '.[dev]'")
    extents = []
    for ipd_mm in (50.0, 75.0):
        path = face.save(tmp_path / "head.glb", ipd_mm=ipd_mm, texture_size=64)
        gltf = pygltflib.GLTF2.load(str(path))
        jaw = gltf.meshes[0].extras["targetNames"].index("jawOpen")
        accessor = gltf.accessors[gltf.meshes[0].primitives[0].targets[jaw]["POSITION"]]
        extents.append(np.array(accessor.max) - np.array(accessor.min))
    np.testing.assert_allclose(extents[1], 1.5 * extents[0], rtol=0.01, atol=1e-5)
