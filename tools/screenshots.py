"""Screenshots of every tab of the demo, on desktop and phone, light and dark.

    python -m tools.screenshots                          # all of them, into docs/screens
    python -m tools.screenshots --tabs Video --output look

Starts `python app.py`, processes an example photo and the example clip, and saves WebP files of at
most 120 kB each. Needs Chromium and playwright.
"""

import argparse
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from eval.program.data_root import data_root
from space.examples import photo_path
from tools.demo_browser import ROOT, chromium, running_demo

OUTPUT = ROOT / "docs" / "screens"
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
MODES = ("light", "dark")
LARGEST_FILE = 120_000
QUALITIES = (82, 70, 58, 46, 34, 22)
HALF_WAY = "viewer => viewer.seek(0.4 * viewer.recording.length_s)"
CLOSED = "groups => groups.forEach(group => { group.open = false; })"
"""Closes the sliders, as on a phone; the page was opened at desktop size."""

WAIT_MS = 180_000
SETTLE_MS = 1500


def answer_photo(page) -> None:
    page.locator("#examples button.thumbnail-item").first.click()
    page.wait_for_selector("#status .done")
    page.wait_for_selector("#head head-viewer.has-head")
    page.wait_for_selector("#strip img[alt='UV texture']")


def answer_clip(page) -> None:
    page.locator("#clip-example").click()
    page.wait_for_selector("#clip-head head-viewer.has-head")
    page.locator("#clip-head head-viewer").evaluate(HALF_WAY)


def open_photo_in_browser(page) -> None:
    """A photo instead of a camera, which would give another picture each time."""
    page.wait_for_selector("live-face.is-ready head-viewer.has-head")
    page.set_input_files("live-face input[type=file]", photo_path("astronaut"))
    page.locator(".lf-files button").first.wait_for()


def choose_rows(page) -> None:
    page.locator("#results tbody tr:visible").first.wait_for()
    page.locator("#board-plots svg, #board-plots img").first.wait_for()


def score_submission(page) -> None:
    """Score the public file if DASL_DATA_ROOT has it; without data the tab says what to do."""
    root = data_root()
    file = root and root / "submissions" / "2dasl_released.npz"
    if file is None or not file.is_file():
        nothing(page)
        return
    page.set_input_files("#submission input[type=file]", file)
    page.locator("#submission").get_by_text(".npz").first.wait_for()
    page.get_by_label("Name of the method").fill("2DASL (coefficients released by its authors)")
    page.get_by_label("Link to paper or code").fill("https://github.com/XgTu/2DASL")
    page.get_by_label("For the board").uncheck()
    page.locator("#score-file").click()
    page.wait_for_selector(".scored")


def nothing(page) -> None:
    page.wait_for_timeout(2 * SETTLE_MS)


TABS = {
    "Reconstruct": answer_photo,
    "Video": answer_clip,
    "Live": open_photo_in_browser,
    "Leaderboard": choose_rows,
    "Submit": score_submission,
    "About": nothing,
}
"""Name of each tab, and the actions before its screenshot."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=OUTPUT, help="default: docs/screens")
    parser.add_argument("--tabs", nargs="+", choices=TABS, default=list(TABS), metavar="TAB")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    with running_demo() as demo, chromium() as browser:
        for mode in MODES:
            page = browser.new_page(color_scheme=mode, reduced_motion="reduce")
            page.set_default_timeout(WAIT_MS)
            url = f"{demo.url}?__theme={mode}"
            for name, content in pictures_of(page, url, options.tabs, mode):
                (options.output / name).write_bytes(content)
                print(f"{name}  {len(content) / 1000:.0f} kB")
            page.close()


def pictures_of(page, url: str, tabs: Sequence[str], mode: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file; the page is processed once and captured in every size."""
    width, height = SIZES["desk"]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(url)
    page.wait_for_selector("#photo input[type=file]", state="attached")
    for tab in tabs:
        page.get_by_role("tab", name=tab, exact=True).click()
        TABS[tab](page)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            if size == "phone":
                page.locator("head-viewer details").evaluate_all(CLOSED)
            yield f"{tab.lower()}_{size}_{mode}.webp", small_webp(whole_page(page))
        width, height = SIZES["desk"]
        page.set_viewport_size({"width": width, "height": height})


def whole_page(page) -> Image.Image:
    page.evaluate("scrollTo(0, document.body.scrollHeight)")  # triggers lazy loading
    page.wait_for_timeout(SETTLE_MS)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(SETTLE_MS)
    return Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")


def small_webp(picture: Image.Image) -> bytes:
    """The picture as WebP, in the best quality within the size limit."""
    for quality in QUALITIES:
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= LARGEST_FILE:
            break
    return buffer.getvalue()


if __name__ == "__main__":
    main()
