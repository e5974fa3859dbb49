"""The page in a real browser: what everybody must be able to use, and what a visitor keeps."""

from pathlib import Path

import pytest
from PIL import Image

from tests.space.trouble import TROUBLE
from tests.space.visit import DESK, Visit, open_page

pytestmark = pytest.mark.long

AXE_LOOKS = 3
"""A table that the page begins to wait for only after a look is pale in that look, not in all."""
AXE_TABS = ("Reconstruct", "Leaderboard", "Submit", "About", "Video", "Live")
SERIOUS = ("serious", "critical")
SETTLED = """() => {
  const table = document.querySelector("#results table");
  for (let part = table; part?.checkVisibility(); part = part.parentElement) {
    if (getComputedStyle(part).opacity < 1) return false;
  }
  return true;
}"""
REACHED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return "";
  return [one.id, one.name, one.dataset.do, one.dataset.preset, one.ariaLabel, one.innerText]
    .filter(Boolean).join(" ").trim().slice(0, 80) || one.tagName;
}"""


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_tab(browser, running, astronaut, mode, trouble):
    """Of what is ours: Gradio's own parts are named where they are let through."""
    sync = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python"
    )
    running.reconstructor.centres[:] = [(150.0, 150.0), (380.0, 300.0)]
    page = open_page(browser, DESK)
    visit = Visit(page, f"{running.url}?__theme={mode}")
    visit.answer(astronaut)
    page.wait_for_selector("#strip img[alt='UV texture']")
    wrong = []
    for tab in AXE_TABS:
        page.get_by_role("tab", name=tab, exact=True).click()
        for _ in range(AXE_LOOKS):
            page.wait_for_timeout(500)
            page.wait_for_function(SETTLED)  # a table that is waited for is pale
            violations = sync.Axe().run(page).response["violations"]
            serious = [found for found in violations if found["impact"] in SERIOUS]
            if not serious:
                break
        for found in serious:
            places = [node["html"][:160] for node in found["nodes"]]
            wrong.append(f"{tab}: {found['id']} ({found['impact']}): {places}")
    page.close()
    assert not wrong, "\n".join(wrong)


def test_the_keyboard_alone_reaches_everything(answered):
    page = answered.page
    page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)")
    reached = []
    for _ in range(140):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(REACHED))
    told = " | ".join(reached)
    for wanted in (
        *("Reconstruct", "Several photos", "reset", "picture", "share", "fullscreen", "overlay"),
        *("look-", "azimuth_deg", "sway", "jawOpen", "mouthClose"),
        *("Forget this photo", "GLB", "Everything"),
    ):
        assert wanted in told, f"no way to {wanted} by keyboard: {told}"
    assert any("Face-shaped" in name or "3D head" in name for name in reached), told


BY_KEYBOARD = {
    "Video": ("Upload file", "Capture from camera", "clip-example"),
    "Live": ("mirror", "expression", "landmarks", "Neutral head", "reset", "azimuth_deg"),
    "Leaderboard": ("Benchmark", "Columns", "Filter the rows", "Method", "Download CSV"),
}
"""What the Tab key reaches on a tab, in this order."""


def test_the_keyboard_alone_reaches_the_other_tabs(browser, running):
    page = open_page(browser, DESK)
    Visit(page, running.url)
    for tab, wanted in BY_KEYBOARD.items():
        page.get_by_role("tab", name=tab, exact=True).focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(500)
        reached = []
        while wanted and len(reached) < 60:
            page.keyboard.press("Tab")
            reached.append(page.evaluate(REACHED))
            wanted = wanted[1:] if wanted[0] in reached[-1] else wanted
        assert not wanted, f"no way to {wanted[0]} of {tab} by keyboard: {' | '.join(reached)}"
    page.close()


def test_a_reload_keeps_the_head_for_this_tab_alone_until_it_is_forgotten(
    visit, browser, running, astronaut
):
    # A reload may cut off a stream of Gradio's, which says so on the page that goes.
    TROUBLE.allow(
        "signal is aborted", "Connection errored out", "Connection to the server was lost"
    )
    visit.answer(astronaut)
    calls = running.reconstructor.calls
    visit.page.reload()
    visit.page.wait_for_selector("#status .done")
    visit.page.wait_for_selector("#head head-viewer.has-head")
    assert running.reconstructor.calls == calls
    other = open_page(browser)
    Visit(other, running.url)
    assert other.locator("#status .done").count() == 0
    other.close()
    glb = visit.page.evaluate("document.querySelector('#head head-viewer').shown.glb.url")
    visit.forget()
    assert not Path(glb.partition("file=")[2]).exists()
    visit.page.reload()
    visit.page.wait_for_selector("#status .hint")
    assert visit.page.locator("#status .done").count() == 0


def test_several_photos_make_one_head_and_a_choice_makes_it_again(visit, astronaut, tmp_path):
    left = tmp_path / "left.png"
    Image.open(astronaut).convert("RGB").save(left)
    visit.page.get_by_text("Several photos of one person").click()
    visit.page.set_input_files("#person-photos input[type=file]", [astronaut, left])
    visit.page.wait_for_selector("#status .done")
    visit.page.wait_for_selector("#head head-viewer.has-head")
    assert visit.status("done") == "One head from 2 photos."
    told = visit.page.locator(".person-photos li").all_inner_texts()
    assert [words.split("\n")[0] for words in told] == ["astronaut.jpg", "left.png"]
    before = visit.page.evaluate("document.querySelector('#head head-viewer').shown.glb.url")
    visit.page.get_by_label("Light as on the photo").check()
    visit.page.wait_for_function(
        "before => document.querySelector('#head head-viewer').shown.glb.url !== before",
        arg=before,
    )


def test_two_faces_of_a_photo_stand_side_by_side_and_morph(visit, running, astronaut):
    running.reconstructor.centres[:] = [(150.0, 150.0), (380.0, 300.0)]
    visit.answer(astronaut)
    visit.page.get_by_label("Beside it, or morphed into").click()
    visit.page.get_by_role("option", name="Face 2").click()
    visit.page.locator("#head [data-pair=beside][aria-pressed=true]").wait_for()
    both = visit.stage()
    visit.page.locator("#head [data-pair=morph]").click()
    visit.stage_that_differs(both, 0.02)


def is_upload(asked) -> bool:
    return asked.method == "POST" and "/upload" in asked.url


def test_a_large_photo_is_sent_small_and_upright(visit, astronaut, tmp_path):
    large = Image.open(astronaut).convert("RGB").resize((3000, 2400))
    exif = large.getexif()
    exif[0x0112] = 6  # lies on its side
    path = tmp_path / "phone.jpg"
    large.save(path, quality=100, subsampling=0, exif=exif)
    sent = []
    visit.page.on("request", lambda asked: sent.append(asked) if is_upload(asked) else None)
    visit.answer(path)
    (size,) = {int(asked.all_headers()["content-length"]) for asked in sent}
    assert 10_000 < size < path.stat().st_size / 2
    shown = visit.loaded_picture("#photo img")
    assert shown.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [1638, 2048]
