"""Finding and reading scans: both layouts, formats, colours, and files that are none."""

from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from eval.benchmarks.florence import scans
from eval.benchmarks.florence.scans import (
    SUBJECT_NAMES,
    Texture,
    VertexColours,
    find_scans,
    read_scan,
    require_all,
)
from eval.errors import BenchmarkError
from tests.eval.florence_files import Head, invented_head, write_obj, write_scans


@pytest.fixture(scope="module")
def head() -> Head:
    """A coarse one."""
    return invented_head(rows=30)


def test_both_layouts_are_found_here_or_one_folder_below(tmp_path: Path, head: Head) -> None:
    heads = {"subject_02": head, "subject_01": head}
    write_scans(tmp_path / "florence", heads, flat=False)
    found = find_scans(tmp_path)
    assert found.folder == tmp_path / "florence"
    assert list(found.paths) == ["subject_01", "subject_02"]
    assert found.paths["subject_01"].parts[-5:-1] == ("subject_01", "Model", "frontal1", "obj")
    flat = write_scans(tmp_path / "flat", heads)
    assert list(find_scans(flat).paths) == ["subject_01", "subject_02"]


def test_of_several_files_of_a_subject_the_first_by_name_is_taken(
    tmp_path: Path, head: Head
) -> None:
    write_scans(tmp_path, {"subject_01": head}, flat=False)
    place = tmp_path / "subject_01" / "Model" / "frontal1" / "obj"
    write_obj(place / "110920150452_new.obj", head.scan)
    assert find_scans(tmp_path).paths["subject_01"].name == "110920150452.obj"


