// The feeds, those in trouble first.

import { element, make, setText } from '../elements.js';
import { count, duration, kNone } from '../format.js';
import type { Metrics } from './exposition.js';
import type { FeedReading } from './reading.js';

const kOrder = ['down', 'stale', 'connecting', 'live'];

// `before`: earlier metrics, to tell rates from.
export function showFeeds(feeds: readonly FeedReading[], metrics: Metrics, before: Metrics | undefined, serviceNowMs: number): void {
  const body = element('feeds-body');
  const sorted = [...feeds].sort((a, b) => kOrder.indexOf(a.state) - kOrder.indexOf(b.state) || (a.feed < b.feed ? -1 : 1));
  const known = new Map([...body.children].map((row) => [(row as HTMLElement).dataset['feed'], row as HTMLElement]));
  const rows = sorted.map((feed) => fill(known.get(feed.feed) ?? empty(feed.feed), [
    feed.state, ...cells(feed, metrics, before, serviceNowMs)]));
  // Only what is not in its place is moved: a selection survives.
  rows.forEach((row, index) => { if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null); });
  while (body.childElementCount > rows.length) body.lastElementChild?.remove();
}

function empty(feed: string): HTMLElement {
  const row = make('tr', '', { 'data-feed': feed });
  const [, ...titles] = [...document.querySelectorAll('thead th')].map((head) => head.textContent ?? '');
  row.append(make('th', feed, { scope: 'row' }), ...titles.map((title) => make('td', '', { 'data-title': title })));
  row.children[2]?.append(make('span', '', { class: 'chip' }));
  return row;
}

function cells({ feed, adapter, sinceUs, lastMessageUs, symbols, stale, reason }: FeedReading, metrics: Metrics, before: Metrics | undefined,
  nowMs: number): string[] {
  const ago = (us: number | undefined): string => (us === undefined ? kNone : duration(nowMs - us / 1000));
  const rate = metrics.rate('ticker_feed_messages_total', before, { feed });
  const total = (name: string): string => count(metrics.sum(`ticker_feed_${name}_total`, { feed }) ?? 0);
  return [adapter, ago(sinceUs), ago(lastMessageUs), rate === undefined ? kNone : `${count(rate)}/s`, total('reconnects'), total('trade_gaps'),
    count(symbols), count(stale), reason];
}

function fill(row: HTMLElement, [state = '', adapter = '', ...rest]: readonly string[]): HTMLElement {
  row.dataset['state'] = state;
  const chip = row.querySelector<HTMLElement>('.chip');
  if (chip) {
    chip.dataset['state'] = state;
    setText(chip, state);
  }
  const plain = [...row.querySelectorAll<HTMLElement>('td')].filter((cell) => !cell.querySelector('.chip'));
  [adapter, ...rest].forEach((text, index) => {
    const cell = plain[index];
    if (cell) setText(cell, text);
  });
  plain.at(-2)?.classList.toggle('bad', rest.at(-2) !== '0');
  return row;
}
