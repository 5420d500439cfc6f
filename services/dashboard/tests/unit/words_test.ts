// What the page says of its connection and of tokens.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionText } from '../../src/status/connection_text.js';
import { savedToken, whyToken } from '../../src/token.js';
import { MemoryShelf } from '../shelf.js';

const facts = { state: 'open', stale: false, retryAtMs: undefined, reason: undefined } as const;

test('only what is open and answered is called live', () => {
  const looks = (['connecting', 'open', 'reconnecting', 'closed'] as const).flatMap((state) =>
    [true, false].map((stale) => `${state} ${stale} ${connectionText({ ...facts, state, stale }, 0).look}`));
  assert.deepEqual(looks.filter((look) => look.endsWith(' live')), ['open false live']);
});

test('a pause is counted down, and a reason is given', () => {
  const reconnecting = { ...facts, state: 'reconnecting', stale: true, retryAtMs: 5000 } as const;
  assert.deepEqual([0, 4200, 6000].map((now) => connectionText(reconnecting, now).text),
    ['Reconnecting in 5 s', 'Reconnecting in 1 s', 'Reconnecting']);
  assert.equal(connectionText({ ...facts, state: 'closed', stale: true, reason: 'origin refused' }, 0).text, 'Not connected: origin refused');
});

test('a token is asked for where one would help, in words that say why', () => {
  assert.match(whyToken(4500, false) ?? '', /have a token/);
  assert.match(whyToken(4500, true) ?? '', /did not accept/);
  assert.match(whyToken(4501, true) ?? '', /run out/);
  assert.deepEqual([1000, 1006, 1012, 4000, 4502].map((code) => whyToken(code, true)), Array(5).fill(undefined));
});

test('a token that is kept is a text of a possible length', () => {
  const kept = (text: string): string | undefined => savedToken(new MemoryShelf({ 'ticker.token': text }));
  assert.deepEqual(['"abc"', '""', '7', 'abc', JSON.stringify('x'.repeat(20_000))].map(kept), ['abc', undefined, undefined, undefined, undefined]);
});
