// The conversation: subscriptions become requests, answers become state, mistakes become errors.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../src/index.js';
import { connected, heard, scene, until, type Scene } from '../fake_server.js';

const symbolOf = (change: Change): string => `${change.kind} ${change.symbol} ${change.changed.join()}`;
const errors = ({ events }: Scene): object[] =>
  events.flatMap((event) => (event.type === 'error' ? [{ code: event.code, symbols: event.symbols }] : []));

test('a subscription is a request, its frames become state and changes', async (t) => {
  const { client, peer } = await connected(t);
  const changes: string[] = [];
  const watch = client.subscribe('k:*', { fields: ['bid', 'ask'], intervalMs: 250 }, (change) => changes.push(symbolOf(change)));
  const request = await peer.next();
  const lane = request['lane'];
  assert.deepEqual(request, { op: 'subscribe', channel: 'ticker', symbols: ['k:*'], lane, fields: ['bid', 'ask'], interval_ms: 250 });
  peer.subscribed(request);
  peer.send({ type: 'snapshot', lane, more: true, data: [{ symbol: 'k:A', bid: '1', ask: '2', stale: false }] },
    { type: 'snapshot', lane, version: 5, data: [{ symbol: 'k:B', stale: true }] },
    { type: 'delta', lane, version: 6, data: [{ symbol: 'k:A', ask: '3' }, { symbol: 'k:C', new: true, bid: '9' }] },
    { type: 'delta', lane, version: 7, data: [{ symbol: 'k:B', removed: true }, { symbol: 'k:A', ask: '3' }] });
  await heard(client, peer);
  assert.deepEqual(changes, ['snapshot k:A bid,ask,stale', 'snapshot k:B stale', 'update k:A ask', 'new k:C bid', 'removed k:B stale']);
  assert.deepEqual([...watch], [['k:A', { bid: '1', ask: '3', stale: false }], ['k:C', { bid: '9' }]]);
  assert.deepEqual([watch.get('k:A')?.ask, watch.get('k:B'), watch.isStale('k:A'), watch.isStale('k:C')], ['3', undefined, false, true]);
});

test('what is subscribed to in one go is one request a lane', async (t) => {
  const { client, peer } = await connected(t);
  for (let i = 0; i < 100; i += 1) client.subscribe(`k:${i}`, { fields: [i % 2 ? 'bid' : 'ask'] });
  const first = await peer.next();
  peer.subscribed(first);
  peer.send({ type: 'snapshot', lane: first['lane'], version: 2, data: [] });
  const second = await peer.next();
  assert.deepEqual([first['symbols'], second['symbols']].map((symbols) => (symbols as string[]).length), [50, 50]);
});

test('what was asked for before the connection is open is asked for then', async (t) => {
  const { client, server } = await scene(t);
  client.subscribe(['a', 'b']).close();
  client.subscribe('c');
  const peer = await server.accept();
  await heard(client, peer);
  assert.equal(peer.unread, 0);
  peer.hello();
  assert.deepEqual((await peer.next())['symbols'], ['c']);
});

test('requests that are too long for the service are several', async (t) => {
  const limits = { request_bytes: 2000, entries: 30, lanes: 8 };
  const { client, peer } = await connected(t, {}, { limits });
  const names = Array.from({ length: 60 }, (_, i) => `k:${'é'.repeat(i < 30 ? 20 : 1)}${i}`);
  client.subscribe(names);
  const sizes: number[] = [];
  for (let seen = 0; seen < names.length;) {
    const request = await peer.next();
    assert.ok(Buffer.byteLength(JSON.stringify(request)) < 2000);
    peer.subscribed(request);
    sizes.push((request['symbols'] as string[]).length);
    seen += sizes.at(-1) ?? 0;
  }
  assert.deepEqual(sizes, [20, 30, 10]); // by their bytes, by their number
});

test('one request goes after the other', async (t) => {
  const { client, peer } = await connected(t);
  client.subscribe('a', { intervalMs: 100 });
  client.subscribe('b', { intervalMs: 0 });
  const first = await peer.next();
  await heard(client, peer);
  assert.equal(peer.unread, 0);
  peer.subscribed(first);
  assert.deepEqual((await peer.next())['symbols'], ['b']);
});

