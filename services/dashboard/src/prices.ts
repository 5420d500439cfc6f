// What the page watches over its one connection: the instruments of the chosen view, at one pace.

import type { Field, TickerClient, Watch } from 'ticker-web-client';
import type { Rows } from './rows/rows.js';

// Ten times a second is as much as an eye follows in a table.
const kIntervalMs = 100;

export interface View {
  // undefined: all there are.
  readonly symbols: readonly string[] | undefined;
  readonly fields: readonly Field[];
}

export class Prices {
  #watch: Watch | undefined;
  #view: View = { symbols: [], fields: [] };
  #shown = '';
  #anyFields = false; // the token hides some that columns want: what it shows is asked for, whatever that is

  // `moved` is called when there is something to drain from the rows; `count` is how many instruments changed.
  constructor(private readonly client: TickerClient, private readonly rows: Rows, private readonly moved: (count: number) => void) {
    client.on('error', ({ code }) => {
      if (code !== 'unknown_field') return;
      this.#anyFields = true;
      this.show(this.#view);
    });
  }

  show(view: View): void {
    this.#view = view;
    const { symbols } = view;
    const fields = this.#anyFields ? undefined : view.fields;
    const shown = JSON.stringify([symbols, fields]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const before = this.#watch;
    this.rows.pin(symbols ?? []);
    if (symbols) this.rows.keep(new Set(symbols));
    this.#watch = symbols?.length === 0 ? undefined
      : this.client.subscribe(symbols ?? '*', { ...(fields && { fields }), intervalMs: kIntervalMs, wait: symbols !== undefined }, (change) => {
        this.rows.take(change);
        this.moved(1);
      });
    before?.close(); // after the new one, so that what both ask for is not asked for twice
    this.moved(0);
  }

  // Nobody vouches for these values.
  isStale(row: { readonly quote: { readonly stale?: boolean } }): boolean {
    return this.client.stale || row.quote.stale !== false;
  }
}
