"""The page in a real browser: pictures, films, cards and files that a visitor takes along."""

import json
import zipfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import numpy as np
import pytest
import trimesh
from PIL import Image
from pygltflib import GLTF2
from pytest import approx

from dasl.photo.load import load_photo
from space.reconstruct.head_files import SUFFIXES
from tests.space.visit import Visit, open_page

pytestmark = pytest.mark.long

JAW_OPEN = {"jawOpen": 0.7}  # that preset alone

ANDROID = """
Object.defineProperty(navigator, "userAgent", { get: () => "Mozilla/5.0 (Linux; Android 16)" });
navigation.addEventListener("navigate", (event) => {
  if (event.destination.url.startsWith("intent:")) window.went = event.destination.url;
});
"""
IPHONE = """
const known = DOMTokenList.prototype.supports;
DOMTokenList.prototype.supports = function (token) {
  return token === "ar" || known.call(this, token);
};
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[rel=ar]");
  if (!link) return;
  event.preventDefault();
  window.went = [link.href, link.firstElementChild?.localName];
}, true);
"""
"""What the page asks a device for. Neither emulation shows that the device's viewer opens."""

CANNOT_SHARE = "navigator.canShare = undefined"
CAN_SHARE = """
navigator.canShare = (what) => what.files.length === 1;
navigator.share = async ({ files: [file], url }) => {
  window.sharing = [file.name, file.size, url];
};
true;
"""


def saved(visit: Visit, button: str, folder: Path) -> Path:
    """What a button over the head saves."""
    with visit.page.expect_download() as waiting:
        visit.page.locator(f"#head [data-do={button}]").click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def open_jaw(visit: Visit) -> None:
    visit.page.emulate_media(reduced_motion="reduce")  # a preset is there at once
    visit.page.locator("#head").get_by_role("button", name="Jaw open", exact=True).click()
    visit.page.wait_for_function(
        "document.querySelector('#head input[name=jawOpen]').value === '0.7'"
    )


def test_the_head_turns_once_round_in_a_film_named_after_the_photo(answered, tmp_path):
    with answered.page.expect_download() as waiting:
        answered.page.locator("#head [data-do=turntable]").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    assert path.stem == "astronaut_face1_turn" and path.stat().st_size > 10_000
    assert path.read_bytes()[:4] == b"\x1aE\xdf\xa3" or path.read_bytes()[4:8] == b"ftyp"


def test_a_picture_and_a_card_are_saved_under_the_photos_name(answered, tmp_path):
    answered.page.evaluate(CANNOT_SHARE)
    picture = saved(answered, "picture", tmp_path)
    card = saved(answered, "share", tmp_path)
    assert (picture.name, card.name) == ("astronaut_face1.png", "astronaut_face1_card.png")
    assert np.asarray(Image.open(picture))[..., 3].mean() > 10  # a head on nothing
    pixels = np.asarray(Image.open(card).convert("RGB")).astype(int)
    assert pixels.shape == (630, 1200, 3)
    for half in (pixels[:500, :600], pixels[:500, 600:]):  # photo and head
        assert half.reshape(-1, 3).std(axis=0).min() > 20


def test_a_card_goes_where_the_device_shares_it(answered):
    answered.page.evaluate(CAN_SHARE)
    answered.page.locator("#head [data-do=share]").click()
    answered.page.wait_for_function("window.sharing")
    name, size, url = answered.page.evaluate("window.sharing")
    assert name == "astronaut_face1_card.png" and size > 10_000
    assert url == answered.page.evaluate("location.origin")  # not the photo, nor its head
    answered.page.evaluate(CANNOT_SHARE)


def test_pictures_of_the_face_follow_the_head(answered, tmp_path):
    answered.page.wait_for_selector("#strip img[alt='UV texture']")
    captions = answered.page.locator("#strip img").evaluate_all("all => all.map((one) => one.alt)")
    assert captions == ["68 landmarks", "Dense mesh", "Depth", "Normals", "PNCC", "UV texture"]
    with zipfile.ZipFile(answered.download("#downloads", "Everything", tmp_path)) as everything:
        names = everything.namelist()
    assert {Path(name).suffix for name in names} == {*SUFFIXES, ".mtl", ".png"}
    assert {Path(name).name.partition("_face1")[0] for name in names} == {"astronaut"}