test('a second watch of what is held is told of it at once, without a request', async (t) => {
  const { client, peer } = await connected(t);
  client.subscribe('k:*');
  const request = await peer.next();
  peer.subscribed(request);
  peer.send({ type: 'snapshot', lane: request['lane'], version: 5, data: [{ symbol: 'k:A', bid: '1' }, { symbol: 'k:B', bid: '1' }] });
  await heard(client, peer);
  const changes: string[] = [];
  const watch = client.subscribe('k:*', (change) => changes.push(symbolOf(change)));
  await heard(client, peer);
  assert.deepEqual(changes, ['snapshot k:A bid', 'snapshot k:B bid']);
  assert.deepEqual([peer.unread, watch.get('k:B')?.bid], [0, '1']);
});

test('a faster watch takes its instrument into a lane of its own, and gives it back', async (t) => {
  const { client, peer } = await connected(t);
  client.subscribe('*', { fields: ['bid'], intervalMs: 1000 });
  const slow = await peer.next();
  peer.subscribed(slow);
  peer.send({ type: 'snapshot', lane: slow['lane'], version: 5, data: [{ symbol: 'a', bid: '1' }, { symbol: 'b', bid: '1' }] });
  const focus = client.subscribe('a', { fields: ['last'], intervalMs: 0 });
  const fast = await peer.next();
  assert.deepEqual([fast['symbols'], fast['fields'], fast['interval_ms']], [['a'], ['bid', 'last'], 0]);
  peer.subscribed(fast);
  peer.send({ type: 'snapshot', lane: fast['lane'], version: 6, data: [{ symbol: 'a', bid: '1', last: '7' }] });
  await heard(client, peer);
  focus.close();
  assert.deepEqual(await peer.next(), { op: 'unsubscribe', channel: 'ticker', symbols: ['a'] });
  peer.reply({ type: 'unsubscribed', channel: 'ticker', symbols: ['a'], count: 1, rejected: [] });
  await heard(client, peer);
  // Nobody serves `last` any more: it must not be taken for a live value.
  assert.deepEqual([...client.held], [['a', { bid: '1' }], ['b', { bid: '1' }]]);
});

test('a slower watch that comes later does not take the instrument away', async (t) => {
  const { client, peer } = await connected(t);
  client.subscribe('a', { fields: ['last'], intervalMs: 0 });
  peer.subscribed(await peer.next());
  client.subscribe('*', { fields: ['bid'], intervalMs: 1000 });
  const slow = await peer.next();
  peer.subscribed(slow);
  const again = await peer.next();
  assert.deepEqual([slow['symbols'], again['symbols'], again['fields'], again['interval_ms']], [['*'], ['a'], ['bid', 'last'], 0]);
});

test('closing the last watch ends its entries and what is held of them', async (t) => {
  const { client, peer } = await connected(t);
  const changes: string[] = [];
  const watches = [client.subscribe('a', (change) => changes.push(symbolOf(change))), client.subscribe(['a', 'b'])];
  const request = await peer.next();
  peer.subscribed(request);
  peer.send({ type: 'snapshot', lane: request['lane'], version: 5, data: [{ symbol: 'a', bid: '1' }, { symbol: 'b', bid: '1' }] });
  await heard(client, peer);
  watches[0]?.close();
  await heard(client, peer);
  assert.equal(peer.unread, 0);
  watches[1]?.close();
  assert.deepEqual((await peer.next())['symbols'], ['a', 'b']);
  peer.reply({ type: 'unsubscribed', channel: 'ticker', symbols: ['a', 'b'], count: 2, rejected: [] });
  await heard(client, peer);
  assert.deepEqual([client.held.size, changes], [0, ['snapshot a bid']]);
});

test('a name that is rejected is an error, the others stand', async (t) => {
  const stage = await connected(t);
  const { client, peer } = stage;
  client.subscribe(['a', 'x']);
  const request = await peer.next();
  peer.subscribed(request, { symbols: ['a'], rejected: [{ symbol: 'x', code: 'unknown_symbol' }] });
  peer.send({ type: 'snapshot', lane: request['lane'], version: 5, data: [{ symbol: 'a', bid: '1' }] });
  await heard(client, peer);
  assert.deepEqual(errors(stage), [{ code: 'unknown_symbol', symbols: ['x'] }]);
  assert.equal(peer.unread, 0); // it is not asked for again and again
  client.subscribe('x', { wait: true });
  assert.deepEqual([await peer.next()].map(({ symbols, wait }) => [symbols, wait]), [[['x'], true]]);
});

