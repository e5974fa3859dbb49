"""The page's first screen: the example's head stands there before Gradio has drawn the page."""

from collections.abc import Iterator

import pytest

from space import text
from space.page import build_demo, launch_options
from space.reconstruct.service import ReconstructionService
from tests.space.stand_in import StandInReconstructor
from tests.space.visit import DESK, PHONE, UPLOAD, open_page

pytestmark = pytest.mark.long

EARLY = "#first-screen head-viewer.has-head"
GREETED = "#head head-viewer.has-head"
GRADIO = "**/assets/index-*.js"
STEP_PX = 16
"""How far the head may move when the page takes it over."""


@pytest.fixture(scope="module")
def greeting_url(tmp_path_factory, astronaut) -> Iterator[str]:
    """Address of a demo that has its example."""
    service = ReconstructionService(StandInReconstructor)
    service.warm_up(astronaut)
    demo = build_demo(service, tmp_path_factory.mktemp("records"))
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, **launch_options(service))
    yield url
    demo.close()


class FirstScreen:
    """A page whose Gradio is held up until `let_gradio_go`."""

    def __init__(self, browser, url: str, size: tuple[int, int] = DESK, token: str = "") -> None:
        self.page, self.addresses, self._held = open_page(browser, size), [], []
        self.page.on("request", lambda request: self.addresses.append(request.url))
        self.page.route(GRADIO, lambda route: self._held.append(route))
        self.page.add_init_script(f"sessionStorage.setItem('dasl-head', '{token}')")
        self.page.goto(url, wait_until="commit")

    def let_gradio_go(self) -> None:
        while not self._held:
            self.page.wait_for_timeout(50)
        for route in self._held:
            route.continue_()
        self.page.wait_for_selector(UPLOAD, state="attached")


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_the_head_stands_there_before_gradio_and_is_handed_over_once(browser, greeting_url, size):
    visit = FirstScreen(browser, greeting_url, size)
    page = visit.page
    page.wait_for_selector(EARLY)
    canvas = page.locator("#first-screen canvas").bounding_box()
    assert canvas["y"] + canvas["height"] / 2 < size[1]
    tabs = page.locator(".first-tabs a").all_inner_texts()
    page.evaluate("window.early = document.querySelector('#first-screen head-viewer')")
    page.locator("#first-screen [data-preset]", has_text="Smile").dispatch_event("click")
    assert not any("queue/join" in address for address in visit.addresses)
    visit.let_gradio_go()
    page.wait_for_selector(GREETED)
    page.get_by_text(text.GREETING).wait_for()
    page.wait_for_timeout(1500)  # the greeting is answered
    assert page.locator("#first-screen").count() == 0
    assert page.locator("#head head-viewer").count() == 1
    assert page.evaluate("early === document.querySelector('#head head-viewer') && !!early.stage")
    pressed = page.locator("#head [data-preset][aria-pressed=true]")
    assert pressed.inner_text() == "Smile"  # what the visitor chose before
    moved = page.locator("#head canvas").bounding_box()
    assert max(abs(moved[side] - canvas[side]) for side in canvas) <= STEP_PX
    for end in (".glb", "/viewer.js", "three.bundle.js", "astronaut.jpg"):
        assert sum(address.endswith(end) for address in visit.addresses) == 1, end
    assert tabs == list(text.TABS)
    page.close()


def test_who_has_a_head_of_their_own_sees_no_example_before(browser, greeting_url):
    visit = FirstScreen(browser, greeting_url, token="of-a-head-long-gone")
    visit.page.wait_for_timeout(1500)
    assert visit.page.locator("#first-screen").count() == 0
    visit.let_gradio_go()
    visit.page.wait_for_selector(GREETED)  # the server no longer has that head
    visit.page.close()


def test_a_link_to_another_tab_shows_no_head_over_it(browser, greeting_url):
    visit = FirstScreen(browser, f"{greeting_url}?tab=about")
    visit.let_gradio_go()
    assert visit.page.locator("#first-screen").count() == 0
    visit.page.get_by_role("tab", name="About", exact=True, selected=True).wait_for()
    visit.page.close()


def test_a_tab_of_the_first_screen_opens_when_the_page_is_there(browser, greeting_url):
    visit = FirstScreen(browser, greeting_url)
    visit.page.locator("#first-screen").get_by_text("About", exact=True).click()
    visit.let_gradio_go()
    visit.page.get_by_role("tab", name="About", exact=True, selected=True).wait_for()
    visit.page.close()


def test_where_the_viewers_script_is_blocked_the_first_screen_goes(browser, greeting_url, trouble):
    trouble.allow("viewer.js")
    page = open_page(browser)
    page.route("**/web/viewer.js", lambda route: route.abort())
    page.goto(greeting_url)
    page.wait_for_selector("#still-head img")
    assert page.locator("#first-screen").count() == 0
    page.close()


def test_without_webgl_the_still_picture_takes_the_first_screens_place(
    browser, greeting_url, trouble
):
    trouble.allow("WebGL")
    page = open_page(browser)
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null;")
    page.goto(greeting_url)
    page.wait_for_selector("#still-head img")
    assert page.locator("#first-screen").count() == 0
    assert not page.locator("#head head-viewer").is_visible()
    page.close()
