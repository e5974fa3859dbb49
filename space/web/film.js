// Synchronises a video and an animated head: play, pause and seek on one apply to the other.

export class Film {
  /**
   * @param {HTMLElement} viewer a <head-viewer>.
   * @param {string} selector of what holds the film's <video>, which comes and goes.
   */
  constructor(viewer, selector) {
    this.viewer = viewer;
    this.selector = selector;
    this.life = new AbortController();
    this.on("loadeddata", (video) => viewer.isRunning && this.start(video));
    this.on("play", () => viewer.isRunning || viewer.run(true));
    this.on("pause", (video) => {
      if (video.seeking || !viewer.isRunning) return;
      viewer.run(false);
      viewer.moveTo(video.currentTime); // a slow machine draws the head late
    });
    this.on("seeked", (video) => viewer.isRunning || viewer.moveTo(video.currentTime));
  }

  get video() { return document.querySelector(`${this.selector} video`); }

  /** The video's time in seconds; null unless it plays. */
  get time_s() {
    const { video } = this;
    return video && !video.paused && !video.seeking ? video.currentTime : null;
  }

  on(name, react) {
    const heard = ({ target }) => {
      if (this.viewer.recording && target === this.video) react(target);
    };
    document.addEventListener(name, heard, { capture: true, signal: this.life.signal });
  }

  /** Plays muted, which browsers allow without a click. */
  start(video) {
    video.muted = true;
    video.currentTime = this.viewer.recording.time_s;
    video.play().catch(() => {});
  }

  run(isRunning) {
    const { video } = this;
    if (!video?.readyState || isRunning !== video.paused) return;
    if (isRunning) video.play().catch(() => this.start(video)); // no sound before a click
    else video.pause();
  }

  seek(time_s) {
    const { video } = this;
    if (video?.readyState && Math.abs(video.currentTime - time_s) > 0.01) video.currentTime = time_s;
  }

  dispose() { this.life.abort(); }
}

/** The duration of a webcam recording is unknown until one seeks to its end. */
document.addEventListener("loadedmetadata", ({ target }) => {
  if (target.duration !== Infinity) return;
  target.addEventListener("seeked", () => { target.currentTime = 0; }, { once: true });
  target.currentTime = Number.MAX_SAFE_INTEGER;
}, true);