def test_the_data_root_is_taken_where_none_is_named(
    tmp_path: Path, head: Head, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_scans(tmp_path / "florence", {"a": head})
    monkeypatch.setenv("DASL_DATA_ROOT", str(tmp_path))
    assert find_scans(None).folder == tmp_path / "florence"
    monkeypatch.delenv("DASL_DATA_ROOT")
    with pytest.raises(BenchmarkError, match="set DASL_DATA_ROOT"):
        find_scans(None)


def test_a_folder_without_scans_says_what_was_wanted(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match=r"holds no scans, wanted subject_01/Model/frontal1"):
        find_scans(tmp_path)
    with pytest.raises(BenchmarkError, match="is not a folder"):
        find_scans(tmp_path / "absent")


def test_a_partial_set_names_the_first_missing_subjects() -> None:
    paths = {name: Path(f"{name}.obj") for name in SUBJECT_NAMES}
    require_all(paths)
    del paths["subject_07"], paths["subject_53"]
    with pytest.raises(BenchmarkError, match=r"53 subjects, got 51 scans.*subject_07, subject_53"):
        require_all(paths)


def test_an_obj_is_read_with_its_texture(tmp_path: Path, head: Head) -> None:
    write_obj(tmp_path / "a.obj", head.scan)
    scan = read_scan(tmp_path / "a.obj", with_colour=True)
    assert isinstance(scan.colour, Texture) and isinstance(head.scan.colour, Texture)
    np.testing.assert_array_equal(scan.colour.image, head.scan.colour.image)
    ours, theirs = scan.vertices[scan.triangles], head.scan.vertices[head.scan.triangles]
    np.testing.assert_allclose(ours, theirs, atol=1e-4)
    uv = head.scan.colour.uv[head.scan.triangles]
    np.testing.assert_allclose(scan.colour.uv[scan.triangles], uv, atol=1e-5)


def test_without_colour_the_doubled_vertices_of_a_seam_are_one(tmp_path: Path, head: Head) -> None:
    write_obj(tmp_path / "a.obj", head.scan)
    scan = read_scan(tmp_path / "a.obj", with_colour=False)
    assert scan.colour is None
    assert len(np.unique(scan.vertices, axis=0)) == len(scan.vertices) < len(head.scan.vertices)


def test_ply_with_vertex_colours_and_glb_with_a_texture_are_read(
    tmp_path: Path, head: Head
) -> None:
    assert isinstance(head.scan.colour, Texture)
    colours = np.random.default_rng(0).integers(0, 256, (len(head.scan.vertices), 3), np.uint8)
    mesh = trimesh.Trimesh(head.scan.vertices, head.scan.triangles, process=False)
    mesh.visual = trimesh.visual.ColorVisuals(mesh, vertex_colors=colours)
    mesh.export(tmp_path / "a.ply")
    scan = read_scan(tmp_path / "a.ply", with_colour=True)
    assert isinstance(scan.colour, VertexColours)
    np.testing.assert_array_equal(scan.colour.colours, colours)
    image = Image.fromarray(head.scan.colour.image)
    mesh.visual = trimesh.visual.TextureVisuals(head.scan.colour.uv, image=image)
    mesh.export(tmp_path / "a.glb")
    read = read_scan(tmp_path / "a.glb", with_colour=True)
    assert isinstance(read.colour, Texture)
    np.testing.assert_allclose(read.colour.uv, head.scan.colour.uv, atol=1e-5)


def test_a_texture_is_sampled_as_worked_by_hand() -> None:
    # Four texels: red at the bottom left, where u and v are 0; blue above it; black at the right.
    image = np.array([[[0, 0, 200], [0, 0, 0]], [[100, 0, 0], [0, 0, 0]]], dtype=np.uint8)
    texture = Texture(np.array([[0.0, 0.0], [0.0, 1.0], [0.5, 0.25]]), image)
    sampled = texture.sample(np.array([[0, 1, 2]] * 4), np.array([*np.eye(3), [0.5, 0.5, 0.0]]))
    # The third lies between a red and a black texel; the last between red and blue.
    np.testing.assert_allclose(sampled, [[100, 0, 0], [0, 0, 200], [50, 0, 0], [50, 0, 100]])


def test_vertex_colours_are_mixed_by_weight() -> None:
    colours = VertexColours(np.array([[0, 0, 0], [100, 0, 0], [0, 200, 0]], dtype=np.uint8))
    sampled = colours.sample(np.array([[0, 1, 2]]), np.array([[0.25, 0.5, 0.25]]))
    np.testing.assert_allclose(sampled, [[50, 50, 0]])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.obj", b""),
        ("a.obj", b"f 1 2 3\n"),
        ("a.obj", b"v 0 0 0\nv 1 0 0\nf 1 2 9\n"),
        ("a.obj", b"v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"),
        ("a.obj", bytes(range(256)) * 4),
        ("a.ply", b"ply\nformat ascii 1.0\nelement vertex 999999999\n"),
        ("a.glb", b"glTF\x02\x00\x00\x00\xff\xff\xff\xff"),
        ("a.wrl", b"#VRML V2.0 utf8"),
    ],
)
def test_what_is_no_scan_is_refused_by_name(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BenchmarkError, match=name):
        read_scan(tmp_path / name, with_colour=True)


def test_missing_and_oversized_files_are_refused(
    tmp_path: Path, head: Head, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BenchmarkError, match="No such file"):
        read_scan(tmp_path / "absent.obj", with_colour=True)
    write_obj(tmp_path / "a.obj", head.scan)
    monkeypatch.setattr(scans, "MOST_TEXELS", 1000)
    with pytest.raises(BenchmarkError, match="1024 x 512 pixels, wanted at most 1,000"):
        read_scan(tmp_path / "a.obj", with_colour=True)
    monkeypatch.setattr(scans, "MOST_VERTICES", 10)
    with pytest.raises(BenchmarkError, match="at most 10 vertices"):
        read_scan(tmp_path / "a.obj", with_colour=True)
    monkeypatch.setattr(scans, "LARGEST_FILE", 10)
    with pytest.raises(BenchmarkError, match="at most 10 bytes"):
        read_scan(tmp_path / "a.obj", with_colour=True)


def test_a_material_cannot_name_files_outside_the_folder(tmp_path: Path, head: Head) -> None:
    write_obj(tmp_path / "secret.obj", head.scan)
    inner = tmp_path / "inner"
    inner.mkdir()
    write_obj(inner / "a.obj", head.scan)
    (inner / "a.mtl").write_text("newmtl skin\nmap_Kd ../secret.png\n")
    with pytest.raises(BenchmarkError, match="neither a texture that can be read"):
        read_scan(inner / "a.obj", with_colour=True)
