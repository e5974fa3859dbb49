"""Tests of the files of a face: their contents, and what happens when they cannot be written."""

import json
from pathlib import Path

import numpy as np
import pytest
import trimesh

from dasl.errors import DaslError, ExportError
from dasl.export.save import write_files
from dasl.head.surface import head_surface
from dasl.reconstruction.face import Face
from tests.dasl.painted_head import head_model, painted_face


@pytest.fixture(scope="module")
def face() -> Face:
    return painted_face(20.0, {"jawOpen": 0.3})


def test_json_holds_the_numbers_and_says_their_frames(face: Face, tmp_path: Path) -> None:
    record = json.loads(face.save(tmp_path / "face.json").read_text())
    assert record["pose"]["yaw_deg"] == pytest.approx(20.0, abs=0.01)
    assert record["expression"]["jawOpen"] == 0.3
    assert len(record["expression"]) == head_model().expression_count
    assert record["head_id"] == head_model().head_id
    assert record["schema_version"] == 2
    assert len(record["identity_sd"]) == head_model().identity_count
    np.testing.assert_allclose(record["landmarks68_image"], face.landmarks, atol=0.006)
    assert record["box"] == [120.0, 110.0, 330.0, 380.0]
    assert record["confidence"] == 0.8
    assert record["covered"] == []
    assert "y down" in record["frames"]["image"]
    measures = record["measures"]
    assert "assumed" in measures["note"] and "63 mm" in measures["note"]
    assert measures["interpupillary_mm"] == 63.0
    assert measures["nose_length_mm"] == pytest.approx(face.measures.nose_length_mm, abs=0.006)


@pytest.mark.parametrize("given", [70, 70.0, np.float32(70)])
def test_the_distance_between_the_pupils_that_is_said_is_in_the_records_measures(
    face: Face, tmp_path: Path, given: float
) -> None:
    measures = json.loads(face.save(tmp_path / "face.json", ipd_mm=given).read_text())["measures"]
    assert "70 mm" in measures["note"] and measures["interpupillary_mm"] == 70.0
    wanted = face.measures.nose_length_mm * 70 / 63
    assert measures["nose_length_mm"] == pytest.approx(wanted, abs=0.006)


def test_the_record_is_what_the_json_file_holds(face: Face, tmp_path: Path) -> None:
    written = json.loads(face.save(tmp_path / "face.json").read_text())
    assert written == face.record().document()
    assert written["landmarks"] == written["landmarks68_image"]


def test_the_pose_in_json_projects_the_model_onto_the_landmarks(face: Face, tmp_path: Path) -> None:
    pose = json.loads(face.save(tmp_path / "face.json").read_text())["pose"]
    landmarks_model = head_model().landmarks68_of(face.head.vertices_model())
    view = pose["scale_px_per_m"] * landmarks_model @ np.array(pose["rotation"]).T
    x, y = pose["translation_px"]
    np.testing.assert_allclose(face.landmarks[:, 0], x + view[:, 0], atol=0.01)
    np.testing.assert_allclose(face.landmarks[:, 1], y - view[:, 1], atol=0.01)


def test_npz_holds_the_arrays_and_reads_without_pickle(face: Face, tmp_path: Path) -> None:
    with np.load(face.save(tmp_path / "face.npz"), allow_pickle=False) as stored:
        for name in ("landmarks", "vertices", "triangles", "identity", "box"):
            np.testing.assert_array_equal(stored[name], getattr(face, name))
        assert stored["head_id"] == head_model().head_id
        names = stored["expression_names"].tolist()
        assert stored["expression"][names.index("jawOpen")] == np.float32(0.3)
        np.testing.assert_array_equal(stored["rotation"], face.pose.rotation)


def test_obj_comes_with_its_material_and_texture(face: Face, tmp_path: Path) -> None:
    path = face.save(tmp_path / "my head.obj")
    assert sorted(p.suffix for p in tmp_path.iterdir()) == [".mtl", ".obj", ".png"]
    loaded = trimesh.load(path, process=False)
    surface = head_surface(head_model())
    assert len(loaded.faces) == len(surface.closed_triangles)
    corners = surface.points(face.head.vertices_model())[surface.triangles]
    np.testing.assert_allclose(loaded.triangles[: -len(surface.rim)], corners, atol=1e-6)
    assert loaded.visual.material.image.size == (1024, 1024)


