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
const isField = (name: string): name is Field => kKnown.has(name);
const fieldsOf = (quote: Quote): Field[] => Object.keys(quote).filter(isField);
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

    const quote: Partial<Record<Field, unknown>> = replaces ? {} : { ...previous };
    const changed: Field[] = [];
    for (const [field, value] of Object.entries(entry)) {
      if (!isField(field) || (typeof value === 'object' && value !== null)) continue;
      quote[field] = value;
      if (value !== previous?.[field]) changed.push(field);
    }
    if (replaces && previous) changed.push(...fieldsOf(previous).filter((field) => !Object.hasOwn(quote, field)));
    this.#suspects.delete(symbol);
    if (changed.length === 0 && previous !== undefined) return undefined;
    this.#held.set(symbol, quote as Quote);
    return { symbol, kind: whole ? 'snapshot' : replaces ? 'new' : 'update', quote: quote as Quote, previous, changed };
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
      const changed = fieldsOf(previous).filter((field) => field !== 'stale' && !fields.has(field));
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
    const changed = fieldsOf(previous);
    return { symbol, kind: 'removed', quote: kNothing, previous, changed };
  }
}
