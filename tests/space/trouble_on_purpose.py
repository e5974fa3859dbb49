"""Browser tests that must fail, each by another kind of trouble; `test_trouble.py` runs them."""

import logging
from collections.abc import Iterator

import gradio as gr
import pytest

from tests.space.visit import open_page

TOAST = "[data-testid=toast-body]"
OVERLAY = "[data-testid=status-tracker] .error"


def warn() -> str:
    gr.Warning("a warning")
    return "done"


def fail() -> str:
    raise ValueError("a failure of ours")


def log() -> str:
    logging.getLogger("space").error("an error in the log")
    return "done"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with gr.Blocks() as demo:
        out = gr.Textbox(elem_id="out", label="out")
        for act in (warn, fail, log):
            gr.Button(act.__name__).click(act, outputs=[out])
    _, url, _ = demo.launch(prevent_thread_lock=True, quiet=True, footer_links=[])
    yield url
    demo.close()


def opened(browser, url: str):
    page = open_page(browser)
    page.goto(url)
    page.get_by_role("button", name="warn").wait_for()
    return page


def clicked(browser, url: str, name: str, seen: str) -> None:
    page = opened(browser, url)
    page.get_by_role("button", name=name).click()
    page.locator(seen).first.wait_for()
    page.close()


@pytest.fixture(scope="module")
def failed_in_setup(browser, url: str) -> None:
    clicked(browser, url, "fail", OVERLAY)


def test_toast(browser, url: str):
    clicked(browser, url, "warn", TOAST)


def test_overlay(browser, url: str, trouble):
    trouble.allow("traceback", "toast")
    clicked(browser, url, "fail", OVERLAY)


def test_logged(browser, url: str):
    page = opened(browser, url)
    page.get_by_role("button", name="log").click()
    page.wait_for_function("document.querySelector('#out textarea').value === 'done'")
    page.close()


def test_console(browser, url: str):
    run(browser, url, "console.error('x')")


def test_uncaught(browser, url: str):
    run(browser, url, "setTimeout(() => { throw new Error('y'); })")


def test_missing_file(browser, url: str):
    run(browser, url, "fetch('/nothing').then(() => null)")


def run(browser, url: str, script: str) -> None:
    """On an address of the server that loads fast."""
    page = open_page(browser)
    page.goto(f"{url}config")
    page.evaluate(script)
    page.wait_for_timeout(500)
    page.close()


def test_left_open(browser, url: str):
    open_page(browser).goto(f"{url}config")


def test_fails(browser, url: str):
    page = open_page(browser)
    page.goto(f"{url}config")
    page.set_content("<p role=alert>What it says at last</p>")
    page.evaluate("void fetch('/config?asked')")
    page.wait_for_selector("#never", timeout=500)


def test_in_setup(failed_in_setup, trouble):
    trouble.allow("overlay", "toast")  # so the traceback alone


def test_nothing(browser, url: str):
    opened(browser, url).close()
