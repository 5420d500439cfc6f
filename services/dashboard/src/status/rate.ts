// How many a second, over the last seconds.

const kSeconds = 5;

export class Rate {
  readonly #counts = new Float64Array(kSeconds + 1); // a ring: the current second and those before it
  #second = 0;
  #started = -1;

  add(nowMs: number, count = 1): void {
    this.#advance(nowMs);
    const slot = this.#second % this.#counts.length;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
  }

  // Of whole seconds only; 0 before the first one is over.
  perSecond(nowMs: number): number {
    this.#advance(nowMs);
    const whole = Math.min(kSeconds, this.#second - this.#started);
    if (this.#started < 0 || whole === 0) return 0;
    const current = this.#counts[this.#second % this.#counts.length] ?? 0;
    return (this.#counts.reduce((sum, count) => sum + count, 0) - current) / whole;
  }

  #advance(nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (this.#started < 0) this.#started = this.#second = second;
    for (let step = Math.min(second - this.#second, this.#counts.length); step > 0; step -= 1) {
      this.#counts[(second - step + 1) % this.#counts.length] = 0;
    }
    this.#second = Math.max(this.#second, second);
  }
}
