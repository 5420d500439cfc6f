// What the operators' page makes of the service's answers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from '../../src/operations/exposition.js';
import { read, summary, type Reading } from '../../src/operations/reading.js';
import { signs } from '../../src/operations/signs.js';

type Answer = readonly [status: number, body: unknown];
const readOf = (ready: Answer, feeds: Answer, metrics: Answer = [200, '']): Promise<Reading> => read((path) => {
  const [status, body] = path === '/readyz' ? ready : path === '/metrics' ? metrics : feeds;
  return Promise.resolve({ status, text: () => Promise.resolve(typeof body === 'string' ? body : JSON.stringify(body)) });
}, () => 0);
const feed = (name: string, state: string, last: number | null, symbols: number, stale: number): object =>
  ({ feed: name, adapter: 'kraken-v2', state, since_us: 5, last_message_us: last, reason: '', symbols, stale });

test('a service that is not ready says why', async () => {
  const ready = await readOf([200, { status: 'ready' }], [200, { feeds: [] }]);
  assert.deepEqual([ready.ready, ready.why], [true, '']);
  const not = await readOf([503, { error: { code: 'not_ready', message: 'not live yet: kraken' } }], [200, { feeds: [] }]);
  assert.deepEqual([not.ready, not.why], [false, 'not live yet: kraken']);
});

test('feeds are summed up; a dead one tells nothing of the last message', async () => {
  const { feeds } = await readOf([200, {}], [200, { feeds: [feed('a', 'live', 900, 3, 1), feed('b', 'live', 700, 4, 0), feed('c', 'down', 100, 2, 2),
    feed('d', 'connecting', null, 1, 1)] }]);
  assert.deepEqual(summary(feeds), { live: 2, symbols: 10, stale: 4, oldestUs: 700 });
  assert.deepEqual(summary([]), { live: 0, symbols: 0, stale: 0, oldestUs: undefined });
});

test('an answer of another shape is read as far as it goes', async () => {
  for (const body of [null, [], 7, {}, { feeds: 'none' }, 'not JSON']) assert.deepEqual((await readOf([503, body], [200, body])).feeds, []);
  const { feeds } = await readOf([200, {}], [200, { feeds: [null, { feed: 'a' }, 3] }]);
  assert.deepEqual(feeds, [{ feed: 'a', adapter: '', state: '', sinceUs: 0, lastMessageUs: undefined, reason: '', symbols: 0, stale: 0 }]);
});

test('what is no answer of the service is not taken for one', async () => {
  const good: Answer = [200, { feeds: [] }];
  for (const bad of [429, 502, 503, 404]) {
    await assert.rejects(readOf([200, {}], [bad, {}]));
    await assert.rejects(readOf([200, {}], good, [bad, '']));
  }
  await assert.rejects(readOf([502, {}], good));
});

test('vital signs are told from metrics, by the second where they are counters', async () => {
  const text = (frames: number): string => `ticker_connections{shard="0"} 3
ticker_frames_sent_total{shard="0"} ${frames}
ticker_connections_refused_total{reason="token"} 2
ticker_connections_refused_total{reason="origin"} 0
process_resident_memory_bytes 52300000
process_start_time_seconds 100
ticker_build_info{version="0.1.0"} 1
`;
  const reading = await readOf([200, {}], [200, { feeds: [] }], [200, text(700)]);
  const shown = signs({ ...reading, metrics: new Metrics(text(700), 2000) }, new Metrics(text(100), 0), 160_000);
  assert.deepEqual([shown['clients'], shown['frames'], shown['refused'], shown['reasons'], shown['memory'], shown['uptime'], shown['version'], shown['blocked']],
    ['3', '300/s', '2', 'token 2', '52.3 MB of memory', '60 s', '0.1.0', '–']);
});
