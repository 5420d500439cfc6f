// What the status bar counts: changes a second, and the time from a venue to the screen.

import type { TickerClient } from 'ticker-web-client';
import { element, setText } from '../elements.js';
import { count, kNone, milliseconds } from '../format.js';
import type { Row } from '../rows/row.js';
import { ClockOffset, quantile, Spread } from './latency.js';
import { Rate } from './rate.js';

const kPingMs = 5000;
// Clocks that disagree by more than this tell nothing.
const kMostAheadMs = 5;

export class Vitals {
  readonly #changes = new Rate();
  readonly #spread = new Spread();
  readonly #clock = new ClockOffset();
  #seenSinceMs = wallMs(); // nothing is drawn where nobody looks: what came before was waiting for eyes

  constructor(private readonly client: TickerClient) {
    client.on('pong', ({ timeUs, roundTripMs }) => this.#clock.take(wallMs() - roundTripMs, roundTripMs, timeUs));
    client.on('open', () => {
      this.#clock.forget();
      this.#spread.forget();
      client.ping();
    });
    document.addEventListener('visibilitychange', () => { this.#seenSinceMs = wallMs(); });
    setInterval(() => client.ping(), kPingMs);
  }

  changed(instruments: number): void { this.#changes.add(performance.now(), instruments); }

  // These rows are on the screen now.
  drawn(rows: readonly Row[]): void {
    const ahead = this.#clock.best?.aheadMs;
    const now = this.nowMs();
    for (const row of rows) {
      const fromMs = (row.undrawnUs ?? 0) / 1000;
      row.undrawnUs = undefined;
      if (ahead !== undefined && fromMs + ahead >= this.#seenSinceMs) this.#spread.add(now - fromMs);
    }
  }

  // By the service's clock, as far as it is known.
  nowMs(): number { return wallMs() - (this.#clock.best?.aheadMs ?? 0); }

  // Since the service heard of a change; undefined: the clocks are not known, or it never did.
  ageMs({ quote }: Row): number | undefined {
    return quote.receive_time_us === undefined ? undefined : this.nowMs() - quote.receive_time_us / 1000;
  }

  // Once a second.
  show(): void {
    const rate = this.#changes.perSecond(performance.now());
    setText(element('rate'), `${count(rate)}/s`);
    const sorted = this.#spread.sorted();
    const [middle, high] = [quantile(sorted, 0.5), quantile(sorted, 0.95)];
    const known = !this.client.stale && middle !== undefined && middle > -kMostAheadMs;
    setText(element('latency'), known ? milliseconds(Math.max(0, middle)) : kNone);
    setText(element('latency-high'), known ? `95 %: ${milliseconds(high)}` : '');
    setText(element('round-trip'), milliseconds(this.#clock.best?.roundTripMs));
  }
}

// Finer than Date.now(), and never going back.
const wallMs = (): number => performance.timeOrigin + performance.now();
