// What the operators' page makes of the service's answers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read, summary } from '../../src/operations/reading.js';

const answers = (ready: [number, unknown], feeds: unknown) => (path: string) => {
  const [status, body] = path === '/readyz' ? ready : [200, feeds];
  return Promise.resolve({ status, json: () => Promise.resolve(body) });
};
const feed = (name: string, state: string, last: number | null, symbols: number, stale: number): object =>
  ({ feed: name, adapter: 'kraken-v2', state, since_us: 5, last_message_us: last, reason: '', symbols, stale });

test('a service that is not ready says why', async () => {
  const ready = await read(answers([200, { status: 'ready' }], { feeds: [] }));
  assert.deepEqual([ready.ready, ready.why], [true, '']);
  const not = await read(answers([503, { error: { code: 'not_ready', message: 'not live yet: kraken' } }], { feeds: [] }));
  assert.deepEqual([not.ready, not.why], [false, 'not live yet: kraken']);
});

test('feeds are summed up; a dead one tells nothing of the last message', async () => {
  const { feeds } = await read(answers([200, {}], { feeds: [feed('a', 'live', 900, 3, 1), feed('b', 'live', 700, 4, 0), feed('c', 'down', 100, 2, 2),
    feed('d', 'connecting', null, 1, 1)] }));
  assert.deepEqual(summary(feeds), { live: 2, symbols: 10, stale: 4, oldestUs: 700 });
  assert.deepEqual(summary([]), { live: 0, symbols: 0, stale: 0, oldestUs: undefined });
});

test('an answer of another shape is read as far as it goes', async () => {
  for (const body of [null, [], 7, {}, { feeds: 'none' }]) assert.deepEqual((await read(answers([503, body], body))).feeds, []);
  const { feeds } = await read(answers([200, {}], { feeds: [null, { feed: 'a' }, 3] }));
  assert.deepEqual(feeds, [{ feed: 'a', adapter: '', state: '', sinceUs: 0, lastMessageUs: undefined, reason: '', symbols: 0, stale: 0 }]);
});
