// The watchlist is kept, is bounded, and believes nothing that it reads back.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kMostWatched, Watchlist } from '../../src/watchlist.js';
import { MemoryShelf } from '../shelf.js';

const watchlist = (shelf = new MemoryShelf()): Watchlist => new Watchlist(shelf, () => {});

test('what is marked is there again on the next visit, in its order', () => {
  const shelf = new MemoryShelf();
  const first = watchlist(shelf);
  for (const symbol of ['k:B', 'k:A', 'k:C', 'k:A']) first.toggle(symbol);
  assert.deepEqual(watchlist(shelf).symbols, ['k:B', 'k:C']);
  assert.deepEqual([watchlist(shelf).has('k:B'), watchlist(shelf).has('k:A')], [true, false]);
});

test('the last place is given away, and no other', () => {
  const list = watchlist();
  for (let i = 0; i < kMostWatched; i += 1) assert.ok(list.toggle(`k:${i}`));
  assert.equal(list.toggle('k:one more'), false);
  assert.equal(list.size, kMostWatched);
  assert.ok(list.toggle('k:0')); // there is always a way out
  assert.equal(list.size, kMostWatched - 1);
});

test('what the service would refuse as a name is not read back', () => {
  const kept = JSON.stringify(['k:A', '', 'k:*', 'k:\u0000', 7, null, ['k:B'], 'é'.repeat(65), 'k:A', 'k:C']);
  assert.deepEqual(watchlist(new MemoryShelf({ 'ticker.watchlist': kept })).symbols, ['k:A', 'k:C']);
  for (const text of ['{', '{"k:A":1}', '"k:A"', '']) {
    assert.deepEqual(watchlist(new MemoryShelf({ 'ticker.watchlist': text })).symbols, []);
  }
  const many = JSON.stringify(Array.from({ length: 2 * kMostWatched }, (_, i) => `k:${i}`));
  assert.equal(watchlist(new MemoryShelf({ 'ticker.watchlist': many })).size, kMostWatched);
});

test('a browser that keeps nothing still has a watchlist for as long as the page lasts', () => {
  const shelf = new MemoryShelf();
  shelf.full = true;
  const list = watchlist(shelf);
  assert.ok(list.toggle('k:A'));
  assert.deepEqual(list.symbols, ['k:A']);
});

test('what another tab marks is marked here too', () => {
  const shelf = new MemoryShelf();
  let changes = 0;
  const here = new Watchlist(shelf, () => { changes += 1; });
  watchlist(shelf).toggle('k:A');
  here.stored('ticker.theme');
  assert.deepEqual([here.size, changes], [0, 0]);
  here.stored('ticker.watchlist');
  assert.deepEqual([here.symbols, changes], [['k:A'], 1]);
});
