// What the page says of its connection and of tokens.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeReason, connectionText } from '../../src/status/connection_text.js';
import { savedToken, whyBeforehand, whyToken } from '../../src/token.js';
import { MemoryShelf } from '../shelf.js';

const facts = { state: 'open', stale: false, retryAtMs: undefined } as const;

test('only what is open and answered is called live', () => {
  const looks = (['connecting', 'open', 'reconnecting', 'closed'] as const).flatMap((state) =>
    [true, false].map((stale) => `${state} ${stale} ${connectionText({ ...facts, state, stale }, 0).look}`));
  assert.deepEqual(looks.filter((look) => look.endsWith(' live')), ['open false live']);
});

test('a pause is counted down beside the words', () => {
  const reconnecting = { ...facts, state: 'reconnecting', stale: true, retryAtMs: 5000 } as const;
  const told = [0, 4200, 6000].map((now) => connectionText(reconnecting, now));
  assert.deepEqual(told.map(({ text }) => text), Array(3).fill('Reconnecting'));
  assert.deepEqual(told.map(({ when }) => when), ['in 5 s', 'in 1 s', '']);
});

test('why the service closed it is said in words', () => {
  assert.match(closeReason(4502, 'origin_refused', false) ?? '', /pages of this origin may not connect/);
  assert.match(closeReason(4002, 'limit_reached', true) ?? '', /too many connections/);
  assert.equal(closeReason(4999, 'something new', true), 'something new');
  assert.deepEqual([[1000, false], [1006, true], [1012, true]].map(([code, returns]) => closeReason(Number(code), '', Boolean(returns))),
    [undefined, undefined, undefined]);
});

test('a token is asked for where one would help, in words that say why', () => {
  assert.match(whyToken(4500, false) ?? '', /have a token/);
  assert.match(whyToken(4500, true) ?? '', /did not accept/);
  assert.match(whyToken(4501, true) ?? '', /run out/);
  assert.match(whyBeforehand(60_000), /runs out in 60 s/);
  assert.deepEqual([1000, 1006, 1012, 4000, 4502].map((code) => whyToken(code, true)), Array(5).fill(undefined));
});

test('a token that is kept is a text of a possible length', () => {
  const kept = (text: string): string | undefined => savedToken(new MemoryShelf({ 'ticker.token': text }));
  assert.deepEqual(['"abc"', '""', '7', 'abc', JSON.stringify('x'.repeat(20_000))].map(kept), ['abc', undefined, undefined, undefined, undefined]);
});
