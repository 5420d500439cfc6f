// One instrument as the grid shows it. The grid holds this object for as long as the instrument is shown and reads through it.

import { compareDecimals, type Quote } from 'ticker-web-client';

export type Direction = -1 | 0 | 1;
// The prices whose moves are coloured.
export const kMoving = ['bid', 'ask', 'last'] as const;
export type Moving = (typeof kMoving)[number];

const kNothing: Quote = Object.freeze({});

export class Row {
  quote: Quote = kNothing;
  // The venue's time of a change that no frame has shown yet.
  undrawnUs: number | undefined;
  // Where each price moved last.
  readonly direction: Record<Moving, Direction> = { bid: 0, ask: 0, last: 0 };
  readonly venue: string;
  readonly name: string;

  constructor(readonly symbol: string) {
    const colon = symbol.indexOf(':');
    this.venue = symbol.slice(0, Math.max(0, colon));
    this.name = symbol.slice(colon + 1);
  }

  take(quote: Quote): void {
    for (const field of kMoving) {
      const [before, now] = [this.quote[field], quote[field]];
      if (before === now) continue;
      this.direction[field] = before && now ? (Math.sign(compareDecimals(now, before)) as Direction) : 0;
    }
    this.quote = quote;
  }

  end(): void { this.take(kNothing); }
}

// The instrument that an address names behind its #; undefined: none that there could be.
export function symbolOf(hash: string): string | undefined {
  try {
    const symbol = decodeURIComponent(hash.slice(1));
    return isSymbol(symbol) ? symbol : undefined;
  } catch {
    return undefined;
  }
}

const kMostBytes = 128;

// A name that the service takes; not a pattern.
export const isSymbol = (text: string): boolean =>
  text !== '' && !/[*\u0000-\u001f\u007f-\u009f]/.test(text) && new TextEncoder().encode(text).length <= kMostBytes;
