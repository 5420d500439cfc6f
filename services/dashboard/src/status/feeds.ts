// The states of the service's feeds, a chip each.

import type { Status, TickerClient } from 'ticker-web-client';
import { element, make, setText } from '../elements.js';
import { timeOfDay } from '../format.js';

const kMostChips = 12;

export class FeedChips {
  readonly #chips = new Map<string, HTMLElement>();
  readonly #list = element('feeds');
  readonly #more = make('li', '', { class: 'chip' });

  constructor(private readonly client: TickerClient) {
    client.subscribeStatus('*', () => this.show());
    client.on('stale', () => this.show());
  }

  show(): void {
    const feeds = [...this.client.feeds.values()].sort((a, b) => (a.feed < b.feed ? -1 : 1));
    for (const [name, chip] of this.#chips) {
      if (this.client.feeds.has(name)) continue;
      chip.remove();
      this.#chips.delete(name);
    }
    // Those in trouble first: there may not be room for all.
    const troubled = feeds.filter(({ state }) => state !== 'live');
    const shown = [...troubled, ...feeds.filter(({ state }) => state === 'live')].slice(0, kMostChips);
    this.#list.replaceChildren(...shown.map((status) => this.#chip(status)), ...(feeds.length > shown.length ? [this.#more] : []));
    setText(this.#more, `+${feeds.length - shown.length}`);
  }

  #chip({ feed, state, since_us, reason }: Status): HTMLElement {
    const chip = this.#chips.get(feed) ?? make('li', '', { class: 'chip', 'data-feed': feed });
    this.#chips.set(feed, chip);
    const known = this.client.state === 'open' ? state : 'unknown';
    chip.dataset['state'] = known;
    setText(chip, known === 'live' ? feed : `${feed} ${known}`);
    chip.title = `${feed}: ${known} since ${timeOfDay(since_us)}${reason ? `, ${reason}` : ''}`;
    return chip;
  }
}
