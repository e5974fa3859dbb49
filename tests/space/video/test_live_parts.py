"""Single parts of the viewer and of the Live page, run in a browser."""

import pytest

from tools.live_server import served

pytestmark = pytest.mark.long

MORPH = """
async () => {
  const { GLTFLoader } = await import("/vendor/three/three.bundle.js");
  const { Morph } = await import("/web/morph.js");
  const { fetchUnzipped } = await import("/web/live/files.js");
  const bytes = await fetchUnzipped("/model/head.glb.gz");
  const mesh = (await new GLTFLoader().parseAsync(bytes.buffer, "")).scene.children[0];
  const { geometry } = mesh;
  const { position, normal } = geometry.attributes;
  const targets = geometry.morphAttributes.position.map(({ array }) => array);
  const rest = [position.array.slice(), normal.array.slice()];
  const largest = (one, other) => (
    one.reduce((most, it, at) => Math.max(most, Math.abs(it - other[at])), 0));
  const morph = new Morph(geometry);
  const weights = targets.map((_, at) => (at % 3 ? 0.9 * Math.abs(Math.sin(at)) : 0));
  const wanted = Float64Array.from(rest[0], (value, at) => (
    value + targets.reduce((sum, target, unit) => sum + weights[unit] * target[at], 0)));
  morph.apply(weights);
  const told = { units: targets.length, moved: largest(position.array, rest[0]),
    left: Object.keys(geometry.morphAttributes).length, off: largest(position.array, wanted) };
  // three's own normals, of vertices without a texture seam
  const sharing = new Uint8Array(morph.welded.length);
  morph.welded.forEach((first) => { sharing[first] += 1; });
  const alone = morph.welded.map((first) => (sharing[first] === 1 ? 1 : 0));
  const lit = normal.array.slice();
  const fromThree = (points) => {
    const copy = geometry.clone();
    copy.attributes.position.array.set(points);
    copy.computeVertexNormals();
    return copy.attributes.normal.array;
  };
  const [before, after] = [fromThree(rest[0]), fromThree(position.array)];
  told.normals = lit.reduce((most, value, at) => (alone[Math.floor(at / 3)]
    ? Math.max(most, Math.abs(value - rest[1][at] - after[at] + before[at])) : most), 0);
  const written = position.version;
  morph.apply(weights);
  told.isDrawnAgain = position.version > written;
  morph.apply(weights.map(() => 0));
  told.back = Math.max(largest(position.array, rest[0]), largest(normal.array, rest[1]));
  return told;
}
"""
PACE = """
async () => {
  const { Pace } = await import("/web/pace.js");
  const gl = { UNSIGNALED: 1, SIGNALED: 2, state: 1, fenceSync: () => ({}), flush() {},
    deleteSync() {}, isContextLost: () => false };
  gl.getSyncParameter = () => gl.state;
  let free = 0;
  const pace = new Pace(gl, true, () => { free += 1; }, () => {});
  const some = () => new Promise((done) => setTimeout(done, 120));
  pace.drew();
  await some();
  const before = [pace.isBusy, free];
  gl.state = gl.SIGNALED;
  await some();
  return [...before, pace.isBusy, free];
}
"""
NEWEST = """
async () => {
  const { Newest } = await import("/web/live/frames.js");
  const sent = [], closed = [];
  const newest = new Newest(async ({ name }) => { sent.push(name); return name !== "gone"; });
  const offer = (name) => newest.offer({ name, close: () => closed.push(name) });
  ["first", "second", "third"].forEach(offer);
  newest.free();
  await null;
  newest.free();
  offer("gone");
  await new Promise((done) => setTimeout(done));
  offer("after it");
  offer("left over");
  newest.stop();
  return [sent, closed];
}
"""
WAITING = """
async () => {
  const worker = new Worker("/web/live/worker.js", { type: "module" });
  const bitmaps = await Promise.all([1, 2, 3].map(() => createImageBitmap(new ImageData(8, 8))));
  const told = [];
  const all = new Promise((done) => {
    worker.onmessage = ({ data }) => { if (told.push([data.is, data.time_s]) === 4) done(told); };
  });
  // the worker is busy with files that are not there while the frames arrive
  const wasm = { url: "/nowhere.wasm", bytes: 1 };
  worker.postMessage({ do: "load", model: "/nowhere/", index: { bytes: {} }, wasm });
  for (const [at, bitmap] of bitmaps.entries()) {
    worker.postMessage({ do: "frame", bitmap, time_s: at + 1 }, [bitmap]);
  }
  return all;
}
"""
READ = """
async ([width, height, more]) => {
  const { framePixels, pixelsOf } = await import("/web/live/readback.js");
  const length = 1.5 * width * height;
  const bytes = Uint8Array.from({ length }, (_, at) => 40 + (at * 7919) % 170);
  const shown = { codedWidth: width, codedHeight: height, timestamp: 0, ...more };
  const frame = new VideoFrame(bytes, { format: "I420", ...shown });
  const wanted = pixelsOf(frame.clone());
  const found = await framePixels(frame);
  const largest = (most, value, at) => Math.max(most, Math.abs(value - wanted.data[at]));
  return { sides: [found.width, found.height], apart: found.data.reduce(largest, 0),
    isCopied: !(found instanceof ImageData), isClosed: frame.format === null };
}
"""
EXPECTED = """
async () => {
  const { Tracker } = await import("/web/live/tracker.js");
  const tracker = new Tracker({ settings: {} }, null);
  const pose = (x, scale) => ({ rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], scale, x, y: 7 });
  tracker.last = { pose: pose(110, 400), expression: [0.5] };
  tracker.earlier = { pose: pose(100, 400), time_s: 1.0 };
  tracker.seen_s = 1.1;
  const at = (time_s) => tracker.expected(time_s).pose.x;
  const told = [at(1.2)];
  tracker.isHurried = true;
  told.push(at(1.2), at(1.15), at(9), tracker.expected(1.2).expression[0]);
  tracker.forget();
  told.push(tracker.expected(1.2));
  return told;
}
"""


