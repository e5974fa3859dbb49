"""The Live page in a real browser, with a rendered head of known truth as its camera."""

import csv
import io
import shutil

import numpy as np
import pytest
from pygltflib import GLTF2

from dasl import FaceReconstructor
from dasl.video.browser.files import browser_files_of
from tests.dasl.video.moving_head import moving_head
from tools.live_agreement import compared_frames, distances_sd
from tools.live_server import served

pytestmark = pytest.mark.long

FRAMES = 6
APART_SD = {"float16": 0.02, "int8": 0.1}
PUT_BY_A_WORKER = """
(url) => new Promise((done) => {
  const code = `fetch(${JSON.stringify(url)}, { method: "PUT", body: "by a worker" })
    .then(() => postMessage(0))`;
  const worker = new Worker(URL.createObjectURL(new Blob([code])));
  worker.onmessage = done;
})
"""


@pytest.mark.parametrize("precision", APART_SD)
def test_browser_and_python_find_the_same_on_every_frame(precision, site, chromium, tmp_path):
    folder = tmp_path / "site"
    shutil.copytree(site, folder)
    browser_files_of(None, folder / "model", precision)
    pictures = [frame.pixels for frame in moving_head(24).frames[:FRAMES]]
    exact = FaceReconstructor.from_pretrained(device="cpu", precision="float32")
    with served(folder) as server, chromium() as live:
        frames = compared_frames(live.page, server.url, pictures, exact)
    apart = distances_sd(frames)
    assert (apart < APART_SD[precision]).all()
    if precision != "float16":
        return
    for frame in frames:
        mine = frame.browser
        landmarks = np.reshape(mine["landmarks"], (68, 3))
        assert np.abs(landmarks - frame.sample.landmarks)[:, :2].max() < 0.1  # pixels
        assert mine["confidence"] == pytest.approx(frame.sample.confidence, abs=0.01)
        assert mine["yaw"] == pytest.approx(frame.face.angles_deg[0], abs=0.1)
        assert mine["weights"] == pytest.approx(list(frame.face.weights.values()), abs=0.01)


def test_a_camera_moves_the_head_and_no_picture_leaves(site, chromium, camera, tmp_path):
    with served(site) as server, chromium(camera, is_kept=True) as live:
        page, asked = live.page, []
        page.context.on("request", lambda request: asked.append(request.url))
        live.ready(server.url)
        live.start()
        live.faces()
        page.click("[data-do=record]")
        page.wait_for_function("document.querySelector('live-face').recording.samples.length > 3")
        page.click("[data-do=record]")
        page.wait_for_selector(".lf-files button")
        saved = {}
        for button in page.query_selector_all(".lf-files button"):
            with page.expect_download() as waiting:
                button.click()
            path = tmp_path / waiting.value.suggested_filename
            waiting.value.save_as(path)
            saved[path.suffix] = path
        weights = page.evaluate("() => [...document.querySelector('head-viewer').weights]")
        page.click("[data-do=me]")
        page.wait_for_function("/head.glb/.test(document.querySelector('.lf-files').textContent)")
        requests = list(server.requests)
        # what is sent is seen by these means, from the page and from a worker
        page.evaluate("(url) => fetch(url, { method: 'POST', body: 'by the page' })", server.url)
        page.evaluate(PUT_BY_A_WORKER, server.url)
        provoked = server.requests[len(requests) :]
    assert max(weights) > 0.1  # the head does something
    rows = list(csv.DictReader(io.StringIO(saved[".csv"].read_text())))
    assert len(rows) > 3 and max(float(row["jawOpen"]) for row in rows) > 0.1
    moves = GLTF2().load(str(saved[".glb"])).animations[0].channels
    assert {move.target.path for move in moves} == {"rotation", "weights"}
    assert set(saved) & {".mp4", ".webm"}
    bodies = {request.body for request in provoked if request.method != "GET"}
    assert bodies == {b"by the page", b"by a worker"}
    assert {(request.method, request.body) for request in requests} == {("GET", b"")}
    assert max(len(request.path) for request in requests) < 100  # nor in an address
    web = [url for url in asked if not url.startswith(("blob:", "data:"))]
    assert all(url.startswith(server.url) for url in web)


def test_the_page_itself_forbids_to_send_anything_elsewhere(site, chromium):
    with (
        served(site) as server,
        served(site) as other,
        chromium(has_policy=True, is_kept=True) as live,
    ):
        live.ready(server.url)
        sent = live.page.evaluate(
            "(url) => fetch(url, { mode: 'no-cors' }).then(() => 'sent', () => 'refused')",
            other.url,
        )
    assert sent == "refused" and not other.requests


def test_the_tab_of_the_demo_loads_the_tracker_from_the_demo_alone(visit):
    visit.page.get_by_role("tab", name="Live").click()
    visit.page.wait_for_selector("#live live-face.is-ready head-viewer.has-head")
    assert visit.hosts() == {"127.0.0.1"}
    workers = "navigator.serviceWorker.getRegistrations().then((found) => found.length)"
    assert visit.page.evaluate(workers) == 0  # only the static page works offline
