// The One-Euro filter (Casiez, Roussel and Vogel 2012), as `dasl.video.one_euro`, one frame at a time.

const share = (cutoff_hz, step_s) => {
  const ratio = 2 * Math.PI * cutoff_hz * step_s;
  return ratio / (ratio + 1);
};

export class OneEuro {
  constructor({ min_cutoff_hz, beta, derivative_cutoff_hz }) {
    Object.assign(this, { min_cutoff_hz, beta, derivative_cutoff_hz, values: null });
  }

  /** The filtered values at a time in seconds; ignored if the time has not increased. */
  update(values, time_s) {
    if (!this.values) {
      this.values = Float64Array.from(values);
      this.speed = new Float64Array(values.length);
      this.time_s = time_s;
      return this.values;
    }
    const step_s = time_s - this.time_s;
    if (step_s <= 0) return this.values;
    this.time_s = time_s;
    const slow = share(this.derivative_cutoff_hz, step_s);
    for (let at = 0; at < values.length; at += 1) {
      const change = values[at] - this.values[at];
      this.speed[at] += slow * (change / step_s - this.speed[at]);
      this.values[at] += share(this.min_cutoff_hz + this.beta * Math.abs(this.speed[at]), step_s) * change;
    }
    return this.values;
  }
}
