// The instruments that the user marked; kept, and the same in all tabs.

import { isSymbol } from './rows/row.js';
import { isKeyOf, load, save, texts, type Shelf } from './saved.js';

const kKey = 'watchlist';
// The service takes 1000 entries of a client; other watches need some of them.
export const kMostWatched = 500;

export class Watchlist {
  #symbols: ReadonlySet<string>;

  constructor(private readonly shelf: Shelf, private readonly changed: () => void) {
    this.#symbols = this.#load();
  }

  get symbols(): readonly string[] { return [...this.#symbols]; }
  get size(): number { return this.#symbols.size; }
  has(symbol: string): boolean { return this.#symbols.has(symbol); }

  // False: there is no room for another one.
  toggle(symbol: string): boolean {
    const symbols = new Set(this.#symbols);
    if (!symbols.delete(symbol)) {
      if (symbols.size >= kMostWatched) return false;
      symbols.add(symbol);
    }
    this.#symbols = symbols;
    save(this.shelf, kKey, [...symbols]);
    this.changed();
    return true;
  }

  // Another tab wrote this key.
  stored(key: string | null): void {
    if (key !== null && !isKeyOf(key, kKey)) return;
    this.#symbols = this.#load();
    this.changed();
  }

  #load(): ReadonlySet<string> {
    return new Set((load(this.shelf, kKey, (value) => texts(value, kMostWatched)) ?? []).filter(isSymbol));
  }
}
