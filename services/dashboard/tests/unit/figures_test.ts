// Rates, latencies and how figures are written.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duration, milliseconds, percent, shortened, sizeAt, spreadBp } from '../../src/format.js';
import { ClockOffset, quantile, Spread } from '../../src/status/latency.js';
import { Rate } from '../../src/status/rate.js';

test('a rate is over whole seconds, and forgets those long gone', () => {
  const rate = new Rate();
  assert.equal(rate.perSecond(0), 0);
  for (let ms = 500; ms < 3500; ms += 10) rate.add(ms);
  assert.equal(rate.perSecond(3500), (50 + 100 + 100) / 3); // the second that has begun does not count yet
  for (let ms = 3500; ms < 20_000; ms += 10) rate.add(ms);
  assert.equal(rate.perSecond(20_000), 100);
  assert.equal(rate.perSecond(22_000), 60);
  assert.equal(rate.perSecond(60_000), 0);
  rate.add(60_100, 10);
  assert.equal(rate.perSecond(61_000), 2);
});

test('the clock is told by the quickest of the last pings', () => {
  const clock = new ClockOffset();
  assert.equal(clock.best, undefined);
  clock.take(10_000, 40, 9_000_000); // sent at 10,000, answered at 10,040: between them the service's clock said 9,000
  clock.take(20_000, 10, 19_005_000);
  clock.take(30_000, 90, 29_000_000);
  assert.deepEqual(clock.best, { roundTripMs: 10, aheadMs: 1000 });
  for (let i = 0; i < 20; i += 1) clock.take(40_000, 20, 40_010_000); // the machine's clock was set right
  assert.deepEqual(clock.best, { roundTripMs: 20, aheadMs: 0 });
});

test('of many samples the last ones are spread', () => {
  const spread = new Spread();
  assert.equal(quantile(spread.sorted(), 0.5), undefined);
  for (let i = 0; i < 5000; i += 1) spread.add(1e9);
  for (let i = 1024; i > 0; i -= 1) spread.add(i);
  const sorted = spread.sorted();
  assert.deepEqual([quantile(sorted, 0), quantile(sorted, 0.5), quantile(sorted, 1)], [1, 513, 1024]);
});

test('a size tells the venue where there is one to tell', () => {
  assert.deepEqual([sizeAt('2.50', 'kraken'), sizeAt('2.50', undefined), sizeAt(null, null)], ['2.50 · kraken', '2.50', '–']);
});

test('amounts are shortened, and small ones kept as the venue sent them', () => {
  const texts = ['0.00012300', '9999.9', '10000', '123456.78', '1234567', '987654321', '1e0', '-25000', '5000000000000'];
  assert.deepEqual(texts.slice(0, 6).map(shortened), ['0.00012300', '9,999.9', '10.00K', '123.5K', '1.23M', '987.7M']);
  assert.deepEqual(texts.slice(7).map(shortened), ['-25.00K', '5.00T']);
  assert.deepEqual([shortened(null), shortened(undefined), percent('1.2345'), percent('-0.0049'), percent(null)], ['–', '–', '+1.23', '0.00', '–']);
});

test('a spread is in hundredths of a percent of the middle', () => {
  assert.equal(spreadBp('99.95', '100.05')?.toFixed(2), '10.00');
  assert.deepEqual([spreadBp(null, '1'), spreadBp('1', undefined), spreadBp('0', '0')], [undefined, undefined, undefined]);
});

test('durations are in the unit that one would say', () => {
  assert.deepEqual([0, 9_940, 61_000, 130_000, 7_300_000, 400_000_000, -5].map(duration), ['0.0 s', '9.9 s', '61 s', '2 min', '2 h', '4 d', '0.0 s']);
  assert.deepEqual([undefined, 3.21, 42.4, 20_000].map(milliseconds), ['–', '3.2 ms', '42 ms', '20 s']);
});
