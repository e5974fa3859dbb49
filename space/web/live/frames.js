// Frames of a camera or clip. A frame is {time_s, picture(), close()}; `picture()` gives a promise of
// what a worker can take: a VideoFrame or an ImageBitmap.

const AT_ONCE = 3; // frames given away: one that is looked at, and what arrives meanwhile

/**
 * Hands the newest frame of what runs to one who is not always free; see `Newest`.
 * @param {import("./camera.js").Source} source that runs.
 * @param {Function} onFrame called for each frame, also for those that are let go.
 */
export function newestOf(source, onFrame, send) {
  const newest = new Newest(send, AT_ONCE);
  const react = (frame) => {
    onFrame();
    newest.offer(frame);
  };
  const [track] = source.stream?.getVideoTracks() ?? [];
  const frames = track && globalThis.MediaStreamTrackProcessor
    ? framesOfTrack(track, source, react) : framesOfVideo(source, react);
  return {
    free: () => newest.free(),
    stop: () => { frames.stop(); newest.stop(); },
  };
}

/** Straight from the camera: also those that the browser has no time to draw. */
function framesOfTrack(track, source, react) {
  const { video } = source;
  const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: 1 }).readable.getReader();
  let ahead_ms = Infinity; // of the page's clock, before the camera's
  let last_s = -Infinity;
  const read = async () => {
    for (;;) {
      const { done, value: frame } = await reader.read();
      if (done) return;
      if (video.paused || document.hidden) {
        frame.close();
        continue;
      }
      const taken_ms = frame.timestamp / 1000;
      ahead_ms = Math.min(ahead_ms, performance.now() - taken_ms);
      last_s = Math.max((taken_ms + ahead_ms) / 1000, last_s + 0.001);
      const isAsShown = frame.displayWidth === video.videoWidth && frame.displayHeight === video.videoHeight;
      react({
        time_s: last_s,
        picture: async () => {
          if (isAsShown) return frame;
          frame.close(); // the video shows it turned
          return createImageBitmap(video, source.reduction());
        },
        close: () => frame.close(),
      });
    }
  };
  read().catch((error) => console.warn("camera:", error));
  return { stop: () => { reader.cancel().catch(() => {}); } };
}

function framesOfVideo(source, react) {
  const { video } = source;
  let isOver = false;
  const tell = (time_s) => react({
    time_s, picture: () => createImageBitmap(video, source.reduction()), close: () => {},
  });
  if (video.requestVideoFrameCallback) {
    const next = (_, { mediaTime }) => {
      if (isOver) return;
      tell(source.stream ? performance.now() / 1000 : mediaTime);
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  } else { // old browsers: ask whether there is a new one
    let last = -1;
    const ask = () => {
      if (isOver) return;
      if (video.currentTime !== last) tell(video.currentTime);
      last = video.currentTime;
      requestAnimationFrame(ask);
    };
    ask();
  }
  return { stop: () => { isOver = true; } };
}

/** Hands frames to one who is not always free: the newest waits, those before it are let go. */
export class Newest {
  /**
   * @param {(frame: object) => Promise<boolean>} send gives a frame away; false if it could not.
   * @param {number} most frames that may be there at once.
   */
  constructor(send, most = 1) {
    Object.assign(this, { send, most, room: most, waiting: null, isSending: false });
  }

  offer(frame) {
    this.waiting?.close();
    this.waiting = frame;
    this.next();
  }

  /** To be called for each frame that is done with there. */
  free() {
    this.room = Math.min(this.most, this.room + 1);
    this.next();
  }

  async next() {
    if (this.isSending || !this.room || !this.waiting) return;
    const frame = this.waiting;
    this.waiting = null;
    this.isSending = true;
    this.room -= 1;
    const isSent = await this.send(frame);
    this.isSending = false;
    if (isSent) this.next();
    else this.free();
  }

  stop() {
    this.waiting?.close();
    this.waiting = null;
  }
}
