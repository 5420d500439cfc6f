// One instrument in full: its quote as fast as it comes, a chart, and its trades.

import { formatDecimal, type Quote, type TickerClient, type TradeEvent, type TradesWatch, type Watch } from 'ticker-web-client';
import { element, make, setText } from '../elements.js';
import { approximate, percent, sizeAt } from '../format.js';
import type { Frames } from '../frames.js';
import { Row } from '../rows/row.js';
import { PriceChart } from './chart.js';
import { Tape } from './tape.js';

export interface DetailOwner {
  isWatched(symbol: string): boolean;
  toggle(symbol: string): void;
  closed(symbol: string): void;
  // By the service's clock.
  nowMs(): number;
}

const kUsualSeconds = 5;
// Clocks of venues may be ahead of the service's by as much.
const kMostAheadMs = 2000;
const kMostUndrawn = 20_000;
// More than these are drawn in one go.
const kFew = 100;

// As in styles/detail.css.
const kNarrow = matchMedia('(max-width: 640px)');

const kFacts: readonly (readonly [field: keyof Quote & `${string}_24h`, title: string])[] = [
  ['open_24h', 'Open'], ['high_24h', 'High'], ['low_24h', 'Low'], ['vwap_24h', 'VWAP'], ['change_24h', 'Change'], ['volume_24h', 'Volume'],
  ['quote_volume_24h', 'Turnover'],
];

