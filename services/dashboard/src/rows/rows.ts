// The rows of the grid, and what of them is to be shown anew.

import type { Change } from 'ticker-web-client';
import { Row } from './row.js';

export interface Movement {
  readonly added: readonly Row[];
  readonly removed: readonly Row[];
  readonly changed: ReadonlySet<Row>;
}

export class Rows {
  readonly #rows = new Map<string, Row>();
  #pinned: ReadonlySet<string> = new Set(); // shown even where nothing is known of them
  #added = new Set<Row>();
  #removed = new Set<Row>();
  #changed = new Set<Row>();

  get size(): number { return this.#rows.size; }
  get(symbol: string): Row | undefined { return this.#rows.get(symbol); }
  [Symbol.iterator](): IterableIterator<Row> { return this.#rows.values(); }

  take({ symbol, kind, quote, changed }: Pick<Change, 'symbol' | 'kind' | 'quote' | 'changed'>): void {
    if (kind === 'removed') return this.#end(symbol);
    const row = this.#rows.get(symbol) ?? this.#add(symbol);
    row.take(quote);
    // A snapshot tells what was there before, a change of `stale` nothing of the venue: neither has a way that took time.
    if (kind === 'update' && changed.includes('exchange_time_us')) row.undrawnUs = quote.exchange_time_us ?? undefined;
    this.#changed.add(row);
  }

  // Instruments with a row of their own, known or not.
  pin(symbols: readonly string[]): void {
    const unpinned = [...this.#pinned].filter((symbol) => !symbols.includes(symbol));
    this.#pinned = new Set(symbols);
    for (const symbol of symbols) if (!this.#rows.has(symbol)) this.#add(symbol);
    for (const symbol of unpinned) {
      const row = this.#rows.get(symbol);
      if (row && Object.keys(row.quote).length === 0) this.#remove(row);
    }
  }

  // Keeps those only; what is held of others may not be served any more.
  keep(symbols: ReadonlySet<string>): void {
    for (const row of [...this.#rows.values()]) if (!symbols.has(row.symbol)) this.#remove(row);
  }

  // All that happened since the last call.
  drain(): Movement {
    const movement = { added: [...this.#added], removed: [...this.#removed], changed: this.#changed };
    this.#added = new Set();
    this.#removed = new Set();
    this.#changed = new Set();
    return movement;
  }

  #add(symbol: string): Row {
    const row = new Row(symbol);
    this.#rows.set(symbol, row);
    this.#added.add(row);
    return row;
  }

  #end(symbol: string): void {
    const row = this.#rows.get(symbol);
    if (!row) return;
    if (!this.#pinned.has(symbol)) return this.#remove(row);
    row.end();
    this.#changed.add(row);
  }

  #remove(row: Row): void {
    this.#rows.delete(row.symbol);
    this.#changed.delete(row);
    // What came and went between two looks was never shown.
    if (!this.#added.delete(row)) this.#removed.add(row);
  }
}
