// What is held of the market, and who is told when it changes.

import { Audience } from './audience.js';
import { call } from './events.js';
import type { Quote } from './fields.js';
import { Store, type Change } from './merge.js';
import type { EntryFrame, Gap, Status, TradesFrame } from './messages.js';
import { matches } from './pattern.js';
import { plan, type Entry } from './plan.js';
import { Tape } from './tape.js';
import type { StatusWatch, TradesWatch, Watch } from './watch.js';

export class Market {
  readonly tickers = new Audience();
  readonly trades = new Set<TradesWatch>();
  readonly status = new Set<StatusWatch>();
  readonly #store = new Store();
  readonly #tape = new Tape();
  readonly #feeds = new Map<string, Status>();

  get held(): ReadonlyMap<string, Quote> { return this.#store.held; }
  get feeds(): ReadonlyMap<string, Status> { return this.#feeds; }

  // What the service shall hold for all watches.
  entries(mostLanes: number): Entry[] {
    return [
      ...plan([...this.tickers.all].map((watch) => watch.wish), mostLanes),
      ...entriesOf('trades', this.trades),
      ...entriesOf('status', this.status),
    ];
  }

  // Tells a new watch what is held already.
  introduce(watch: Watch): void {
    for (const [symbol, quote] of watch) {
      const changed = Object.keys(quote) as Change['changed'];
      call(() => watch.tell({ symbol, kind: 'snapshot', quote, previous: undefined, changed }));
    }
  }

  introduceStatus(watch: StatusWatch): void {
    for (const status of this.#feeds.values()) if (watch.texts.matches(status.feed)) call(() => watch.tell(status));
  }

  takeEntries(frame: EntryFrame): void {
    for (const entry of frame.data) {
      const change = this.#store.take(entry, frame.type === 'snapshot');
      if (change) this.#tell(change);
    }
  }

  takeTrades(frame: TradesFrame): void {
    for (const trade of this.#tape.take(frame)) {
      for (const watch of [...this.trades]) {
        if (watch.texts.matches(trade.symbol)) call(() => watch.tell({ ...trade, type: 'trade' }));
      }
    }
  }

  takeGap(gap: Gap): void {
    if (this.#tape.skip(gap)) this.#tellGap(gap);
  }

  takeStatus(status: Status): void {
    this.#feeds.set(status.feed, status);
    for (const watch of [...this.status]) if (watch.texts.matches(status.feed)) call(() => watch.tell(status));
  }

  // --- beginnings and ends ---

  lost(): void { this.#tape.lost(); }

  // Another epoch: a snapshot confirms an instrument, or it goes; trades are counted anew.
  restart(): void {
    this.#store.suspect(() => true);
    for (const gap of this.#tape.restart()) this.#tellGap(gap);
  }

  // These entries stand; what they match goes on where it was left, or anew.
  begun(channel: Entry['channel'], texts: readonly string[], resumed: boolean): void {
    if (channel === 'ticker' && !resumed) this.#store.suspect((symbol) => texts.some((text) => matches(text, symbol)));
    if (channel === 'trades' && resumed) this.#tape.resumed(texts);
    if (channel === 'trades' && !resumed) for (const gap of this.#tape.broken(texts)) this.#tellGap(gap);
    if (channel === 'status') this.#forgetFeeds(texts);
  }

  // These entries are no more.
  ended(channel: Entry['channel'], texts: readonly string[]): void {
    if (channel === 'trades') this.#tape.forget(texts);
    if (channel === 'status') this.#forgetFeeds(texts);
  }

  // Everything asked for was answered: what was not confirmed ends, what nothing serves any more is dropped.
  settle(served: Parameters<Store['trim']>[0]): void {
    for (const change of [...this.#store.sweep(), ...this.#store.trim(served)]) this.#tell(change);
  }

  #tell(change: Change): void {
    for (const watch of this.tickers.of(change.symbol)) call(() => watch.tell(change));
    if (change.kind === 'removed') this.tickers.ended(change.symbol);
  }

  #tellGap(gap: Gap): void {
    for (const watch of [...this.trades]) if (watch.texts.matches(gap.symbol)) call(() => watch.tell(gap));
  }

  #forgetFeeds(texts: readonly string[]): void {
    for (const feed of this.#feeds.keys()) if (texts.some((text) => matches(text, feed))) this.#feeds.delete(feed);
  }
}

// One entry a text: where several watches name it, what any of them asked for.
function entriesOf(channel: 'trades' | 'status', watches: Iterable<TradesWatch | StatusWatch>): Iterable<Entry> {
  const entries = new Map<string, Entry>();
  for (const watch of watches) {
    for (const text of watch.symbols) {
      const known = entries.get(text);
      const recent = 'recent' in watch && watch.recent;
      entries.set(text, { channel, text, lane: undefined, wait: watch.wait || known?.wait === true, recent: recent || known?.recent === true });
    }
  }
  return entries.values();
}