def test_an_edited_expression_is_in_every_mesh_file(answered, running, astronaut, tmp_path):
    running.reconstructor.centres[:] = [(220.0, 120.0)]
    shown = running.reconstructor(load_photo(astronaut))[0]
    open_jaw(answered)
    wanted = {}
    for suffix in ("stl", "ply", "obj"):
        path = shown.save(tmp_path / f"wanted.{suffix}", expression=JAW_OPEN)
        wanted[suffix] = trimesh.load(path, force="mesh", process=False).triangles
    names = {"STL": "stl", "PLY": "ply"}
    got = {kind: answered.download("#downloads", name, tmp_path) for name, kind in names.items()}
    with zipfile.ZipFile(answered.download("#downloads", "OBJ", tmp_path)) as archive:
        archive.extractall(tmp_path)
    got["obj"] = tmp_path / "astronaut_face1.obj"
    for kind, path in got.items():
        triangles = trimesh.load(path, force="mesh", process=False).triangles
        unit = 1000 if kind == "stl" else 1
        np.testing.assert_allclose(triangles, wanted[kind], atol=2e-6 * unit, err_msg=kind)
    mesh = GLTF2().load(str(answered.download("#downloads", "GLB", tmp_path))).meshes[0]
    weights = dict(zip(mesh.extras["targetNames"], mesh.weights, strict=True))
    assert {name: weight for name, weight in weights.items() if weight} == approx(JAW_OPEN)
    facts = json.loads(answered.download("#downloads", "JSON", tmp_path).read_text())
    assert facts["expression"]["jawOpen"] == 0.5  # what the photo shows


def test_other_light_leaves_an_edited_expression_alone(answered):
    open_jaw(answered)
    shown = "document.querySelector('#head head-viewer').shown.glb.url"
    before = answered.page.evaluate(shown)
    box = answered.page.get_by_label("Light as on the photo")
    box.check()
    answered.page.wait_for_function(f"before => {shown} !== before", arg=before)
    answered.page.wait_for_function(
        "document.querySelector('#head .hv-note').hidden"
        " && document.querySelector('#head input[name=jawOpen]').value === '0.7'"
    )
    before = answered.page.evaluate(shown)
    box.uncheck()
    answered.page.wait_for_function(f"before => {shown} !== before", arg=before)


def room(browser, running, astronaut, device: str) -> Visit:
    """A page on a device with an augmented-reality viewer."""
    running.reconstructor.centres[:] = [(220.0, 120.0)]
    page = open_page(browser)
    page.add_init_script(device)
    visit = Visit(page, running.url)
    page.locator("#head [data-do=ar]").wait_for(state="hidden")  # no head yet
    visit.answer(astronaut)
    open_jaw(visit)
    page.locator("#head [data-do=ar]").click()
    page.wait_for_function("window.went")
    return visit


@pytest.mark.skipif(find_spec("pxr") is None, reason="pip install usd-core")
def test_an_iphone_is_given_a_usdz_for_quick_look(browser, running, astronaut):
    visit = room(browser, running, astronaut, IPHONE)
    address, inside = visit.page.evaluate("window.went")
    with urlopen(address) as answer:
        assert answer.headers["Content-Type"] == "model/vnd.usdz+zip"
        assert answer.read(2) == b"PK"
    assert address.endswith("astronaut_face1.usdz") and inside == "img"
    visit.page.close()


def test_an_android_phone_is_sent_to_scene_viewer_with_the_edited_head(
    browser, running, astronaut, tmp_path, trouble
):
    trouble.allow("intent:", "unknown.*scheme")
    visit = room(browser, running, astronaut, ANDROID)
    intent = urlsplit(visit.page.evaluate("window.went"))
    asked = parse_qs(intent.query)
    assert (intent.netloc, intent.path) == ("arvr.google.com", "/scene-viewer/1.0")
    assert intent.fragment.startswith("Intent;scheme=https;package=com.google.android.google")
    assert asked["title"] == ["3D head of face 1"] and asked["mode"] == ["ar_preferred"]
    glb = tmp_path / "head.glb"
    with urlopen(asked["file"][0]) as answer:
        assert answer.headers["Content-Type"] == "model/gltf-binary"
        glb.write_bytes(answer.read())
    mesh = GLTF2().load(str(glb)).meshes[0]
    assert max(mesh.weights) == approx(JAW_OPEN["jawOpen"])
    for _ in range(2):  # who comes back finds a page that answers
        visit.forget()
        visit.answer(astronaut)
    visit.page.close()


def test_a_device_without_a_viewer_for_rooms_offers_none(answered):
    assert answered.page.locator("#head [data-do=ar]").count() == 1
    assert not answered.page.locator("#head [data-do=ar]").is_visible()
