"""The Live page in a real browser, with a rendered head of known truth as its camera."""

import base64
import csv
import functools
import http.server
import io
import threading
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image
from pygltflib import GLTF2

from dasl.video.browser.files import browser_files_of
from dasl.video.live.tracker import LiveTracker
from dasl.weights.folder import EMBEDDED_FOLDER, load_stored
from space.deploy.live import stage_live
from space.settings import ROOT
from tests.dasl.video.moving_head import HEIGHT, WIDTH, moving_head, reconstructor
from tests.space.visit import CHROMIUM_FLAGS, WAIT_MS

pytestmark = pytest.mark.long

FRAMES, STEP_S = 6, 0.05
FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


class Answers(http.server.SimpleHTTPRequestHandler):
    """Files as `python -m http.server` gives them, with a content policy if the server has one."""

    def end_headers(self):
        if self.server.policy:
            self.send_header("Content-Security-Policy", self.server.policy)
        super().end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def served(folder, policy=""):
    handler = functools.partial(Answers, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.policy = policy
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The page with float16 tensors, so that Python and browser compute with the same numbers."""
    folder = tmp_path_factory.mktemp("site")
    stage_live(ROOT, folder)
    browser_files_of(None, folder / "model", "float16")
    return folder


@pytest.fixture(scope="module")
def camera(tmp_path_factory):
    """A film for Chromium's camera: JPEG pictures one after the other."""
    path = tmp_path_factory.mktemp("camera") / "camera.mjpeg"
    with path.open("wb") as out:
        for frame in moving_head(24).frames[:12]:
            Image.fromarray(frame.pixels).save(out, "JPEG", quality=95)
    return path


@pytest.fixture
def chromium(browser, chromium_path):
    """Opens a page in a Chromium of its own; it keeps what it asked the network for in `asked`."""

    @contextmanager
    def opened(*flags):
        flags = [*CHROMIUM_FLAGS, "--enable-unsafe-swiftshader", *flags]
        own = browser.browser.browser_type.launch(executable_path=chromium_path, args=flags)
        page = own.new_page()
        page.set_default_timeout(WAIT_MS)
        page.asked = []
        page.on("request", lambda request: page.asked.append(request))
        yield page
        own.close()

    return opened


TRACK = """
async ([frames, width, height, step_s]) => {
  const { fetchUnzipped, unpacked } = await import("/web/live/files.js");
  const { prepareRuntime, Network, detectorSession } = await import("/web/live/network.js");
  const { Detector } = await import("/web/live/detector.js");
  const { Tracker } = await import("/web/live/tracker.js");
  const files = unpacked(await fetchUnzipped("/model/tracker.bin.gz"));
  prepareRuntime(await fetchUnzipped("/vendor/onnxruntime/ort.wasm.gz"));
  const network = await Network.create(files);
  const detector = new Detector(await detectorSession(files), files.meta.settings.detector_side);
  const tracker = new Tracker(network, detector);
  const found = [];
  for (const [at, text] of frames.entries()) {
    const data = Uint8ClampedArray.from(atob(text), (letter) => letter.charCodeAt(0));
    const face = await tracker.update({ data, width, height }, at * step_s);
    found.push(face && {
      landmarks: [...face.raw.landmarks], identity: [...face.raw.identity],
      expression: [...face.raw.expression], weights: [...face.weights], yaw: face.angles.yaw_deg,
      confidence: face.confidence,
    });
  }
  return found;
}
"""


def rgba_text(pixels: np.ndarray) -> str:
    alpha = np.full((*pixels.shape[:2], 1), 255, np.uint8)
    return base64.b64encode(np.concatenate([pixels, alpha], axis=2).tobytes()).decode()


def test_browser_and_python_find_the_same_face(site, chromium):
    frames = moving_head(24).frames[:FRAMES]
    tracker, wanted, faces = LiveTracker(reconstructor()), [], []
    for at, frame in enumerate(frames):
        faces.append(tracker.update(frame.pixels, at * STEP_S))
        wanted.append(tracker.last)
    with served(site) as url, chromium() as page:
        page.goto(url)
        texts = [rgba_text(frame.pixels) for frame in frames]
        found = page.evaluate(TRACK, [texts, WIDTH, HEIGHT, STEP_S])
    network, _ = load_stored(EMBEDDED_FOLDER)
    spread = network.whitening.std[9:]
    apart = []  # standard deviations; either side goes on from its own frame before
    for mine, sample, face in zip(found, wanted, faces, strict=True):
        numbers = np.concatenate(
            [np.asarray(sample.identity), np.asarray(sample.coefficients.expression[0])]
        )
        apart.append((np.concatenate([mine["identity"], mine["expression"]]) - numbers) / spread)
        landmarks = np.reshape(mine["landmarks"], (68, 3))
        assert np.abs(landmarks - sample.landmarks)[:, :2].max() < 0.1  # pixels
        assert mine["confidence"] == pytest.approx(sample.confidence, abs=0.01)
        assert mine["yaw"] == pytest.approx(face.angles_deg[0], abs=0.1)
        assert mine["weights"] == pytest.approx(list(face.weights.values()), abs=0.01)
    assert np.sqrt(np.square(apart).mean()) < 0.02


def test_a_camera_moves_the_head_and_no_picture_leaves(site, chromium, camera, tmp_path):
    with (
        served(site) as url,
        chromium(*FAKE_CAMERA, f"--use-file-for-fake-video-capture={camera}") as page,
    ):
        page.goto(url)
        page.wait_for_selector("live-face.is-ready head-viewer.has-head")
        page.evaluate(
            """() => {
              const face = document.querySelector("live-face");
              face.seen = 0;
              face.addEventListener("face", ({ detail }) => { face.seen += Boolean(detail.face); });
            }"""
        )
        page.click("[data-do=start]")
        page.wait_for_function("document.querySelector('live-face').seen > 0")
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
        sent = [(one.method, one.post_data_buffer) for one in page.asked]
        asked = {one.url.partition("?")[0] for one in page.asked if not one.url.startswith("blob:")}
    assert max(weights) > 0.1  # the head does something
    rows = list(csv.DictReader(io.StringIO(saved[".csv"].read_text())))
    assert len(rows) > 3 and max(float(row["jawOpen"]) for row in rows) > 0.1
    moves = GLTF2().load(str(saved[".glb"])).animations[0].channels
    assert {move.target.path for move in moves} == {"rotation", "weights"}
    assert set(saved) & {".mp4", ".webm"}
    assert {body for _, body in sent} == {None} and {method for method, _ in sent} == {"GET"}
    assert all(address.startswith(url) for address in asked)


def test_what_is_missing_is_told_and_nothing_hangs(site, chromium):
    note = "document.querySelector('.lf-note').textContent"
    no_webgl = """
    const kind = HTMLCanvasElement.prototype, get = kind.getContext;
    kind.getContext = function (...words) {
      return words[0] === "webgl2" ? null : get.apply(this, words);
    };
    """
    with served(site) as url, chromium() as page:
        page.add_init_script(no_webgl)
        page.context.grant_permissions(["camera"])
        page.goto(url)
        page.wait_for_selector("live-face.is-ready")
        page.wait_for_function(f"/no WebGL/.test({note})")
        page.click("[data-do=start]")
        page.wait_for_function(f"/No camera found/.test({note})")
    policy = "script-src 'self' 'unsafe-inline'"
    with served(site, policy) as url, chromium() as page:
        page.goto(url)
        page.get_by_text("may not run WebAssembly").wait_for()


def test_the_tab_of_the_demo_loads_the_tracker_from_the_demo_alone(visit):
    visit.page.get_by_role("tab", name="Live").click()
    visit.page.wait_for_selector("#live live-face.is-ready head-viewer.has-head")
    assert visit.hosts() == {"127.0.0.1"}
