// From a venue's clock to the screen. The page's clock is told against the service's by pings; the venue's may be off by itself.

const kSamples = 1024;
const kPings = 12;

interface Ping { readonly roundTripMs: number; readonly aheadMs: number }

// How far the page's clock is ahead of the service's: as the quickest of the last pings says, which is off by half its way at most.
export class ClockOffset {
  readonly #pings: Ping[] = [];

  take(sentAtMs: number, roundTripMs: number, serviceTimeUs: number): void {
    this.#pings.push({ roundTripMs, aheadMs: sentAtMs + roundTripMs / 2 - serviceTimeUs / 1000 });
    if (this.#pings.length > kPings) this.#pings.shift();
  }

  forget(): void { this.#pings.length = 0; }

  get best(): Ping | undefined {
    return this.#pings.reduce<Ping | undefined>((best, ping) => (best && best.roundTripMs <= ping.roundTripMs ? best : ping), undefined);
  }
}

// The last samples, and how they are spread.
export class Spread {
  readonly #ring = new Float64Array(kSamples);
  #count = 0;

  add(value: number): void {
    this.#ring[this.#count % kSamples] = value;
    this.#count += 1;
  }

  forget(): void { this.#count = 0; }

  // Sorted, for quantile().
  sorted(): Float64Array { return this.#ring.slice(0, Math.min(this.#count, kSamples)).sort(); }
}

// undefined: there is nothing to tell it from.
export const quantile = (sorted: Float64Array, part: number): number | undefined =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
