// The source of frames: a camera or a video file. Turns errors into messages for visitors.

const WORDS = {
  NotAllowedError: "The camera is blocked. Allow it for this page in the address bar, then press Start again.",
  NotFoundError: "No camera found. Plug one in, or open a clip.",
  OverconstrainedError: "This camera cannot be opened. Choose another one.",
  NotReadableError: "Another program uses the camera. Close it there, then press Start again.",
  AbortError: "The camera stopped while it was starting. Press Start again.",
  SecurityError: "This page may not use a camera. Open it by https, or on this machine.",
};

export function whyNoCamera(error) {
  return WORDS[error?.name] ?? `The camera cannot be opened (${error?.message ?? error}).`;
}

export class Source {
  /**
   * @param {HTMLVideoElement} video that shows it.
   * @param {(words: string) => void} onEnd it stopped by itself: a camera taken away.
   */
  constructor(video, onEnd) {
    Object.assign(this, { video, onEnd, stream: null, url: null });
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.onDevices?.());
  }

  get isRunning() { return Boolean(this.stream || this.url); }

  /** Available cameras, {id, name}; names are known once access was granted. */
  async cameras() {
    const devices = await navigator.mediaDevices?.enumerateDevices?.() ?? [];
    return devices.filter(({ kind }) => kind === "videoinput")
      .map(({ deviceId, label }, at) => ({ id: deviceId, name: label || `Camera ${at + 1}` }));
  }

  async openCamera(id) {
    this.stop();
    if (!navigator.mediaDevices?.getUserMedia) {
      throw Object.assign(new Error(WORDS.SecurityError), { name: "SecurityError" });
    }
    const size = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };
    const video = id ? { deviceId: { exact: id }, ...size } : { facingMode: "user", ...size };
    this.stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    const [track] = this.stream.getVideoTracks();
    track.addEventListener("ended", () => {
      if (this.stream?.getVideoTracks()[0] !== track) return;
      this.stop();
      this.onEnd("The camera was taken away or switched off. Press Start to go on.");
    });
    this.video.srcObject = this.stream;
    await this.video.play();
    return track.getSettings().deviceId;
  }

  async openClip(file) {
    this.stop();
    this.url = URL.createObjectURL(file);
    this.video.src = this.url;
    this.video.loop = true;
    try {
      await this.video.play();
    } catch (error) {
      this.stop();
      if (error.name === "AbortError") return;
      throw new Error("This browser cannot play the clip; take MP4 (H.264) or WebM.", { cause: error });
    }
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
    if (!this.url) return;
    URL.revokeObjectURL(this.url);
    this.url = null;
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** Calls back with each new frame's time in seconds until `stop` of the returned object. */
  eachFrame(react) {
    let isOver = false;
    const { video } = this;
    if (video.requestVideoFrameCallback) {
      const next = (_, { mediaTime }) => {
        if (isOver) return;
        react(this.stream ? performance.now() / 1000 : mediaTime);
        video.requestVideoFrameCallback(next);
      };
      video.requestVideoFrameCallback(next);
    } else { // old browsers: ask whether there is a new one
      let last = -1;
      const ask = () => {
        if (isOver) return;
        if (video.currentTime !== last) react(video.currentTime);
        last = video.currentTime;
        requestAnimationFrame(ask);
      };
      ask();
    }
    return { stop: () => { isOver = true; } };
  }
}
