// Keeps drawing from piling up, and from taking the processor from others: the next picture waits
// until the last one is finished. A head that is drawn slowly is drawn with less effort.

const SLOW_MS = 40; // for one picture
const SLOW_PICTURES = 8; // more than quick ones
const LONGEST_PERIOD_MS = 45; // to which resting may stretch the time from picture to picture
const ASK_MS = 4;
const STILL_MS = 800; // without a new picture
const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render|software/i;

/** From the best to the fastest: shadows cost most, then pixels. */
export const EFFORTS = [
  { hasShadows: true, sharpness: 1 },
  { hasShadows: false, sharpness: 1 },
  { hasShadows: false, sharpness: 0.75 },
  { hasShadows: false, sharpness: 0.5 },
];

/** Whether WebGL is drawn by hardware, as far as the browser tells. */
export function hasGraphicsCard() {
  const gl = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (!gl) return false;
  const told = gl.getExtension("WEBGL_debug_renderer_info");
  const name = told ? gl.getParameter(told.UNMASKED_RENDERER_WEBGL) : "";
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !SOFTWARE.test(name);
}

export class Pace {
  /**
   * @param {WebGL2RenderingContext} gl that draws.
   * @param {boolean} hasCard whether a graphics card draws, not the processor.
   * @param {Function} onFree called when the next picture may be drawn.
   * @param {Function} onStill called some time after the last of pictures drawn with less effort.
   */
  constructor(gl, hasCard, onFree, onStill) {
    Object.assign(this, { gl, hasCard, onFree, onStill, level: 0, slow: 0, isBusy: false });
    this.still = { hasShadows: true, sharpness: hasCard ? 1 : 2 }; // without smoothed edges larger instead
  }

  /** Another one works as hard: no shadows, and where the processor draws, fewer pixels too. */
  leaveRoom() { this.level = Math.max(this.level, this.hasCard ? 1 : 2); }

  get effort() { return EFFORTS[this.level]; }

  /** To be called right after a picture's commands. */
  drew() {
    const { gl } = this;
    this.stop();
    this.isBusy = true;
    this.mark = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0); // null where the context is lost
    this.start_ms = performance.now();
    gl.flush();
    this.timer = setTimeout(() => this.ask(), ASK_MS);
  }

  ask() {
    const { gl, mark } = this;
    if (mark && !gl.isContextLost() && gl.getSyncParameter(mark, gl.SYNC_STATUS) === gl.UNSIGNALED) {
      this.timer = setTimeout(() => this.ask(), ASK_MS);
      return;
    }
    const took_ms = performance.now() - this.start_ms;
    this.took(took_ms);
    const rest_ms = Math.min(took_ms, LONGEST_PERIOD_MS - took_ms); // as long as it took
    if (rest_ms > ASK_MS) this.timer = setTimeout(() => this.free(), rest_ms);
    else this.free();
  }

  free() {
    this.stop();
    if (this.effort.sharpness < this.still.sharpness) this.timer = setTimeout(() => this.onStill(), STILL_MS);
    this.onFree();
  }

  /** A picture took so long. */
  took(took_ms) {
    this.slow = Math.max(0, this.slow + (took_ms > SLOW_MS ? 1 : -1));
    if (this.slow < SLOW_PICTURES) return;
    this.slow = 0;
    this.level = Math.min(this.level + 1, EFFORTS.length - 1);
  }

  stop() {
    clearTimeout(this.timer);
    if (this.mark) this.gl.deleteSync(this.mark);
    this.mark = null;
    this.isBusy = false;
  }
}