def test_ply_has_the_colours_of_the_texture(face: Face, tmp_path: Path) -> None:
    loaded = trimesh.load(face.save(tmp_path / "head.ply"), process=False)
    vertices = loaded.vertices[: head_model().vertex_count]
    np.testing.assert_allclose(vertices, face.head.vertices_model(), atol=1e-6)
    uv = head_model().uv
    row, column = ((1 - uv[:, 1]) * 1024).astype(int), (uv[:, 0] * 1024).astype(int)
    wanted = face.head.texture()[row, column].astype(int)
    got = loaded.visual.vertex_colors[head_model().uv_vertex, :3].astype(int)
    assert np.abs(got - wanted).mean() < 2


def test_suffixes_are_read_in_any_case_and_paths_may_be_text(face: Face, tmp_path: Path) -> None:
    assert face.save(str(tmp_path / "FACE.JSON")).exists()


def test_saving_again_replaces_the_file_with_ordinary_permissions(
    face: Face, tmp_path: Path
) -> None:
    path = tmp_path / "face.json"
    path.write_text("old")
    face.save(path)
    assert json.loads(path.read_text())["confidence"] == 0.8
    beside = tmp_path / "plain"
    beside.touch()
    assert path.stat().st_mode == beside.stat().st_mode
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(("name", "got"), [("head.fbx", "'.fbx'"), ("head", "'none'")])
def test_an_unknown_suffix_is_refused_with_the_known_ones(
    face: Face, tmp_path: Path, name: str, got: str
) -> None:
    kinds = r"\.glb, \.vrm, \.obj, \.ply, \.stl, \.usdz, \.json"
    with pytest.raises(ExportError, match=kinds) as caught:
        face.save(tmp_path / name)
    assert got in str(caught.value)
    assert isinstance(caught.value, DaslError)


def test_a_missing_folder_is_named(face: Face, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"no folder .*gone.*make it first"):
        face.save(tmp_path / "gone" / "head.json")


def test_a_folder_in_the_files_place_is_refused(face: Face, tmp_path: Path) -> None:
    (tmp_path / "head.json").mkdir()
    with pytest.raises(ExportError, match="is a folder"):
        face.save(tmp_path / "head.json")


def test_a_folder_that_cannot_be_written_is_refused(
    face: Face, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "touch", refuse)  # chmod does not stop root
    with pytest.raises(ExportError, match=r"head\.json.*Permission denied.*choose a folder"):
        face.save(tmp_path / "head.json")


def test_a_full_disk_leaves_nothing_behind_and_the_old_files_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.obj").write_text("old")
    write = Path.write_bytes

    def full_at_second(path: Path, content: bytes) -> int:
        if len(list(tmp_path.glob(".*.part"))) > 1:
            raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full_at_second)
    with pytest.raises(ExportError, match=r"a\.obj.*No space left"):
        write_files({tmp_path / "a.obj": b"new", tmp_path / "a.mtl": b"new"})
    assert [p.name for p in tmp_path.iterdir()] == ["a.obj"]
    assert (tmp_path / "a.obj").read_text() == "old"


def test_a_folder_in_the_place_of_a_file_that_comes_along_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.mtl").mkdir()
    with pytest.raises(ExportError, match=r"cannot write '.*a\.mtl': Is a directory"):
        write_files({tmp_path / "a.obj": b"new", tmp_path / "a.mtl": b"new"})


def test_further_landmarks_are_in_both_records_when_asked_for(face: Face, tmp_path: Path) -> None:
    record = json.loads(face.save(tmp_path / "a.json", landmarks=("106", "478")).read_text())
    with np.load(face.save(tmp_path / "a.npz", landmarks=("106", "478"))) as arrays:
        for scheme in ("106", "478"):
            wanted = face.landmarks_in(scheme)
            np.testing.assert_allclose(record[f"landmarks{scheme}_image"], wanted, atol=0.006)
            np.testing.assert_array_equal(arrays[f"landmarks{scheme}"], wanted)
    assert "landmarks106_image" not in json.loads(face.save(tmp_path / "b.json").read_text())


def test_further_landmarks_lie_on_the_photo_as_the_68_do(face: Face) -> None:
    points = face.landmarks_in("106")
    np.testing.assert_allclose(points[84:104], face.landmarks[48:], atol=0.02)


def test_an_unknown_landmark_scheme_is_refused_before_anything_is_written(
    face: Face, tmp_path: Path
) -> None:
    with pytest.raises(DaslError, match="one of 106, 478"):
        face.save(tmp_path / "a.json", landmarks=("98",))  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
