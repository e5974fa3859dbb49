// Running means of how often the tracker answers, and how long after the picture.

const SHARE = 0.05; // of the newest value
const TELL_MS = 500;
const LONGEST_GAP_MS = 1000;

export class Rate {
  constructor() { Object.assign(this, { between_ms: null, took_ms: null, last_ms: null, told_ms: 0 }); }

  /** Words to show for an answer at `now_ms` to a picture sent at `sent_ms`; null too soon after the last. */
  count(now_ms, sent_ms) {
    const between_ms = now_ms - (this.last_ms ?? now_ms);
    this.last_ms = now_ms;
    if (between_ms <= 0 || between_ms > LONGEST_GAP_MS) return null;
    const mean = (before, value) => (before === null ? value : before + SHARE * (value - before));
    this.between_ms = mean(this.between_ms, between_ms);
    this.took_ms = mean(this.took_ms, now_ms - sent_ms);
    if (now_ms - this.told_ms < TELL_MS) return null;
    this.told_ms = now_ms;
    return `${(1000 / this.between_ms).toFixed(0)} a second, ${this.took_ms.toFixed(0)} ms late`;
  }
}