test('a request that is refused is an error, and the next one goes out', async (t) => {
  const stage = await connected(t);
  const { client, peer } = stage;
  client.subscribe('a', { intervalMs: 100 });
  client.subscribe('b', { intervalMs: 0 });
  await peer.next();
  peer.reply({ type: 'error', code: 'too_many_entries', message: 'more than 0 entries' });
  assert.deepEqual((await peer.next())['symbols'], ['b']);
  assert.deepEqual(errors(stage), [{ code: 'too_many_entries', symbols: ['a'] }]);
});

test('an error without a request is told', async (t) => {
  const stage = await connected(t);
  stage.peer.send({ type: 'error', code: 'internal', message: 'oops' });
  await until(() => errors(stage).length === 1, 'an error');
});

test('too many requests: the same one after pauses that double, told once', async (t) => {
  const stage = await connected(t);
  const { client, peer, host } = stage;
  client.subscribe('a');
  const request = await peer.next();
  const refuse = async (): Promise<void> => {
    peer.reply({ type: 'error', code: 'rate_limited', message: 'ask again later' });
    await heard(client, peer);
  };
  await refuse();
  client.subscribe('b');
  await heard(client, peer);
  assert.equal(peer.unread, 0);
  for (const pause of [1000, 2000, 4000]) {
    assert.equal(host.timers[0], pause);
    host.advance(pause);
    assert.deepEqual(await peer.next(), { ...request, symbols: ['a', 'b'] });
    if (pause < 4000) await refuse();
  }
  assert.deepEqual(errors(stage), [{ code: 'rate_limited', symbols: ['a'] }]);
  peer.subscribed(request, { symbols: ['a', 'b'] });
  client.subscribeTrades('c', () => {});
  await peer.next();
  await refuse();
  assert.deepEqual([host.timers[0], errors(stage).length], [1000, 2]);
});

test('a request without an answer ends the connection', async (t) => {
  const { client, peer, host } = await connected(t, {}, { heartbeat_ms: 300_000 });
  client.subscribe('a');
  await peer.next();
  host.advance(60_000);
  assert.equal(client.state, 'reconnecting');
});

test('what the service would refuse as malformed is refused where it is written', async (t) => {
  const { client } = await scene(t);
  assert.throws(() => client.subscribe([]), RangeError);
  assert.throws(() => client.subscribe('*a*b*c*d*'), RangeError);
  assert.throws(() => client.subscribe('a', { fields: ['mid' as 'bid'] }), RangeError);
  assert.throws(() => client.subscribe('a', { fields: [] }), RangeError);
  for (const wrong of [-1, 0.5, NaN, Infinity]) {
    assert.throws(() => client.subscribe('a', { intervalMs: wrong }), RangeError);
    assert.throws(() => client.subscribe('a', { maxKbitPerS: wrong }), RangeError);
  }
});

test('more kinds of watches than lanes share lanes', async (t) => {
  const limits = { request_bytes: 65_536, entries: 1000, lanes: 2 };
  const { client, peer } = await connected(t, {}, { limits });
  for (const field of ['bid', 'ask', 'last'] as const) client.subscribe(field, { fields: [field] });
  assert.deepEqual((await peer.next())['fields'], ['bid', 'ask', 'last']);
});

test('a lane that is one too many waits for another one to end', async (t) => {
  const limits = { request_bytes: 65_536, entries: 1000, lanes: 1 };
  const { client, peer } = await connected(t, {}, { limits });
  client.subscribe('a', { intervalMs: 100 });
  const first = await peer.next();
  peer.subscribed(first);
  client.subscribe('b', { intervalMs: 0 });
  assert.deepEqual(await peer.next(), { op: 'unsubscribe', channel: 'ticker', symbols: ['a'] });
  peer.reply({ type: 'unsubscribed', channel: 'ticker', symbols: ['a'], count: 1, rejected: [] });
  assert.deepEqual([await peer.next()].map(({ symbols, interval_ms }) => [symbols, interval_ms]), [[['a'], 0]]);
});
