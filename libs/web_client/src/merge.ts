// The state of instruments, merged from snapshots and deltas.

import { kFields, type Field, type Quote } from './fields.js';
import type { Entry } from './messages.js';

// What one message did to one instrument. Quotes are never modified: each change makes another one.
export interface Change {
  readonly symbol: string;
  // snapshot: told whole; update: some fields; new: it appeared; removed: it ended, or nobody vouches for it any more.
  readonly kind: 'snapshot' | 'update' | 'new' | 'removed';
  // What is held now; removed: nothing.
  readonly quote: Quote;
  // What was held before; undefined: nothing.
  readonly previous: Quote | undefined;
  // The fields whose value is another one than before.
  readonly changed: readonly Field[];
}

const kKnown: ReadonlySet<string> = new Set(kFields);
const kNothing: Quote = Object.freeze({});

export class Store {
  readonly #held = new Map<string, Quote>();
  // Held from before a new beginning: a snapshot confirms them, or they go.
  readonly #suspects = new Set<string>();

  get held(): ReadonlyMap<string, Quote> { return this.#held; }

  // undefined: nothing is different from before.
  take(entry: Entry, whole: boolean): Change | undefined {
    const { symbol } = entry;
    const previous = this.#held.get(symbol);
    if (entry.removed) return this.#remove(symbol);
    const replaces = whole || entry.new === true;
    // A service that is behind may still speak of what another one said has ended.
    if (!replaces && previous === undefined) return undefined;

    const quote: Record<string, unknown> = replaces ? {} : { ...previous };
    for (const [field, value] of Object.entries(entry)) {
      if (kKnown.has(field) && typeof value !== 'object' || value === null) quote[field] = value;
    }
    const changed = kFields.filter((field) => quote[field] !== previous?.[field]);
    this.#suspects.delete(symbol);
    if (changed.length === 0 && previous !== undefined) return undefined;
    this.#held.set(symbol, quote);
    return { symbol, kind: whole ? 'snapshot' : replaces ? 'new' : 'update', quote, previous, changed };
  }

  suspect(matches: (symbol: string) => boolean): void {
    for (const symbol of this.#held.keys()) if (matches(symbol)) this.#suspects.add(symbol);
  }

  // Ends what no snapshot confirmed.
  sweep(): Change[] {
    return [...this.#suspects].flatMap((symbol) => this.#remove(symbol) ?? []);
  }

  // Drops what nothing serves any more, so that it is not taken for live: instruments for which `served` gives undefined, and fields
  // that it does not list.
  trim(served: (symbol: string) => ReadonlySet<Field> | undefined): Change[] {
    return [...this.#held].flatMap(([symbol, previous]): Change[] | Change => {
      const fields = served(symbol);
      if (fields === undefined) return this.#remove(symbol) ?? [];
      const changed = kFields.filter((field) => previous[field] !== undefined && field !== 'stale' && !fields.has(field));
      if (changed.length === 0) return [];
      const quote = Object.fromEntries(Object.entries(previous).filter(([field]) => !changed.includes(field as Field)));
      this.#held.set(symbol, quote);
      return { symbol, kind: 'update', quote, previous, changed };
    });
  }

  #remove(symbol: string): Change | undefined {
    const previous = this.#held.get(symbol);
    this.#held.delete(symbol);
    this.#suspects.delete(symbol);
    if (previous === undefined) return undefined;
    const changed = kFields.filter((field) => previous[field] !== undefined);
    return { symbol, kind: 'removed', quote: kNothing, previous, changed };
  }
}
