// Trades in order, each once; and what is missing between them.

import type { Gap, Trade, TradesFrame } from './messages.js';
import { matches } from './pattern.js';

type Seqs = Map<string, number>; // the newest seq of each instrument

export class Tape {
  readonly #last: Seqs = new Map();
  readonly #cut: Seqs = new Map(); // of those that the loss of the connection cut, until the service says how they go on
  readonly #ahead: Seqs = new Map(); // of those that came after the resume point
  // What is not above comes again after a reconnect: from the resume point, or from a replica that is behind.
  readonly #floor: Seqs = new Map();

  // Those of the frame that are new.
  take({ data, version }: TradesFrame): Trade[] {
    const fresh = data.filter(({ symbol, seq }) => seq > (this.#floor.get(symbol) ?? 0));
    for (const { symbol, seq } of fresh) {
      this.#floor.delete(symbol);
      this.#last.set(symbol, seq);
      if (version === undefined) this.#ahead.set(symbol, seq);
    }
    if (version !== undefined) this.#ahead.clear();
    return fresh;
  }

  // The service told of it. False: it is among what came already.
  skip({ symbol, from_seq, missed, source }: Gap): boolean {
    if (from_seq > 0 && from_seq <= (this.#floor.get(symbol) ?? 0)) return false;
    if (source === 'client' && missed !== null) this.#last.set(symbol, from_seq + missed - 1);
    return true;
  }

  // The connection is gone.
  lost(): void {
    move(this.#last, this.#cut);
    move(this.#ahead, this.#floor);
  }

  // What these texts match goes on where it was cut.
  resumed(texts: readonly string[]): void {
    for (const [symbol, seq] of this.#cutOf(texts)) this.#last.set(symbol, seq);
  }

  // What these texts match goes on from now: what was made meanwhile is missing.
  broken(texts: readonly string[]): Gap[] {
    const cut = this.#cutOf(texts);
    for (const [symbol, seq] of cut) this.#floor.set(symbol, seq);
    return cut.map(([symbol, seq]) => gap(symbol, seq + 1));
  }

  // Another epoch, in which trades are numbered anew.
  restart(): Gap[] {
    move(this.#last, this.#cut);
    this.#ahead.clear();
    this.#floor.clear();
    return this.#cutOf(['*']).map(([symbol]) => gap(symbol, 0));
  }

  // These are not asked for any more.
  forget(texts: readonly string[]): void {
    for (const symbol of this.#last.keys()) if (texts.some((text) => matches(text, symbol))) this.#last.delete(symbol);
  }

  // Takes them out.
  #cutOf(texts: readonly string[]): [string, number][] {
    const found = [...this.#cut].filter(([symbol]) => texts.some((text) => matches(text, symbol)));
    for (const [symbol] of found) this.#cut.delete(symbol);
    return found;
  }
}

const gap = (symbol: string, from_seq: number): Gap =>
  ({ type: 'gap', channel: 'trades', symbol, from_seq, missed: null, source: 'client' });

function move(from: Seqs, to: Seqs): void {
  for (const [symbol, seq] of from) to.set(symbol, seq);
  from.clear();
}
