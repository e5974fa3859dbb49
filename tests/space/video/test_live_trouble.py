"""What can go wrong in front of the Live page: it is told in words, and nothing hangs."""

import cv2
import numpy as np
import pytest

from eval.scoring.metrics import box_sizes, nme
from tests.dasl.video.moving_head import moving_head
from tests.space.video.conftest import NOTE
from tools.live_film import write_film
from tools.live_server import served

pytestmark = pytest.mark.long

POLICY = {"Content-Security-Policy": "script-src 'self' 'unsafe-inline'"}
NO_WEBGL = """
const kind = HTMLCanvasElement.prototype, get = kind.getContext;
kind.getContext = function (...words) {
  return words[0] === "webgl2" ? null : get.apply(this, words);
};
"""
TRACK = "document.querySelector('live-face').source.stream.getVideoTracks()[0]"


def still(count: int = 1):
    """A frame of the moving head, so many times, and its true landmarks."""
    shown = moving_head(24)
    return [shown.frames[0].pixels] * count, shown.landmarks[0, :, :2]


def write_y4m(path, pictures, frames_per_s):
    """Write pictures as a film of this rate, uncompressed."""
    height, width = pictures[0].shape[:2]
    with path.open("wb") as out:
        out.write(f"YUV4MPEG2 W{width} H{height} F{frames_per_s}:1 Ip C420jpeg\n".encode())
        for pixels in pictures:
            out.write(b"FRAME\n" + cv2.cvtColor(pixels, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path


def test_a_camera_in_trouble_is_told_and_goes_on(site, chromium, camera):
    with served(site) as server, chromium(camera) as live:
        live.ready(server.url)
        live.start()
        live.faces()

        for is_muted, event in ((True, "mute"), (False, "unmute")):
            live.page.evaluate(
                f"""([isMuted, event]) => {{
                  Object.defineProperty({TRACK}, "muted", {{ value: isMuted, configurable: true }});
                  {TRACK}.dispatchEvent(new Event(event));
                }}""",
                [is_muted, event],
            )
            live.faces()
            if is_muted:
                live.says("sends no picture")
            else:
                live.says_nothing()
            assert live.button() == "Stop"

        live.page.evaluate(f"{TRACK}.dispatchEvent(new Event('ended'))")
        live.says("was taken away")
        assert live.button() == "Start camera"
        live.start()
        live.faces()

        # a browser that does not end the track of a camera that is gone
        live.page.evaluate(
            """() => {
              navigator.mediaDevices.enumerateDevices = async () => [];
              navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
            }"""
        )
        live.says("was taken away")
        assert live.button() == "Start camera"
        live.start()
        live.faces()

        # frozen: neither pictures nor an event
        live.page.evaluate("document.querySelector('live-face video').pause()")
        live.says("No pictures arrive")
        live.page.evaluate("document.querySelector('live-face video').play()")
        live.faces()
        live.says_nothing()


def test_what_is_found_late_is_not_of_the_next_camera(site, chromium, camera):
    """An answer to a frame of the camera before comes while the next one opens."""
    with served(site) as server, chromium(camera) as live:
        live.ready(server.url)
        live.start()
        live.faces()
        live.page.evaluate(
            """() => {
              const live = document.querySelector("live-face");
              live.worker.addEventListener("message", ({ data }) => {
                if (data.is === "face") live.late = data;
              });
              const { video } = live, play = video.play;
              video.play = async () => {
                await new Promise((go) => { live.go = go; });
                return play.call(video);
              };
            }"""
        )
        live.page.wait_for_function("document.querySelector('live-face').late")
        live.start()
        live.start()
        live.page.wait_for_function("Boolean(document.querySelector('live-face').go)")
        before, after = live.page.evaluate(
            """() => {
              const live = document.querySelector("live-face"), before = live.seen;
              live.worker.dispatchEvent(new MessageEvent("message", { data: live.late }));
              return [before, live.seen];
            }"""
        )
        assert after == before
        assert "Opening" in live.note()
        live.page.evaluate("document.querySelector('live-face').go()")
        live.faces()
        live.says_nothing()


def test_in_the_background_it_waits_and_goes_on_afterwards(site, chromium, camera):
    with served(site) as server, chromium(camera) as live:
        live.ready(server.url)
        live.start()
        live.faces()
        # what phones do; a headless browser has no background
        live.page.evaluate(
            """() => {
              Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
              document.dispatchEvent(new Event("visibilitychange"));
              document.querySelector("live-face video").pause();
            }"""
        )
        live.page.wait_for_timeout(6000)  # longer than pictures may be missing in front
        assert "No pictures" not in live.note()
        live.page.evaluate(
            """() => {
              delete document.hidden;
              document.dispatchEvent(new Event("visibilitychange"));
            }"""
        )
        live.faces()
        live.says_nothing()


def test_a_question_that_nobody_answers_can_be_taken_back(site, chromium):
    late = """
    navigator.mediaDevices.getUserMedia = () => new Promise((done) => {
      globalThis.answer = () => {
        const stream = document.createElement("canvas").captureStream();
        globalThis.late = stream.getTracks();
        done(stream);
      };
    });
    """
    with served(site) as server, chromium() as live:
        live.page.add_init_script(late)
        live.ready(server.url)
        live.start()
        live.says("allow it")
        assert live.button() == "Stop"
        live.start()
        live.says("Start the camera")
        assert live.button() == "Start camera"
        live.page.evaluate("answer()")
        live.page.wait_for_function("late.every((track) => track.readyState === 'ended')")
        assert live.button() == "Start camera"


@pytest.mark.parametrize("kind", ["4k", "15_a_second", "upright"])
def test_cameras_of_all_kinds_are_followed(kind, site, chromium, tmp_path):
    (pixels,), truth = still()
    height, width = pixels.shape[:2]
    if kind == "4k":
        pixels = cv2.resize(pixels, (2880, 2160), interpolation=cv2.INTER_CUBIC)
    if kind == "upright":
        pixels = cv2.copyMakeBorder(pixels, 120, 120, 0, 0, cv2.BORDER_REPLICATE)[:, 40:-40]
        truth = truth + np.array([-40, 120])
        height, width = pixels.shape[:2]
    if kind == "15_a_second":
        film = write_y4m(tmp_path / "film.y4m", [pixels] * 15, 15)
    else:
        film = write_film(tmp_path / "film.mjpeg", [pixels] * 3)
    with served(site) as server, chromium(film) as live:
        live.page.set_viewport_size({"width": 390, "height": 844})
        live.ready(server.url)
        live.start()
        live.faces(3)
        found = live.landmarks()
        seen = live.page.evaluate(
            """() => {
              const [video, points] = document.querySelectorAll(".lf-film video, .lf-points");
              const place = video.parentElement.getBoundingClientRect();
              return { frame: [points.width, points.height], place: place.width / place.height,
                       video: [video.videoWidth, video.videoHeight] };
            }"""
        )
    columns, rows = seen["frame"]
    assert max(columns, rows) <= 960
    wanted = truth * [columns / width, rows / height]
    assert nme(found[None], wanted[None], box_sizes(wanted[None]))[0] < 0.04
    assert seen["place"] == pytest.approx(max(columns / rows, 0.75), rel=0.02)  # no black bars


def test_of_two_faces_the_largest_is_followed(site, chromium, tmp_path):
    (pixels,), truth = still()
    small = cv2.resize(pixels, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    both = np.full((240, 560, 3), 150, np.uint8)
    both[:, 240:], both[60 : 60 + small.shape[0], : small.shape[1]] = pixels, small
    film = write_film(tmp_path / "film.mjpeg", [both] * 3)
    with served(site) as server, chromium(film) as live:
        live.ready(server.url)
        live.start()
        live.says("2 faces; the largest is followed")
        assert live.landmarks()[:, 0].mean() == pytest.approx(truth[:, 0].mean() + 240, abs=5)


def test_a_face_that_leaves_and_returns(site, chromium, tmp_path):
    there, _ = still(40)
    away = [np.full_like(there[0], 150)] * 80
    film = write_film(tmp_path / "film.mjpeg", [*there, *away])
    with served(site) as server, chromium(film) as live:
        live.ready(server.url)
        live.start()
        live.faces()
        live.says("No face")
        live.faces()
        live.says_nothing()


def test_without_webgl_or_camera_it_says_so(site, chromium):
    with served(site) as server, chromium() as live:
        live.page.add_init_script(NO_WEBGL)
        live.page.context.grant_permissions(["camera"])
        live.page.goto(server.url)
        live.page.wait_for_selector("live-face.is-ready")
        live.says("no WebGL")
        live.start()
        live.says("No camera found")
        live.page.context.clear_permissions()
        live.start()
        live.page.wait_for_function(f"/blocked|No camera/.test({NOTE})")


def test_webassembly_that_a_policy_blocks_is_told(site, chromium):
    with served(site, POLICY) as server, chromium(has_policy=True) as live:
        live.page.goto(server.url)
        live.page.get_by_text("may not run WebAssembly").wait_for()


@pytest.mark.parametrize("missing", ["OffscreenCanvas", "DecompressionStream", "Worker"])
def test_an_old_browser_is_told(missing, site, chromium):
    with served(site) as server, chromium() as live:
        live.page.add_init_script(f"delete globalThis.{missing}")
        live.page.goto(server.url)
        live.says("too old for Live")
        assert live.page.is_disabled("[data-do=start]")


def test_a_script_that_cannot_be_read_leaves_words(site, chromium):
    with served(site) as server, chromium() as live:
        broken = "class Old { field = # }"  # as a browser sees syntax that it does not know
        for name, words in (
            ("live.js", "If this text stays, this browser is too old"),
            ("worker.js", "script could not be loaded"),
        ):
            live.page.route(
                f"**/live/{name}",
                lambda route: route.fulfill(body=broken, content_type="text/javascript"),
            )
            live.page.goto(server.url)
            live.page.get_by_text(words).wait_for()
            live.page.unroute(f"**/live/{name}")


def test_frames_are_taken_without_the_callback_that_old_browsers_lack(site, chromium, camera):
    missing = "delete HTMLVideoElement.prototype.requestVideoFrameCallback"
    with served(site) as server, chromium(camera) as live:
        live.page.add_init_script(missing)
        live.ready(server.url)
        live.start()
        live.faces(3)
