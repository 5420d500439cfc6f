// Candles: of any length, in order, and no more of them than there is room for.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Candles } from '../../src/detail/candles.js';

test('trades of the same seconds are one candle', () => {
  const candles = new Candles(5);
  for (const [ms, price, size] of [[10_000, 5, 1], [11_200, 7, 2], [14_999, 4, 1], [15_000, 6, 3]] as const) candles.add(ms, price, size);
  assert.deepEqual(candles.all, [
    { time: 10, open: 5, high: 7, low: 4, close: 4, volume: 4 }, { time: 15, open: 6, high: 6, low: 6, close: 6, volume: 3 },
  ]);
});

test('a trade that is told late counts in the newest candle', () => {
  const candles = new Candles(5);
  candles.add(20_000, 5, 1);
  candles.add(3_000, 9, 1);
  assert.deepEqual(candles.all, [{ time: 20, open: 5, high: 9, low: 5, close: 9, volume: 2 }]);
});

test('another length gathers the same trades anew', () => {
  const candles = new Candles(60);
  for (let second = 0; second < 180; second += 1) candles.add(second * 1000, second, 1);
  assert.deepEqual(candles.all.map(({ open, close, volume }) => [open, close, volume]), [[0, 59, 60], [60, 119, 60], [120, 179, 60]]);
  candles.gather(15);
  assert.equal(candles.all.length, 12);
  candles.add(180_000, 7, 1);
  assert.deepEqual(candles.all.at(-1), { time: 180, open: 7, high: 7, low: 7, close: 7, volume: 1 });
});

test('there is a bound to what is remembered', () => {
  const candles = new Candles(1);
  let cuts = 0;
  for (let second = 0; second < 100_000; second += 1) {
    if (candles.add(second * 1000, 1, 1).cut) cuts += 1;
    assert.ok(candles.all.length <= 2000);
  }
  assert.ok(cuts > 0);
  candles.gather(1000);
  assert.ok(candles.all.length >= 15 && candles.all.length <= 31, `${candles.all.length}`); // of 15,000 to 30,000 trades
});