export class Detail {
  readonly #panel = element('detail');
  readonly #tape = new Tape(element('trades'));
  readonly #facts = kFacts.map(([field, title]) => {
    const value = make('dd');
    const pair = make('div');
    pair.append(make('dt', title), value);
    element('facts').append(pair);
    return [field, value] as const;
  });
  #row: Row | undefined;
  #watch: Watch | undefined;
  #trades: TradesWatch | undefined;
  #chart: PriceChart | undefined;
  #seconds = kUsualSeconds;
  #traded = false; // the venue sends trades
  #history: { timeMs: number; price: number; size: number }[] = []; // not drawn yet
  #opener: HTMLElement | undefined;

  constructor(private readonly client: TickerClient, private readonly owner: DetailOwner, private readonly frames: () => Frames) {
    element('detail-close').addEventListener('click', () => this.close());
    element('detail-watch').addEventListener('click', () => { if (this.#row) owner.toggle(this.#row.symbol); });
    kNarrow.addEventListener('change', () => this.#cover());
    for (const button of document.querySelectorAll<HTMLElement>('[data-seconds]')) {
      button.addEventListener('click', () => this.#gather(Number(button.dataset['seconds'])));
    }
  }

  get symbol(): string | undefined { return this.#row?.symbol; }

  open(symbol: string): void {
    if (this.symbol === symbol) return;
    const first = this.#row === undefined;
    if (first && document.activeElement instanceof HTMLElement) this.#opener = document.activeElement;
    this.#leave();
    const row = this.#row = new Row(symbol);
    this.#panel.hidden = false;
    this.#cover();
    setText(element('detail-symbol'), symbol);
    this.#chart = new PriceChart(element('chart'), this.#seconds);
    this.#watch = this.client.subscribe(symbol, { intervalMs: 0, wait: true }, ({ quote }) => this.#take(row, quote));
    this.#trades = this.client.subscribeTrades(symbol, (event) => this.#taken(event), { recent: true, wait: true });
    this.draw();
    if (first) element('detail-close').focus({ preventScroll: true });
  }

  close(): void {
    const { symbol } = this;
    if (symbol === undefined) return;
    this.#leave();
    this.#panel.hidden = true;
    this.#cover();
    this.#opener?.focus({ preventScroll: true });
    this.owner.closed(symbol);
  }

  // At most once a frame.
  draw(): void {
    const row = this.#row;
    if (!row) return;
    this.#drawChart(row.quote);
    this.#tape.draw();
    const { quote, direction } = row;
    for (const field of ['last', 'bid', 'ask'] as const) {
      const shown = element(`detail-${field}`);
      setText(shown, formatDecimal(quote[field]));
      shown.className = direction[field] > 0 ? 'up' : direction[field] < 0 ? 'down' : '';
    }
    for (const side of ['bid', 'ask'] as const) {
      setText(element(`detail-${side}-size`), sizeAt(quote[`${side}_size`], quote[`${side}_venue`]));
    }
    const change = element('detail-change');
    setText(change, quote.change_percent_24h ? `${percent(quote.change_percent_24h)} %` : '');
    change.className = { '+': 'up', '-': 'down' }[change.textContent?.[0] ?? ''] ?? '';
    for (const [field, value] of this.#facts) setText(value, formatDecimal(quote[field]));
    this.restyle();
  }

  // Whether it is live, and whether it is watched.
  restyle(): void {
    if (!this.#row || !this.#watch) return;
    const stale = this.#watch.isStale(this.#row.symbol);
    this.#panel.dataset['stale'] = String(stale);
    setText(element('detail-state'), stale ? (Object.keys(this.#row.quote).length === 0 ? 'nothing known' : 'stale') : 'live');
    const star = element('detail-watch');
    const watched = this.owner.isWatched(this.#row.symbol);
    star.setAttribute('aria-pressed', String(watched));
    setText(star, watched ? '★' : '☆');
  }

  recolour(): void { this.#chart?.recolour(); }

  #leave(): void {
    this.#watch?.close();
    this.#trades?.close();
    this.#chart?.destroy();
    this.#tape.clear();
    this.#watch = this.#trades = this.#chart = this.#row = undefined;
    this.#history = [];
    this.#traded = false;
  }

  #take(row: Row, quote: Quote): void {
    const before = row.quote.last;
    row.take(quote);
    const price = approximate(quote.last);
    // Where the venue sends no trades, the last price is what there is to draw.
    if (!this.#traded && price !== undefined && before !== quote.last) this.#remember({ timeMs: this.owner.nowMs(), price, size: 0 });
    this.frames().request();
  }

  #taken(event: TradeEvent): void {
    if (event.type === 'trade') {
      if (!this.#traded) {
        this.#traded = true;
        this.#history = [];
        this.#chart?.clear();
      }
      // A trade of the future would hold back all that come after it.
      const now = this.owner.nowMs();
      const timeMs = event.exchange_time_us === null ? now : Math.min(event.exchange_time_us / 1000, now + kMostAheadMs);
      this.#remember({ timeMs, price: Number(event.price), size: Number(event.size) });
    }
    // What was there before the first trade that is shown is not missing.
    if (event.type === 'trade' || this.#traded) this.#tape.take(event);
    this.frames().request();
  }

  // On a phone it lies over the page, where the keyboard must not go then.
  #cover(): void {
    const covered = !this.#panel.hidden && kNarrow.matches;
    for (const beneath of document.querySelectorAll<HTMLElement>('body > header, #grid, body > footer')) beneath.inert = covered;
  }

  // Nothing is drawn while nobody looks, which may be for days.
  #remember(point: { timeMs: number; price: number; size: number }): void {
    this.#history.push(point);
    if (this.#history.length > kMostUndrawn) this.#history = this.#history.slice(-kMostUndrawn / 2);
  }

  #drawChart({ bid, ask, last }: Quote): void {
    const chart = this.#chart;
    if (!chart) return;
    const places = (last ?? bid)?.split('.')[1]?.length;
    if (places !== undefined) chart.precise(places);
    const fresh = this.#history.splice(0);
    if (fresh.length > kFew) chart.addAll(fresh);
    else for (const { timeMs, price, size } of fresh) chart.add(timeMs, price, size);
    chart.quote(approximate(bid), approximate(ask));
  }

  #gather(seconds: number): void {
    this.#seconds = seconds;
    this.#chart?.gather(seconds);
    for (const button of document.querySelectorAll<HTMLElement>('[data-seconds]')) {
      button.setAttribute('aria-pressed', String(Number(button.dataset['seconds']) === seconds));
    }
  }
}
