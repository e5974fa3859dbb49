"""Tests of VRM files: read with pygltflib, and moved in a browser by pixiv's three-vrm."""

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pygltflib import GLTF2

from dasl.errors import ExportError
from dasl.export.options import HeadOptions
from dasl.head.mesh import split_expression_basis
from dasl.head.surface import head_surface
from dasl.reconstruction.face import Face
from tests.dasl.export.hair.haired_head import face_with_hair
from tests.dasl.painted_head import head_model
from tests.gltf_validator import assert_valid
from tests.three_vrm import opened_vrm

PHOTO = {"jawOpen": 0.4, "mouthSmileLeft": 0.7}
REQUIRED_BONES = {
    "hips": None,
    "spine": "hips",
    "head": "neck",
    "leftUpperLeg": "hips",
    "leftLowerLeg": "leftUpperLeg",
    "leftFoot": "leftLowerLeg",
    "leftUpperArm": "leftShoulder",
    "leftLowerArm": "leftUpperArm",
    "leftHand": "leftLowerArm",
}
"""The specification's required bones, hips to left hand, with the parents that this file has."""


@pytest.fixture(scope="module")
def face() -> Iterator[Face]:
    with pytest.MonkeyPatch.context() as patch:
        face = face_with_hair(patch, PHOTO)
        assert face.head.hair is not None
        yield face


