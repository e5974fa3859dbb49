"""The page in a real browser: what a visitor sees and what leaves the machine."""

import os

import numpy as np
import pytest
from PIL import Image
from pygltflib import GLTF2

from dasl.head.morphable_model import MorphableModel
from space.settings import MAX_UPLOAD_MB
from tests.space.visit import PHONE, UPLOAD, Visit, changed, open_page

EXPRESSIONS = MorphableModel.load().expression_count

pytestmark = pytest.mark.long


def test_a_slider_moves_the_mouth_of_a_photos_head_and_nothing_leaves_the_machine(
    visit, running, astronaut, tmp_path
):
    calls = running.reconstructor.calls
    visit.answer(astronaut)
    assert visit.status("done") == "1 face found."
    head = visit.settled_stage()
    border = head[:, :4].reshape(-1, 3)
    far_from_backdrop = np.abs(head - np.median(border, axis=0)).max(axis=2) > 60
    assert far_from_backdrop.mean() > 0.08  # a head stands before the backdrop
    slider = visit.page.locator("#head input[name=jawOpen]")
    assert slider.input_value() == "0.5"  # the photo's own expression
    slider.press("Home")
    visit.stage_that_differs(head, 0.004)
    moved = changed(head, visit.settled_stage())
    height = len(moved)
    assert moved[height // 2 :].sum() > 20 * moved[: height // 3].sum()  # the mouth, not the brow
    glb = visit.download("#downloads", "GLB", tmp_path)
    assert len(GLTF2().load(str(glb)).meshes[0].extras["targetNames"]) == EXPRESSIONS
    assert running.reconstructor.calls == calls + 1
    assert visit.hosts() == {"127.0.0.1"}


def test_every_expression_has_a_slider_and_presets_move_them(answered):
    sliders = answered.page.locator("#head .hv-sliders input[type=range]")
    assert sliders.count() == EXPRESSIONS
    answered.page.emulate_media(reduced_motion="reduce")  # a preset is there at once
    for preset, smile, jaw in (
        ("Smile", "0.85", "0.06"),
        ("Neutral", "0", "0"),
        ("Photo’s", "0", "0.5"),
    ):
        answered.page.locator("#head").get_by_role("button", name=preset, exact=True).click()
        wait_for_value(answered, "mouthSmileLeft", smile)
        wait_for_value(answered, "jawOpen", jaw)


def wait_for_value(visit: Visit, name: str, value: str) -> None:
    slider = f"#head input[name={name}]"
    visit.page.wait_for_function(
        "([slider, value]) => document.querySelector(slider).value === value", arg=[slider, value]
    )


def test_play_sways_until_it_is_paused(answered):
    still = answered.settled_stage()
    play = answered.page.locator("#head [data-do=sway]")
    sliders = answered.page.locator("#head .hv-sliders input[type=range]")
    values = sliders.evaluate_all("all => all.map((one) => Number(one.value))")
    play.press("Enter")
    assert play.get_attribute("aria-pressed") == "true"
    # no picture while it moves: without a GPU one takes ten seconds
    answered.page.wait_for_function(
        "before => [...document.querySelectorAll('#head .hv-sliders input[type=range]')]"
        ".some((slider, at) => Math.abs(slider.value - before[at]) > 0.4)",
        arg=values,
    )
    play.press("Enter")
    assert play.get_attribute("aria-pressed") == "false"
    assert changed(still, answered.settled_stage()).mean() > 0.01


def test_the_head_turns_by_keys_and_changes_its_look(answered):
    ahead = answered.settled_stage()
    answered.page.locator("#head canvas").press("ArrowRight")
    turned = answered.stage_that_differs(ahead, 0.02)
    answered.page.locator("#head input[value=normals]").check(force=True)
    answered.stage_that_differs(turned, 0.05)
    answered.page.locator("#head [data-do=reset]").click()
    answered.page.locator("#head input[value=textured]").check(force=True)
    assert changed(ahead, answered.settled_stage()).mean() < 0.01


def test_the_head_lies_on_its_photo_behind_a_line_that_can_be_moved(answered):
    free = answered.settled_stage()
    button = answered.page.locator("#head [data-do=overlay]")
    button.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    line = answered.page.get_by_label("From the head to the photo")
    line.press("Home")
    head = answered.stage_that_differs(free, 0.05)
    line.press("End")  # the canvas is clipped away: the photo alone
    photo = answered.stage_that_differs(head, 0.02)
    assert photo.reshape(-1, 3).std(axis=0).min() > 10
    button.press("Enter")
    assert answered.page.locator("#head .hv-behind").is_hidden()


def test_many_heads_one_after_the_other_use_one_canvas_and_no_more_memory(answered):
    held = """async (shows) => {
      const viewer = document.querySelector("#head head-viewer");
      const draw = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)));
      for (let at = 0; at < shows; at += 1) { await viewer.show(viewer.shown); await draw(); }
      const { geometries, textures } = viewer.stage.renderer.info.memory;
      return [geometries, textures, document.querySelectorAll("#head canvas").length];
    }"""
    assert answered.page.evaluate(held, 4) == answered.page.evaluate(held, 1)


def test_one_of_several_faces_can_be_chosen(visit, running, astronaut):
    running.reconstructor.centres[:] = [(150.0, 150.0), (380.0, 300.0)]
    visit.answer(astronaut)
    assert visit.status("done").startswith("2 faces found.")
    first = visit.loaded_picture("#numbered img[alt^='Your photo with every face']")
    first_source = first.evaluate("picture => picture.src")
    visit.page.locator("#chooser").get_by_text("Face 2").click()
    visit.page.wait_for_selector('#cards section[aria-label="Face 2 in numbers"]')
    # the first face again, by a click on the photo
    picture = visit.loaded_picture("#numbered img", other_than=first_source)
    box = picture.bounding_box()
    shown = min(box["width"], box["height"])
    left, top = (box["width"] - shown) / 2, (box["height"] - shown) / 2
    picture.click(position={"x": left + shown * 150 / 512, "y": top + shown * 150 / 512})
    visit.page.wait_for_selector('#cards section[aria-label="Face 1 in numbers"]')


def test_a_file_that_is_no_photo_gets_a_word_and_clears_the_page(
    visit, astronaut, tmp_path, trouble
):
    trouble.allow("toast: .*This file is not an image")
    visit.answer(astronaut)
    path = tmp_path / "notes.jpg"
    path.write_bytes(b"not a photo")
    visit.page.get_by_label("Remove Image").click()
    visit.page.wait_for_selector("#status .hint")
    visit.upload(path)
    visit.page.wait_for_selector("#status .problem")
    assert visit.status("problem").startswith("This file is not an image")
    assert "Traceback" not in visit.page.content()
    assert not visit.page.locator("#downloads").is_visible()
    assert visit.page.locator("#head head-viewer.has-head").count() == 0


def test_a_damaged_heic_photo_is_told(visit, trouble):
    trouble.allow("toast: .*get a whole copy")
    heic = {"name": "a.heic", "mimeType": "image/heic", "buffer": b"\0\0\0\x18ftypheic" + bytes(64)}
    visit.page.set_input_files(UPLOAD, heic)
    visit.page.wait_for_selector("#status .problem")
    assert "get a whole copy" in visit.status("problem")


def test_a_moving_picture_gives_its_first_frame(visit, astronaut, tmp_path, trouble):
    trouble.allow("toast: .*frame")
    frames = [Image.open(astronaut).resize((256, 256)), Image.new("RGB", (256, 256))]
    path = tmp_path / "moving.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    visit.answer(path)
    assert visit.status("done") == "1 face found."


def test_a_file_too_large_is_refused_in_words(visit, tmp_path, trouble):
    trouble.allow("exceed the maximum allowed size", "status of 413")
    path = tmp_path / "large.jpg"
    path.write_bytes(os.urandom(MAX_UPLOAD_MB * 1_050_000))
    visit.upload(path)
    visit.page.get_by_text("exceed the maximum allowed size").first.wait_for()


def test_an_example_is_answered_by_one_click(visit):
    visit.page.locator("#examples button.thumbnail-item").first.click()
    visit.page.wait_for_selector("#status .done")


def test_the_page_fits_a_phone_with_the_head_on_its_first_screen(browser, running, astronaut):
    page = open_page(browser, PHONE)
    visit = Visit(page, running.url)
    box = page.locator("#head head-viewer").bounding_box()
    assert box["y"] + box["height"] / 2 < PHONE[1]
    visit.answer(astronaut)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_where_the_viewers_scripts_are_blocked_a_still_picture_shows_the_head(
    browser, running, astronaut, trouble
):
    trouble.allow("viewer.js")
    page = open_page(browser)
    page.route("**/web/viewer.js", lambda route: route.abort())
    visit = Visit(page, running.url)
    page.wait_for_selector("#head head-viewer", state="hidden")
    visit.upload(astronaut)
    page.wait_for_selector("#status .done")
    page.wait_for_selector("#still-head img")
    page.close()


def test_a_browser_without_webgl_shows_a_still_picture_and_offers_the_files(
    browser, running, astronaut, tmp_path, trouble
):
    trouble.allow("WebGL")
    page = open_page(browser)
    page.add_init_script(
        "const all = HTMLCanvasElement.prototype.getContext;"
        "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
        "  return kind.startsWith('webgl') ? null : all.call(this, kind, ...rest); };"
    )
    visit = Visit(page, running.url)
    visit.upload(astronaut)
    page.wait_for_selector("#status .done")
    assert not page.locator("#head head-viewer").is_visible()
    page.wait_for_selector("#still-head img")
    assert visit.download("#downloads", "GLB", tmp_path).stat().st_size > 100_000
    page.close()
