// The source of frames: a camera or a video file. Turns errors into messages for visitors.

const WORDS = {
  NotAllowedError: "The camera is blocked. Allow it for this page in the address bar, then press Start again.",
  NotFoundError: "No camera found. Plug one in, or open a clip.",
  OverconstrainedError: "This camera cannot be opened. Choose another one.",
  NotReadableError: "Another program uses the camera. Close it there, then press Start again.",
  AbortError: "The camera stopped while it was starting. Press Start again.",
  SecurityError: "This page may not use a camera. Open it by https, or on this machine.",
};

const LONGEST_SIDE = 960; // of a frame that is handed on, pixels; faces are cut to 120
const NARROWEST = 3 / 4; // of the film's place, width over height
const LOST = "The camera was taken away or switched off. Press Start to go on.";
const MUTED = "The camera sends no picture: it is covered, switched off or in use elsewhere. It goes on by itself.";

/** Thrown by a start that another one, or Stop, has replaced: nothing needs to be said. */
export class Superseded extends Error {}

/** Words for why neither camera nor clip could be opened. */
export function whyNotOpened(error) {
  if (error.name in WORDS) return WORDS[error.name];
  const isBrowsers = error instanceof DOMException || error instanceof TypeError;
  return isBrowsers ? `The camera cannot be opened (${error.message}).` : error.message;
}

export class Source {
  /**
   * @param {HTMLVideoElement} video that shows it.
   * @param {(words: string) => void} onTrouble told why it stopped by itself or sends no picture.
   */
  constructor(video, onTrouble) {
    Object.assign(this, { video, onTrouble, stream: null, url: null, start: null });
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.checkDevices());
    video.addEventListener("resize", () => { // a phone held upright sends upright pictures
      const { videoWidth, videoHeight } = video;
      if (videoWidth && videoHeight) video.parentElement.style.aspectRatio = Math.max(NARROWEST, videoWidth / videoHeight);
    });
    document.addEventListener("visibilitychange", () => { // phones stop it in the background
      if (!document.hidden && this.isRunning && video.paused) video.play().catch(() => {});
    });
  }

  /** Words for a camera that is open and sends nothing, or only black; empty if all is well. */
  get trouble() { return this.stream?.getVideoTracks()[0].muted ? MUTED : ""; }

  get isRunning() { return Boolean(this.stream || this.url); }

  /** Some browsers do not end the track of a camera that is gone. */
  async checkDevices() {
    const [track] = this.stream?.getVideoTracks() ?? [];
    const cameras = await this.cameras();
    const { deviceId } = track?.getSettings() ?? {};
    const isGone = deviceId && this.stream?.getVideoTracks()[0] === track && !cameras.some(({ id }) => id === deviceId);
    if (isGone) this.lose();
    this.onDevices?.();
  }

  lose() {
    this.stop();
    this.onTrouble(LOST);
  }

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
    const start = (this.start = {});
    const stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    if (start !== this.start) { // the visitor answered the question too late
      stream.getTracks().forEach((track) => track.stop());
      throw new Superseded();
    }
    this.stream = stream;
    const [track] = stream.getVideoTracks();
    const isUsed = () => this.stream === stream;
    track.addEventListener("ended", () => isUsed() && this.lose());
    track.addEventListener("mute", () => isUsed() && this.onTrouble(this.trouble));
    track.addEventListener("unmute", () => isUsed() && this.onTrouble(this.trouble));
    this.video.srcObject = stream;
    await this.played(start);
  }

  async openClip(file) {
    this.stop();
    const start = (this.start = {});
    this.url = URL.createObjectURL(file);
    this.video.src = this.url;
    this.video.loop = true;
    try {
      await this.played(start);
    } catch (error) {
      if (error instanceof Superseded) throw error;
      throw new Error("This browser cannot play the clip; take MP4 (H.264) or WebM.", { cause: error });
    }
  }

  /** Plays until the first picture; a start that was replaced meanwhile throws `Superseded`. */
  async played(start) {
    const problem = await this.video.play().then(() => null, (error) => error);
    if (start !== this.start) throw new Superseded();
    if (problem) throw problem;
  }

  /** How `createImageBitmap` has to reduce a large frame, such as a 4K clip's. */
  reduction() {
    const { videoWidth, videoHeight } = this.video;
    const zoom = LONGEST_SIDE / Math.max(videoWidth, videoHeight);
    if (zoom >= 1) return {};
    return { resizeWidth: Math.round(videoWidth * zoom), resizeHeight: Math.round(videoHeight * zoom) };
  }

  stop() {
    this.start = null;
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
    if (!this.url) return;
    URL.revokeObjectURL(this.url);
    this.url = null;
    this.video.removeAttribute("src");
    this.video.load();
  }
}