@pytest.fixture(scope="module")
def path(face: Face, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("vrm") / "Anna.vrm"
    return face.save(target, hair=True, texture_size=64)


@pytest.fixture(scope="module")
def vrm(path: Path) -> dict[str, Any]:
    return GLTF2.load_binary(str(path)).extensions["VRMC_vrm"]


@pytest.fixture(scope="module")
def page(path: Path, browser: Any) -> Iterator[Any]:
    with opened_vrm(browser, path.read_bytes()) as page:
        yield page


def _points(page: Any, change: str = "", mesh: str = "head") -> np.ndarray:
    """(U, 3) where three-vrm draws a mesh after a change from rest, metres."""
    page.evaluate("reset()")
    page.evaluate(change or "null")
    return np.frombuffer(b64decode(page.evaluate(f"points({mesh!r})"))).reshape(-1, 3)


def _shown(unit: str, value: float = 1.0) -> str:
    return f"vrm.expressionManager.setValue({unit!r}, {value})"


def _gaze(yaw_deg: float, pitch_deg: float) -> str:
    """As three-vrm counts: yaw to the person's left, pitch down."""
    return f"vrm.lookAt.yaw = {yaw_deg}, vrm.lookAt.pitch = {pitch_deg}"


def _on(region: str) -> np.ndarray:
    """(U,) which vertices of the head's mesh belong to a region of the model."""
    surface = head_surface(head_model())
    mask = np.repeat(head_model().region(region)[:, None], 3, axis=1).astype(np.float32)
    inside = surface.points(mask)[surface.uv_vertex, 0] > 0.5
    lid = len(surface.rim) + 1
    return np.append(inside, np.zeros(lid, dtype=bool))


def test_the_validator_finds_nothing(path: Path) -> None:
    assert_valid(path.read_bytes())


def test_the_required_bones_stand_in_their_places(path: Path, vrm: dict[str, Any]) -> None:
    nodes = GLTF2.load_binary(str(path)).nodes
    bones = {name: bone["node"] for name, bone in vrm["humanoid"]["humanBones"].items()}
    parents = {child: row for row, node in enumerate(nodes) for child in node.children or []}
    for bone, parent in REQUIRED_BONES.items():
        for name, above in ((bone, parent), (_right(bone), _right(parent))):
            assert parents.get(bones[name]) == (None if above is None else bones[above]), name
    for eye in ("leftEye", "rightEye"):
        assert parents[bones[eye]] == bones["head"]
    assert all(node.rotation is None and node.scale is None for node in nodes)


def _right(name: str | None) -> str | None:
    return name.replace("left", "right") if name else None


def test_the_meta_narrows_the_use_as_the_weights_do(vrm: dict[str, Any]) -> None:
    meta = vrm["meta"]
    assert meta["name"] == "Anna"
    assert meta["licenseUrl"] == "https://vrm.dev/licenses/1.0/"
    assert meta["authors"] and all(meta["authors"])
    assert meta["commercialUsage"] == "personalNonProfit" and not meta["allowRedistribution"]
    assert "non-commercial research only" in meta["thirdPartyLicenses"]


def test_every_unit_is_an_expression_of_head_and_hair(vrm: dict[str, Any]) -> None:
    names, custom = head_model().expression_names, vrm["expressions"]["custom"]
    assert set(custom) == {*names, "photo"} and len(names) == 52
    for row, name in enumerate(names):
        wanted = [{"node": node, "index": row, "weight": 1.0} for node in (0, 1)]
        assert custom[name]["morphTargetBinds"] == wanted
    found = {
        (b["node"], names[b["index"]]): b["weight"] for b in custom["photo"]["morphTargetBinds"]
    }
    assert found == {(node, name): PHOTO[name] for node in (0, 1) for name in PHOTO}
    assert not set(custom) & set(vrm["expressions"]["preset"])


def test_no_preset_opens_or_closes_anything_by_more_than_all(vrm: dict[str, Any]) -> None:
    for expression in vrm["expressions"]["preset"].values():
        for bind in expression.get("morphTargetBinds", []):
            assert 0 < bind["weight"] <= 1 and bind["index"] < 52


@pytest.mark.parametrize("wrong", [{"part": "face"}, {"align": "camera"}])
def test_a_turned_head_or_a_mere_face_is_refused(
    face: Face, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    with pytest.raises(ExportError, match=r"\.vrm .* leave out"):
        face.save(tmp_path / "head.vrm", **wrong)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ipd_mm", [None, 50.0])
def test_the_head_is_that_of_the_glb_in_a_standing_persons_place(
    face: Face, tmp_path: Path, ipd_mm: float | None
) -> None:
    written = face.save(tmp_path / "a.vrm", ipd_mm=ipd_mm, texture_size=64)
    gltf = GLTF2.load_binary(str(written))
    view = gltf.bufferViews[gltf.accessors[_attributes(gltf).POSITION].bufferView]
    stored = np.frombuffer(gltf.binary_blob(), np.float32, view.byteLength // 4, view.byteOffset)
    vertices = stored.reshape(-1, 3)
    plain = face.head.shaped_mesh(HeadOptions(neutral=True, ipd_mm=ipd_mm)).vertices
    shift = vertices - plain
    np.testing.assert_allclose(shift, shift[:1].repeat(len(shift), axis=0), atol=2e-6)
    size = face.head.size_factor(ipd_mm)
    assert 1.65 * size < vertices[:, 1].max() < 1.8 * size
    assert abs(vertices[:, 0].mean()) < 0.01


def test_a_fine_head_has_whole_weights_and_eyeballs_on_their_bones(
    face: Face, tmp_path: Path
) -> None:
    written = face.save(tmp_path / "a.vrm", subdivisions=1, texture_size=64)
    gltf = GLTF2.load_binary(str(written))
    view = gltf.bufferViews[gltf.accessors[_attributes(gltf).WEIGHTS_0].bufferView]
    stored = np.frombuffer(gltf.binary_blob(), np.float32, view.byteLength // 4, view.byteOffset)
    weights = stored.reshape(-1, 4)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-6)
    for eye in (2, 3):
        assert set(weights[:, eye].tolist()) == {0.0, 1.0}
    assert (weights[:, 2] > 0).sum() == (weights[:, 3] > 0).sum() > 200
    assert_valid(written.read_bytes())


def _attributes(gltf: GLTF2) -> Any:
    return gltf.meshes[0].primitives[0].attributes


def test_three_vrm_reads_it_as_vrm_1(page: Any) -> None:
    assert page.evaluate("vrm.meta.metaVersion") == "1"
    shown = page.evaluate("Object.keys(vrm.expressionManager.expressionMap)")
    assert {"blink", "aa", "happy", "jawOpen", "photo"} <= set(shown)
    rest = _points(page)
    nose = rest[np.argmax(rest[:, 2])]
    assert abs(nose[0]) < 0.005  # it looks along +z


def test_units_move_the_drawn_head_as_in_the_model(page: Any) -> None:
    basis = split_expression_basis(head_model())
    rest = _points(page)
    for name in ("jawOpen", "mouthSmileLeft", "browInnerUp"):
        moved = _points(page, _shown(name, 0.5)) - rest
        wanted = 0.5 * basis[head_model().expression_names.index(name)]
        np.testing.assert_allclose(moved, wanted, atol=5e-6)


def test_blink_shuts_both_eyes_and_each_side_its_own(page: Any) -> None:
    rest = _points(page)
    # Hidden parts of the sockets move with either eye; the lids do not. +x is the person's left.
    left, right = _on("eyes") & (rest[:, 0] > 0), _on("eyes") & (rest[:, 0] < 0)
    for name, sides in (("blink", (True, True)), ("blinkLeft", (True, False))):
        moved = np.linalg.norm(_points(page, _shown(name)) - rest, axis=1)
        assert (moved[left].max() > 0.005, moved[right].max() > 0.005) == sides


def test_the_gaze_turns_the_eyeballs_alone_about_their_centres(page: Any) -> None:
    rest, eyeball = _points(page), _on("eyeballs")
    for yaw_deg, pitch_deg, axis, sign in ((20, 0, 0, 1), (-20, 0, 0, -1), (0, 12, 1, -1)):
        moved = _points(page, _gaze(yaw_deg, pitch_deg)) - rest
        assert np.abs(moved[~eyeball]).max() < 1e-6
        front = eyeball & (rest[:, 2] > rest[eyeball, 2].max() - 0.004)
        assert (moved[front, axis] * sign > 0.002).all()
        for side in (rest[:, 0] > 0, rest[:, 0] < 0):
            ball = rest[eyeball & side]
            centre = ball.mean(axis=0)
            before = np.linalg.norm(ball - centre, axis=1)
            after = np.linalg.norm(ball + moved[eyeball & side] - centre, axis=1)
            np.testing.assert_allclose(after, before, atol=2e-4)


def test_the_eyes_aim_at_a_target_near_the_front(page: Any) -> None:
    rest, eyeball = _points(page), _on("eyeballs")
    angle = np.radians(15.0)
    at = f"[{np.sin(angle) * 50}, 0, {np.cos(angle) * 50}]"
    look = (
        "(() => { const o = new THREE.Object3D(); o.position.fromArray("
        f"{at}).add(vrm.lookAt.getLookAtWorldPosition(new THREE.Vector3())); "
        "scene.add(o); o.updateMatrixWorld(); vrm.lookAt.target = o; vrm.update(0.01); })()"
    )
    ball = eyeball & (rest[:, 0] > 0)
    centre = rest[ball].mean(axis=0)
    front = rest[ball][np.argmax(rest[ball, 2])] - centre
    seen = _points(page, look)[ball][np.argmax(rest[ball, 2])] - centre
    turn = np.degrees(np.arctan2(seen[0], seen[2]) - np.arctan2(front[0], front[2]))
    assert turn == pytest.approx(15.0, abs=0.5)


def test_look_expressions_leave_the_eyeballs_to_the_bones(page: Any) -> None:
    rest, eyeball = _points(page), _on("eyeballs")
    moved = np.abs(_points(page, _shown("lookDown")) - rest).max(axis=1)
    assert moved[eyeball].max() < 1e-6
    assert moved[~eyeball].max() > 0.002


def test_the_head_bone_carries_face_and_hair_and_leaves_the_neck(page: Any) -> None:
    turn = "vrm.humanoid.getNormalizedBoneNode('head').rotation.y = 0.5"
    for mesh, part in (("head", _on("face") | _on("eyeballs") | _on("teeth")), ("hair", None)):
        rest = _points(page, mesh=mesh)
        turned = _points(page, turn, mesh)
        rigid = slice(None) if part is None else part
        centred, after = (p[rigid] - p[rigid].mean(axis=0) for p in (rest, turned))
        cosine, sine = np.cos(0.5), np.sin(0.5)
        about_y = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]])
        np.testing.assert_allclose(after, centred @ about_y.T, atol=1e-3)
    rest, turned = _points(page), _points(page, turn)
    lowest = rest[:, 1] < rest[:, 1].min() + 0.005
    assert np.abs(turned - rest)[lowest].max() < 0.01