@pytest.fixture(scope="module")
def page(site, chromium):
    """A page without scripts, beside the modules that each test imports for itself."""
    with served(site) as server, chromium() as live:
        live.page.goto(f"{server.url}model/files.json")
        yield live.page


def test_the_head_moves_as_its_morph_targets_say(page):
    told = page.evaluate(MORPH)
    assert told["units"] == 52 and told["left"] == 0
    assert told["moved"] > 0.005  # metres
    assert told["off"] < 1e-6 and told["normals"] < 1e-4
    assert told["back"] < 1e-6 and not told["isDrawnAgain"]


def test_the_next_picture_waits_for_the_last_one(page):
    assert page.evaluate(PACE) == [True, 0, False, 1]


def test_the_newest_frame_wins_and_the_others_are_let_go(page):
    sent, closed = page.evaluate(NEWEST)
    assert sent == ["first", "third", "gone", "after it"]
    assert closed == ["second", "left over"]


def test_one_look_starts_from_where_a_move_leads_but_not_for_long(page):
    two_looks, *one_look, nobody = page.evaluate(EXPECTED)
    assert two_looks == 110  # they correct themselves
    assert one_look == pytest.approx([120, 115, 125, 0.5])
    assert nobody is None


def test_of_frames_that_wait_for_the_tracker_it_takes_the_newest(page):
    # there is no model: that is told for the frame that was taken, after those that were let go
    told = page.evaluate(WAITING)
    assert told == [["broken", None], ["passed", 1], ["passed", 2], ["failed", None]]


@pytest.mark.parametrize(
    ("more", "sides", "is_copied"),
    [
        ({}, [64, 48], True),
        ({"visibleRect": {"x": 8, "y": 4, "width": 32, "height": 24}}, [32, 24], True),
        ({"displayWidth": 64, "displayHeight": 96}, [64, 96], False),
    ],
)
def test_frames_are_read_as_they_are_shown(more, sides, is_copied, page):
    told = page.evaluate(READ, [64, 48, more])
    assert told["sides"] == sides and told["isCopied"] == is_copied
    assert told["apart"] <= 1 and told["isClosed"]


def test_large_frames_are_reduced(page):
    told = page.evaluate(READ, [1280, 720, {}])
    assert told["sides"] == [960, 540] and not told["isCopied"]
