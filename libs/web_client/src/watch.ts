// What a subscription gives to the user.

import { kFields, type Field, type Quote } from './fields.js';
import type { Change } from './merge.js';
import type { Gap, Status, Trade } from './messages.js';
import { isPlain, type TextSet } from './pattern.js';
import type { Wish } from './plan.js';

export interface SubscribeOptions {
  // Default: all.
  readonly fields?: readonly Field[];
  // Least time between two changes of an instrument; 0: after every change; default: the service's.
  readonly intervalMs?: number;
  // Default: no limit.
  readonly maxKbitPerS?: number;
  // A name that is unknown comes alive with its instrument, instead of being an error; default false.
  readonly wait?: boolean;
}

const kMostIntervalMs = 3_600_000;
const kMostKbitPerS = 10_000_000;

// Throws a RangeError that says what is wrong with options which the service would refuse.
export function checkOptions({ fields, intervalMs = 0, maxKbitPerS = 0 }: SubscribeOptions): void {
  const unknown = fields?.find((field) => !kFields.includes(field));
  if (unknown !== undefined || fields?.length === 0) throw new RangeError(`there is no field ${JSON.stringify(unknown ?? '')}`);
  for (const [name, value, most] of [['intervalMs', intervalMs, kMostIntervalMs], ['maxKbitPerS', maxKbitPerS, kMostKbitPerS]] as const) {
    if (!Number.isInteger(value) || value < 0 || value > most) throw new RangeError(`${name} is a whole number from 0 to ${most}, not ${value}`);
  }
}

// Where a watch of instruments looks; the client.
export interface Source {
  readonly held: ReadonlyMap<string, Quote>;
  readonly stale: boolean;
}

class Subscription<Event> {
  #closed = false;

  constructor(
    readonly texts: TextSet, readonly wait: boolean, private readonly callback: ((event: Event) => void) | undefined,
    private readonly onClose: () => void,
  ) {}

  // As they were asked for.
  get symbols(): readonly string[] { return this.texts.texts; }
  get closed(): boolean { return this.#closed; }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onClose();
  }

  tell(event: Event): void {
    if (!this.#closed) this.callback?.(event);
  }
}

// Instruments, and their state as it is held. Where another watch asked for more of an instrument, more is held of it.
export class Watch extends Subscription<Change> implements Iterable<[string, Quote]> {
  constructor(
    texts: TextSet, private readonly options: SubscribeOptions, callback: ((change: Change) => void) | undefined,
    onClose: () => void, private readonly source: Source,
  ) {
    super(texts, options.wait ?? false, callback, onClose);
  }

  // undefined: nothing is held. Quotes are never modified: keep them, compare them.
  get(symbol: string): Quote | undefined {
    return this.texts.matches(symbol) ? this.source.held.get(symbol) : undefined;
  }

  // Nobody vouches for the values: the connection is gone, or the service itself hears nothing from the venue.
  isStale(symbol: string): boolean {
    return this.closed || this.source.stale || this.get(symbol)?.stale !== false;
  }

  *[Symbol.iterator](): Iterator<[string, Quote]> {
    const { held } = this.source;
    for (const symbol of this.symbols.every(isPlain) ? this.symbols : held.keys()) {
      const quote = this.get(symbol);
      if (quote) yield [symbol, quote];
    }
  }

  get wish(): Wish {
    const { fields, intervalMs, maxKbitPerS } = this.options;
    return { texts: this.symbols, fields, intervalMs, maxKbitPerS, wait: this.wait };
  }
}

// `type` tells a trade from a gap.
export type TradeEvent = ({ readonly type: 'trade' } & Trade) | Gap;

export interface TradesOptions {
  // Begins with those trades that the service still has, and then perhaps with a gap before them; default false. Where another watch
  // has these trades already, they go on.
  readonly recent?: boolean;
  // As that of SubscribeOptions.
  readonly wait?: boolean;
}

export class TradesWatch extends Subscription<TradeEvent> {
  readonly recent: boolean;

  constructor(texts: TextSet, { recent = false, wait = false }: TradesOptions, callback: (event: TradeEvent) => void, onClose: () => void) {
    super(texts, wait, callback, onClose);
    this.recent = recent;
  }
}

export class StatusWatch extends Subscription<Status> {}
