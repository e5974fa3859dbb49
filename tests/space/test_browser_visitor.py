"""The page in a real browser: what a visitor meets beside the head itself."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest

from dasl.photo.load import load_photo
from dasl.video import Frame
from dasl.video.overlay import write_film
from space import text
from space.examples import PHOTOS
from space.viewer import WEB_FOLDER
from tests.space.visit import PHONE, REACHED, WAIT_MS, Visit, open_page

pytestmark = pytest.mark.long

NOT_ON_THE_FIRST_SCREEN = ("PNCC", "ARKit", "68", "morph target")
LATER = ("onnxruntime", "plotly", "/live/", "board_table.js", "tracker.bin")
WITHOUT_A_LENGTH = """async () => {
  const canvas = document.createElement("canvas");
  const pencil = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(15), { mimeType: "video/webm" });
  const parts = [];
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  const isDone = new Promise((done) => { recorder.addEventListener("stop", done); });
  let start_ms = null;
  recorder.addEventListener("start", () => { start_ms = performance.now(); });
  recorder.start(100);
  for (let at = 0; start_ms === null || performance.now() - start_ms < 700; at += 1) {
    pencil.fillStyle = `hsl(${at * 9} 80% 50%)`;
    pencil.fillRect(0, 0, canvas.width, canvas.height);
    await new Promise(requestAnimationFrame);
  }
  recorder.stop();
  await isDone;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}"""
"""A webcam's clip, as browsers record it: its file says nothing about its length."""


@pytest.fixture(scope="module")
def untouched(browser, running) -> Iterator[Visit]:
    """The page as it opens, for all tests that only read on it."""
    page = open_page(browser)
    yield Visit(page, running.url)
    page.close()


@pytest.fixture(scope="module")
def keyboard(browser, running) -> Iterator[Visit]:
    """A page for all tests that only choose its tabs."""
    page = open_page(browser)
    yield Visit(page, running.url)
    page.close()


def test_the_first_screen_speaks_plain_words_and_is_ours(untouched):
    words = untouched.page.locator("body").inner_text()
    assert not [word for word in NOT_ON_THE_FIRST_SCREEN if word in words]
    assert untouched.page.title() == text.TITLE
    with urlopen(f"{untouched.page.url}favicon.ico") as answer:
        assert answer.read() == (WEB_FOLDER / "favicon.svg").read_bytes()


def test_examples_are_announced_by_what_they_show(untouched):
    labels = (
        "[...document.querySelectorAll('#examples button.thumbnail-item')].map((b) => b.ariaLabel)"
    )
    wanted = json.dumps(list(PHOTOS.values()))  # Gradio fills them in after the pictures
    untouched.page.wait_for_function(f"JSON.stringify({labels}) === JSON.stringify({wanted})")


def test_what_is_not_needed_at_once_is_not_loaded_at_once(untouched):
    untouched.page.wait_for_function("Boolean(customElements.get('head-viewer'))")
    untouched.page.wait_for_timeout(1000)
    early = [address for address in untouched.addresses if any(part in address for part in LATER)]
    assert not early


def test_a_label_covers_no_face_on_the_numbered_photo(answered):
    answered.page.wait_for_selector("#numbered img")
    label = answered.page.locator("#numbered [data-testid=block-label]").bounding_box()
    photo = answered.page.locator("#numbered img").bounding_box()
    assert label["y"] + label["height"] <= photo["y"] + 1


def test_a_head_that_is_drawn_slowly_loses_shadows_then_pixels(answered):
    told = """() => {
      const { stage } = document.querySelector("#head head-viewer");
      const { pace } = stage;
      const after = (took_ms, pictures) => {
        stage.lamp.castShadow = true;
        pace.level = pace.slow = 0;
        for (let at = 0; at < pictures; at += 1) pace.took(took_ms);
        stage.take(pace.effort);
        return [stage.lamp.castShadow, stage.canvas.width / stage.canvas.clientWidth];
      };
      const told = [after(150, 12), after(150, 200), after(16, 200)];
      stage.wantsFrame();
      return told;
    }"""
    (no_shadow, same), (no_shadow_either, fewer), fast = answered.page.evaluate(told)
    assert [no_shadow, no_shadow_either] == [False, False] and fewer < same
    assert fast == [True, same]


def test_what_was_drawn_with_less_effort_is_sharp_again_when_it_stands_still(answered):
    sharp = "document.querySelector('#head head-viewer').stage.sharpness"
    less = """() => {
      const { stage } = document.querySelector("#head head-viewer");
      stage.pace.level = 3;
      stage.wantsFrame();
    }"""
    answered.page.evaluate(less)
    answered.page.wait_for_function(f"{sharp} < 1")
    answered.page.wait_for_function(f"{sharp} >= 1")


