// The feeds, those in trouble first.

import { element, make, setText } from '../elements.js';
import { count, duration, kNone } from '../format.js';
import type { FeedReading } from './reading.js';

const kOrder = ['down', 'stale', 'connecting', 'live'];

export function showFeeds(feeds: readonly FeedReading[], serviceNowMs: number): void {
  const body = element('feeds-body');
  const sorted = [...feeds].sort((a, b) => kOrder.indexOf(a.state) - kOrder.indexOf(b.state) || (a.feed < b.feed ? -1 : 1));
  const known = new Map([...body.children].map((row) => [(row as HTMLElement).dataset['feed'], row as HTMLElement]));
  const rows = sorted.map((feed) => fill(known.get(feed.feed) ?? empty(feed.feed), feed, serviceNowMs));
  // Only what is not in its place is moved: a selection survives.
  rows.forEach((row, index) => { if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null); });
  while (body.childElementCount > rows.length) body.lastElementChild?.remove();
}

function empty(feed: string): HTMLElement {
  const row = make('tr', '', { 'data-feed': feed });
  row.append(make('th', feed, { scope: 'row' }), make('td'), ...Array.from({ length: 6 }, () => make('td')));
  row.children[2]?.append(make('span', '', { class: 'chip' }));
  return row;
}

function fill(row: HTMLElement, feed: FeedReading, nowMs: number): HTMLElement {
  const ago = (us: number | undefined): string => (us === undefined ? kNone : duration(nowMs - us / 1000));
  row.dataset['state'] = feed.state;
  const chip = row.querySelector<HTMLElement>('.chip');
  if (chip) {
    chip.dataset['state'] = feed.state;
    setText(chip, feed.state);
  }
  const texts = [, feed.adapter, , ago(feed.sinceUs), ago(feed.lastMessageUs), count(feed.symbols), count(feed.stale), feed.reason];
  texts.forEach((text, index) => {
    const cell = row.children[index];
    if (text !== undefined && cell) setText(cell, text);
  });
  row.children[6]?.classList.toggle('bad', feed.stale > 0);
  return row;
}
