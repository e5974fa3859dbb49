// Notices what no event tells of: a camera whose pictures stop, a tracker that does not answer.

const CHECK_MS = 1000;
const NO_PICTURE_MS = 4000;
const NO_ANSWER_MS = 15_000;

export class Watchdog {
  /** @param {{onNoPicture: Function, onNoAnswer: Function}} told once each time. */
  constructor(told) { Object.assign(this, { told, timer: null }); }

  start() {
    this.stop();
    this.picture_ms = performance.now();
    this.asked_ms = null;
    this.isTold = false;
    this.timer = setInterval(() => this.check(), CHECK_MS);
  }

  stop() { clearInterval(this.timer); }

  sawPicture() {
    this.picture_ms = performance.now();
    this.isTold &&= this.asked_ms !== null; // told of a picture that is back
  }

  asked() { this.asked_ms = performance.now(); }

  answered() {
    this.asked_ms = null;
    this.isTold = false;
  }

  check() {
    const now_ms = performance.now();
    if (document.hidden) { // nothing is drawn in the background: the clocks stand still
      this.picture_ms = now_ms;
      if (this.asked_ms !== null) this.asked_ms = now_ms;
      return;
    }
    if (this.isTold) return;
    const isStuck = this.asked_ms !== null && now_ms - this.asked_ms > NO_ANSWER_MS;
    if (!isStuck && now_ms - this.picture_ms <= NO_PICTURE_MS) return;
    this.isTold = true;
    if (isStuck) this.told.onNoAnswer();
    else this.told.onNoPicture();
  }
}
