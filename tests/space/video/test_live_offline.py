"""The static page's service worker: works without a server, steps aside."""

import functools
import gzip
import hashlib
import json
import re
import shutil

import pytest

from tests.space.video.conftest import NOTE
from tools.live_server import served
from tools.moving_head import EXAMPLE

pytestmark = pytest.mark.long

KEPT = "html[data-offline=ready]"
READY = "live-face.is-ready head-viewer.has-head"
REGISTERED = "navigator.serviceWorker.getRegistration()"


def port_of(server) -> int:
    return int(server.url.rstrip("/").rpartition(":")[2])


@pytest.fixture
def chromium(chromium):
    """Pages with the service worker."""
    return functools.partial(chromium, is_kept=True)


def visit(page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector(READY)
    page.wait_for_selector(KEPT, state="attached")


def test_after_the_first_load_it_works_with_the_server_stopped(site, chromium, camera):
    with chromium(camera) as live:
        with served(site) as server:
            visit(live.page, server.url)
            loaded = len(server.requests)
            assert [one.path.startswith("/model/tracker") for one in server.requests].count(
                True
            ) == 1
        for address in (server.url, server.url + "index.html"):
            live.ready(address)
        live.start()
        live.faces()
        live.page.click("[data-do=me]")  # wants a file that the page had not loaded yet
        live.page.wait_for_function(
            "/head.glb/.test(document.querySelector('.lf-files').textContent)"
        )
        assert len(server.requests) == loaded


def test_it_steps_aside_for_another_page_at_its_address(site, chromium, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "index.html").write_text("<p>Something else</p>")
    with chromium() as live:
        with served(site) as server:
            visit(live.page, server.url)
            port = port_of(server)
        with served(other, port=port) as server:
            live.page.goto(server.url)
            live.page.get_by_text("Something else").wait_for()
            count = "navigator.serviceWorker.getRegistrations().then((found) => found.length)"
            live.page.reload()
            assert live.page.evaluate(count) == 0


def test_a_page_that_was_loaded_without_it_is_not_taken_over(site, chromium, tmp_path):
    older = tmp_path / "older"
    shutil.copytree(site, older)
    (older / "sw.js").unlink()
    with chromium() as live:
        with served(older) as server:
            live.page.goto(server.url)
            live.page.wait_for_selector(READY)
            port = port_of(server)
        with served(site, port=port):  # another tab brings the worker
            live.page.evaluate("navigator.serviceWorker.register('sw.js')")
            live.page.wait_for_function(
                f"{REGISTERED}.then(({{ active }}) => active?.state === 'activated')"
            )
            assert live.page.evaluate("navigator.serviceWorker.controller") is None


def test_a_file_of_another_version_is_told(site, chromium, tmp_path):
    newer = tmp_path / "newer"
    shutil.copytree(site, newer)
    shape = newer / "model" / "shape.bin.gz"
    head_id = json.loads((newer / "model" / "files.json").read_text())["head_id"].encode()
    content = gzip.decompress(shape.read_bytes())
    assert head_id in content
    shape.write_bytes(gzip.compress(content.replace(head_id, head_id[::-1]), 1))
    with served(newer) as server, chromium() as live:
        live.page.goto(server.url)
        live.page.wait_for_selector(READY)
        live.page.set_input_files(".lf-open input", EXAMPLE)
        live.says("was updated")


def test_a_version_that_is_not_whole_is_not_kept(site, chromium, tmp_path):
    torn = tmp_path / "torn"
    shutil.copytree(site, torn)
    with (torn / "web" / "live" / "photo.js").open("a") as file:
        file.write("\n// uploaded by another deployment\n")
    with served(torn) as server, chromium() as live:
        live.page.goto(server.url)
        live.page.wait_for_selector(READY)
        while [one.path for one in server.requests].count("/web/live/photo.js") < 2:
            live.page.wait_for_timeout(100)  # until the service worker asked, too
        live.page.wait_for_function(f"{REGISTERED}.then((found) => !found)")
        assert live.page.query_selector(KEPT) is None
        assert "Start the camera" in live.page.evaluate(NOTE)


def test_a_new_version_takes_over_when_the_page_was_closed(site, chromium, tmp_path):
    newer = tmp_path / "newer"
    shutil.copytree(site, newer)
    sheet, worker = newer / "web" / "live" / "page.css", newer / "sw.js"
    before = hashlib.sha256(sheet.read_bytes()).hexdigest()
    sheet.write_text(sheet.read_text() + "\n/* newer */\n")
    after = hashlib.sha256(sheet.read_bytes()).hexdigest()
    source = worker.read_text()
    assert before in source
    changed = re.sub('VERSION = "[^"]+"', 'VERSION = "newer"', source.replace(before, after))
    worker.write_text(changed)
    text = "fetch('web/live/page.css').then((answer) => answer.text())"
    waiting = f"{REGISTERED}.then((found) => Boolean(found?.waiting))"
    kept = "caches.keys().then((names) => names.join() === 'dasl-live newer')"
    with chromium() as live:
        with served(site) as server:
            visit(live.page, server.url)
            port = port_of(server)
        with served(newer, port=port) as server:
            live.page.goto(server.url)
            live.page.wait_for_function(waiting)
            assert "newer" not in live.page.evaluate(text)  # files of two versions do not mix
            live.page.goto("about:blank")  # no tab shows it any more
            live.page.goto(server.url)
            live.page.wait_for_function(kept)
            live.page.wait_for_function(f"{text}.then((sheet) => sheet.includes('newer'))")
