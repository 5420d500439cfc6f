// The last trades of an instrument, newest on top. Only what will be seen is made.

import { formatDecimal, type TradeEvent } from 'ticker-web-client';
import { make } from '../elements.js';
import { count, kNone, timeOfDay } from '../format.js';

const kMostShown = 60;

export class Tape {
  #waiting: TradeEvent[] = [];

  constructor(private readonly body: HTMLElement) {}

  clear(): void {
    this.#waiting = [];
    this.body.replaceChildren();
  }

  take(event: TradeEvent): void {
    this.#waiting.push(event);
    if (this.#waiting.length > 2 * kMostShown) this.#waiting = this.#waiting.slice(-kMostShown);
  }

  draw(): void {
    if (this.#waiting.length === 0) return;
    const fresh = this.#waiting.slice(-kMostShown).reverse().map(line);
    this.#waiting = [];
    this.body.prepend(...fresh);
    while (this.body.childElementCount > kMostShown) this.body.lastElementChild?.remove();
  }
}

function line(event: TradeEvent): HTMLElement {
  const row = document.createElement('tr');
  if (event.type === 'gap') {
    row.className = 'gap';
    const many = event.missed === null ? 'Trades' : `${count(event.missed)} trade${event.missed === 1 ? '' : 's'}`;
    row.append(make('td', `${many} missing here${event.source === 'venue' ? ' (the venue did not send them)' : ''}`, { colspan: '3' }));
    return row;
  }
  row.className = event.side === 'buy' ? 'up' : 'down';
  const time = event.exchange_time_us === null ? kNone : timeOfDay(event.exchange_time_us, true);
  row.append(make('td', time), make('td', formatDecimal(event.price), { title: event.side }), make('td', formatDecimal(event.size)));
  return row;
}
