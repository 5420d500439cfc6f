// Trades gathered into candles, of any length, for as long as the page remembers them.

export interface Candle { readonly time: number; open: number; high: number; low: number; close: number; volume: number }
interface Point { readonly second: number; readonly price: number; readonly size: number }

const kMostPoints = 30_000;
const kMostCandles = 2000;

export class Candles {
  #points: Point[] = [];
  #candles: Candle[] = [];

  constructor(private seconds: number) {}

  get all(): readonly Candle[] { return this.#candles; }

  // `candle`: what it made of the newest one; `cut`: older ones were forgotten.
  add(timeMs: number, price: number, size: number): { readonly candle: Candle; readonly cut: boolean } {
    // Trades may be told out of order: none goes back behind the newest candle.
    const point: Point = { second: Math.max(Math.floor(timeMs / 1000), this.#points.at(-1)?.second ?? 0), price, size };
    this.#points.push(point);
    if (this.#points.length > kMostPoints) this.#points = this.#points.slice(-kMostPoints / 2);
    const candle = this.#grow(point);
    const cut = this.#candles.length > kMostCandles;
    if (cut) this.#candles = this.#candles.slice(-kMostCandles / 2);
    return { candle, cut };
  }

  // Of this length from now on.
  gather(seconds: number): void {
    this.seconds = seconds;
    this.#candles = [];
    for (const point of this.#points) this.#grow(point);
    this.#candles = this.#candles.slice(-kMostCandles);
  }

  #grow({ second, price, size }: Point): Candle {
    const time = Math.floor(second / this.seconds) * this.seconds;
    const newest = this.#candles.at(-1);
    if (newest?.time !== time) {
      const candle: Candle = { time, open: price, high: price, low: price, close: price, volume: size };
      this.#candles.push(candle);
      return candle;
    }
    newest.high = Math.max(newest.high, price);
    newest.low = Math.min(newest.low, price);
    newest.close = price;
    newest.volume += size;
    return newest;
  }
}