def test_without_scripts_the_page_says_what_it_is(browser, running):
    context = browser.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(running.url, wait_until="domcontentloaded")
    assert "This page needs JavaScript." in page.locator("body").inner_text()
    context.close()


@pytest.mark.parametrize("tab", ["Reconstruct", "Video", "Live"])
def test_each_tab_fits_a_phone_and_its_footer_is_tidy(browser, running, tab: str):
    page = open_page(browser, PHONE)
    Visit(page, f"{running.url}?tab={tab.lower()}")
    page.get_by_role("tab", name=tab, exact=True, selected=True).wait_for()
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert page.locator("footer").inner_text().strip() in ("", "Use via API")
    page.close()


def test_on_a_phone_the_choice_of_faces_stands_above_the_head(browser, running, astronaut):
    running.reconstructor.centres[:] = [(150.0, 150.0), (380.0, 300.0)]
    page = open_page(browser, PHONE)
    visit = Visit(page, running.url)
    visit.answer(astronaut)
    tops = [page.locator(f"#{name}").bounding_box()["y"] for name in ("photo", "beside", "head")]
    assert tops == sorted(tops)
    page.close()


def test_a_webcams_clip_has_a_length(visit, tmp_path):
    path = tmp_path / "webcam.webm"
    path.write_bytes(base64.b64decode(visit.page.evaluate(WITHOUT_A_LENGTH)))
    visit.page.get_by_role("tab", name="Video").click()
    visit.page.set_input_files("#clip input[type=file]", path)
    visit.page.wait_for_function("Number.isFinite(document.querySelector('#clip video')?.duration)")
    visit.page.wait_for_timeout(300)
    words = visit.page.locator("#clip").inner_text()
    assert "NaN" not in words and "Infinity" not in words
    visit.page.wait_for_selector("#clip-status .done")


def test_film_and_head_play_in_step(visit, astronaut, tmp_path):
    still = load_photo(astronaut)[:320, :400]
    frames = (Frame(at, at / 15, np.ascontiguousarray(still)) for at in range(30))
    clip: Path = write_film(tmp_path / "clip.mp4", frames)
    visit.page.get_by_role("tab", name="Video").click()
    visit.page.set_input_files("#clip input[type=file]", clip)
    visit.page.wait_for_selector("#clip-head head-viewer.has-head")
    visit.page.wait_for_function("document.querySelector('#film video')?.readyState > 1")
    apart = """() => {
      const viewer = document.querySelector("#clip-head head-viewer");
      const film = document.querySelector("#film video");
      return [Math.abs(viewer.recording.time_s - film.currentTime), viewer.isRunning, film.paused];
    }"""
    button = visit.page.locator("#clip-head [data-do=run]")
    if "Pause" in button.inner_text():
        button.press("Enter")  # a click waits for a still picture
    visit.page.wait_for_function(f"({apart})().join().endsWith('false,true')")  # both stand
    visit.page.locator("#clip-head .hv-timeline input").fill("1.2")
    visit.page.wait_for_function(f"({apart})()[0] < 0.1")
    visit.page.evaluate("document.querySelector('#film video').play()")
    visit.page.wait_for_function(f"({apart})().slice(1).join() === 'true,false'")  # both run
    visit.page.evaluate("document.querySelector('#film video').pause()")
    visit.page.wait_for_function(f"({apart})().slice(1).join() === 'false,true'")
    visit.page.wait_for_function(f"({apart})()[0] < 0.1")


BY_KEYS = {
    "Video": ("Try the example clip",),
    "Live": ("Start camera", "Open a clip or photo"),
    "Leaderboard": ("Benchmark", "Filter the rows"),
    "About": ("arXiv 1903.09359",),
}
READY = {
    "Video": "#clip-example",
    "Live": "#live live-face.is-ready",
    "Leaderboard": "#results tbody tr",
    "About": ".steps img",
}
"""What there is once a tab can be used."""


@pytest.mark.parametrize("tab", BY_KEYS)
def test_every_tab_is_reached_and_used_by_keyboard_alone(keyboard, tab: str):
    page = keyboard.page
    page.get_by_role("tab", name="Reconstruct", exact=True).click()
    page.locator("h1").click()  # from the top
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate(REACHED).strip() == tab or tab in page.evaluate(REACHED):
            break
    page.keyboard.press("Enter")
    page.get_by_role("tab", name=tab, exact=True, selected=True).wait_for()
    page.wait_for_selector(READY[tab])
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(REACHED))
    told = " | ".join(reached)
    for wanted in BY_KEYS[tab]:
        assert wanted in told, f"no way to {wanted} by keyboard: {told}"
