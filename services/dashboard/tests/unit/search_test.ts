// What the search box finds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matcher } from '../../src/search.js';

const kSymbols = ['binance:BTC-USDT', 'binance:ETH-USDT', 'kraken:BTC-USD', 'kraken:ETH-BTC', 'binance-usdm:BTC-USDT-PERP'];
const find = (text: string): string[] => kSymbols.filter(matcher(text));

test('nothing typed is everything', () => {
  for (const text of ['', '  ', ',', ' , ']) assert.deepEqual(find(text), kSymbols);
});

test('words stand anywhere, and all of them do', () => {
  assert.deepEqual(find('btc'), ['binance:BTC-USDT', 'kraken:BTC-USD', 'kraken:ETH-BTC', 'binance-usdm:BTC-USDT-PERP']);
  assert.deepEqual(find('BTC  Kraken'), ['kraken:BTC-USD', 'kraken:ETH-BTC']);
  assert.deepEqual(find('btc nobody'), []);
});

test('a pattern is the whole symbol, or the whole of what stands after the venue', () => {
  assert.deepEqual(find('kraken:*'), ['kraken:BTC-USD', 'kraken:ETH-BTC']);
  assert.deepEqual(find('*-usdt'), ['binance:BTC-USDT', 'binance:ETH-USDT']);
  assert.deepEqual(find('btc-*'), ['binance:BTC-USDT', 'kraken:BTC-USD', 'binance-usdm:BTC-USDT-PERP']);
  assert.deepEqual(find('*:*-*-*'), ['binance-usdm:BTC-USDT-PERP']);
  assert.deepEqual(find('btc*btc'), []);
});

test('a comma separates alternatives', () => {
  assert.deepEqual(find('kraken eth, *-perp'), ['kraken:ETH-BTC', 'binance-usdm:BTC-USDT-PERP']);
});

test('signs of regular expressions are nothing special', () => {
  for (const text of ['.', '(', 'btc|eth', '[a-z]', '\\', '+*']) assert.deepEqual(find(text), []);
});

test('a pattern of stars is as quick as any other', () => {
  const long = 'a'.repeat(100_000);
  assert.equal(matcher(`${'*a'.repeat(90)}*b`)(long), false);
});
