// Losing the connection and coming back: what is asked for with `since`, what without, and what becomes of the state.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, SubscribeOptions, TradeEvent } from '../../src/index.js';
import { connected, heard, until, type Json, type Peer, type Scene } from '../fake_server.js';

interface Live extends Scene { peer: Peer; readonly changes: string[] }

const symbolOf = ({ kind, symbol, changed }: Change): string => `${kind} ${symbol} ${changed.join()}`;

// Answers one subscription with a snapshot.
async function serve(peer: Peer, version: number, data: Json[]): Promise<Json> {
  const request = await peer.next();
  peer.subscribed(request);
  peer.send({ type: 'snapshot', lane: request['lane'], version, data });
  return request;
}

// A client that watches `*` slowly, and `a` fast.
async function live(t: Parameters<typeof connected>[0]): Promise<Live> {
  const stage = await connected(t);
  const changes: string[] = [];
  stage.client.subscribe('*', { fields: ['bid'], intervalMs: 1000 }, (change) => changes.push(symbolOf(change)));
  await serve(stage.peer, 10, [{ symbol: 'a', bid: '1' }, { symbol: 'b', bid: '1' }]);
  stage.client.subscribe('a', { fields: ['bid'], intervalMs: 0 });
  await serve(stage.peer, 12, [{ symbol: 'a', bid: '1' }]);
  await heard(stage.client, stage.peer);
  changes.length = 0;
  return { ...stage, changes };
}

async function cut({ client, peer }: Live): Promise<void> {
  peer.socket.terminate();
  await until(() => client.state === 'reconnecting', 'the cut is noticed');
}

async function back(stage: Live, hello: Json = {}): Promise<Peer> {
  stage.host.advance(stage.host.timers[0] ?? assert.fail('it waits for nothing'));
  stage.peer = await stage.server.accept();
  stage.peer.hello(hello);
  await until(() => stage.client.state === 'open', 'it is back');
  return stage.peer;
}

const since = ({ symbols, since: asked }: Json): [unknown, unknown] => [symbols, asked];

test('what is watched is asked for again, each as of the oldest version at which all of it is held', async (t) => {
  const stage = await live(t);
  await cut(stage);
  assert.equal(stage.client.stale, true);
  const peer = await back(stage);
  const slow = await peer.next();
  assert.deepEqual(since(slow), [['*'], { epoch: 'e1', version: 10 }]);
  assert.equal(slow['wait'], true); // it stood: so it does, though its instruments be gone
  peer.subscribed(slow, { resumed: true });
  const fast = await peer.next();
  // Not 12: what is new since 10 came with the answer above, which lists less than this one may.
  assert.deepEqual(since(fast), [['a'], { epoch: 'e1', version: 10 }]);
  peer.subscribed(fast, { resumed: true });
  peer.send({ type: 'delta', lane: slow['lane'], version: 20, data: [{ symbol: 'b', bid: '2' }] });
  await heard(stage.client, peer);
  assert.equal(stage.client.stale, true);
  peer.send({ type: 'delta', lane: fast['lane'], version: 20, data: [] });
  await heard(stage.client, peer);
  assert.equal(stage.client.stale, false);
  assert.deepEqual([...stage.client.held], [['a', { bid: '1' }], ['b', { bid: '2' }]]);
  assert.deepEqual(stage.changes, ['update b bid']);
  assert.equal(stage.server.most, 1);
});

test('the version of a frame with more to come is none to resume from', async (t) => {
  const stage = await live(t);
  const lane = '1000//1';
  stage.peer.send({ type: 'delta', lane, version: 15, data: [] }, { type: 'delta', lane: '0//1', version: 15, data: [] },
    { type: 'delta', lane, more: true, data: [{ symbol: 'b', bid: '5' }] });
  await heard(stage.client, stage.peer);
  await cut(stage);
  const peer = await back(stage);
  assert.deepEqual(since(await peer.next()), [['*'], { epoch: 'e1', version: 15 }]);
});

test('a refused since: a snapshot confirms what is held, the rest ends', async (t) => {
  const stage = await live(t);
  await cut(stage);
  const peer = await back(stage);
  const slow = await peer.next();
  peer.subscribed(slow, { resumed: false });
  const fast = await peer.next();
  assert.deepEqual(since(fast), [['a'], undefined]); // a snapshot comes first: less is held than was
  peer.send({ type: 'snapshot', lane: slow['lane'], more: true, data: [{ symbol: 'a', bid: '1' }] },
    { type: 'snapshot', lane: slow['lane'], version: 30, data: [{ symbol: 'c', bid: '1' }] });
  peer.subscribed(fast);
  peer.send({ type: 'snapshot', lane: fast['lane'], version: 30, data: [{ symbol: 'a', bid: '4' }] });
  await heard(stage.client, peer);
  assert.deepEqual(stage.changes, ['snapshot c bid', 'snapshot a bid', 'removed b bid']);
  assert.deepEqual([...stage.client.held], [['a', { bid: '4' }], ['c', { bid: '1' }]]);
});

test('another epoch in the greeting: no since, and its snapshot replaces all', async (t) => {
  const stage = await live(t);
  await cut(stage);
  const peer = await back(stage, { epoch: 'e2' });
  assert.deepEqual(since(await serve(peer, 3, [{ symbol: 'a', bid: '8' }])), [['*'], undefined]);
  assert.deepEqual(since(await serve(peer, 3, [{ symbol: 'a', bid: '8' }])), [['a'], undefined]);
  await heard(stage.client, peer);
  assert.deepEqual([...stage.client.held], [['a', { bid: '8' }]]);
  assert.deepEqual(stage.changes, ['snapshot a bid', 'removed b bid']);
});

test('another epoch on an open connection: stale until its snapshots are there', async (t) => {
  const stage = await live(t);
  stage.peer.send({ type: 'epoch', epoch: 'e2' }, { type: 'snapshot', lane: '1000//1', version: 3, data: [{ symbol: 'b', bid: '1' }] });
  await heard(stage.client, stage.peer);
  assert.equal(stage.client.stale, true);
  stage.peer.send({ type: 'snapshot', lane: '0//1', version: 3, data: [] });
  await heard(stage.client, stage.peer);
  assert.deepEqual([stage.client.stale, [...stage.client.held]], [false, [['b', { bid: '1' }]]]);
  await cut(stage);
  const peer = await back(stage, { epoch: 'e2' });
  assert.deepEqual(since(await peer.next()), [['*'], { epoch: 'e2', version: 3 }]);
});

test('what was added while away is asked for without since', async (t) => {
  const stage = await live(t);
  await cut(stage);
  stage.client.subscribe('c', { fields: ['bid'], intervalMs: 1000 });
  const peer = await back(stage);
  const requests: Json[] = [];
  for (let i = 0; i < 3; i += 1) {
    requests.push(await peer.next());
    peer.subscribed(requests[i] ?? {}, { resumed: 'since' in (requests[i] ?? {}) });
  }
  assert.deepEqual(requests.map(since), [
    [['*'], { epoch: 'e1', version: 10 }], [['c'], undefined], [['a'], { epoch: 'e1', version: 10 }]]);
});

test('new fields are asked for without since', async (t) => {
  const stage = await live(t);
  await cut(stage);
  stage.client.subscribe('a', { fields: ['last'], intervalMs: 0 });
  const peer = await back(stage);
  peer.subscribed(await peer.next(), { resumed: true });
  const fast = await peer.next();
  assert.deepEqual([fast['fields'], ...since(fast)], [['bid', 'last'], ['a'], undefined]);
});

test('what was closed while away is not asked for, nor held', async (t) => {
  const stage = await connected(t);
  const watch = stage.client.subscribe('a');
  stage.client.subscribe('b');
  await serve(stage.peer, 10, [{ symbol: 'a', bid: '1' }, { symbol: 'b', bid: '1' }]);
  await heard(stage.client, stage.peer);
  const again: Live = { ...stage, changes: [] };
  await cut(again);
  watch.close();
  const peer = await back(again);
  const request = await peer.next();
  assert.deepEqual(since(request), [['b'], { epoch: 'e1', version: 10 }]);
  peer.subscribed(request, { resumed: true });
  peer.send({ type: 'delta', lane: request['lane'], version: 11, data: [] });
  await heard(stage.client, peer);
  assert.deepEqual([...stage.client.held.keys()], ['b']);
});

test('cut before the snapshot has come whole: no since for it, nor for what it took', async (t) => {
  const stage = await live(t);
  stage.client.subscribe('b', { fields: ['bid'], intervalMs: 0 });
  const request = await stage.peer.next();
  stage.peer.subscribed(request);
  stage.peer.send({ type: 'snapshot', lane: request['lane'], more: true, data: [] },
    { type: 'delta', lane: '1000//1', version: 15, data: [] });
  await heard(stage.client, stage.peer);
  await cut(stage);
  const peer = await back(stage);
  const slow = await peer.next();
  assert.deepEqual(since(slow), [['*'], undefined]);
});

test('cut when a snapshot had replaced more by less: no since for what was more', async (t) => {
  const stage = await connected(t);
  stage.client.subscribe('a', { fields: ['last'], intervalMs: 0 });
  const slow = stage.client.subscribe('b', { fields: ['bid'], intervalMs: 1000 });
  await serve(stage.peer, 10, [{ symbol: 'b', bid: '1' }]);
  await serve(stage.peer, 10, [{ symbol: 'a', last: '1' }]);
  await heard(stage.client, stage.peer);
  slow.close();
  stage.client.subscribe('*', { fields: ['bid'], intervalMs: 1000 });
  await stage.peer.next();
  stage.peer.reply({ type: 'unsubscribed', channel: 'ticker', symbols: ['b'], count: 1, rejected: [] });
  await serve(stage.peer, 11, [{ symbol: 'a', bid: '1' }, { symbol: 'b', bid: '1' }]);
  await stage.peer.next();
  const again: Live = { ...stage, changes: [] };
  await cut(again);
  const peer = await back(again);
  const first = await peer.next();
  assert.deepEqual(since(first), [['*'], undefined]);
  peer.subscribed(first);
  assert.deepEqual(since(await peer.next()), [['a'], undefined]);
});

test('cut before what fell back was served: no since for where it fell to', async (t) => {
  const stage = await connected(t);
  stage.client.subscribe('*', { fields: ['bid'], intervalMs: 1000 });
  await serve(stage.peer, 10, [{ symbol: 'a', bid: '1' }]);
  const focus = stage.client.subscribe('a', { fields: ['bid'], intervalMs: 0 });
  await serve(stage.peer, 10, [{ symbol: 'a', bid: '1' }]);
  stage.peer.send({ type: 'delta', lane: '1000//1', version: 30, data: [] });
  await heard(stage.client, stage.peer);
  focus.close();
  await stage.peer.next();
  stage.peer.reply({ type: 'unsubscribed', channel: 'ticker', symbols: ['a'], count: 1, rejected: [] });
  await heard(stage.client, stage.peer);
  const again: Live = { ...stage, changes: [] };
  await cut(again);
  assert.deepEqual(since(await (await back(again)).next()), [['*'], undefined]);
});

test('lanes that share nothing are resumed each from its own version', async (t) => {
  const stage = await connected(t);
  stage.client.subscribe('a:*', { intervalMs: 1000 });
  await serve(stage.peer, 10, []);
  stage.client.subscribe('b:*', { intervalMs: 0 });
  const fast = await serve(stage.peer, 12, []);
  stage.peer.send({ type: 'delta', lane: fast['lane'], version: 90, data: [] });
  await heard(stage.client, stage.peer);
  const again: Live = { ...stage, changes: [] };
  await cut(again);
  const peer = await back(again);
  const first = await peer.next();
  assert.deepEqual(since(first), [['a:*'], { epoch: 'e1', version: 10 }]);
  peer.subscribed(first, { resumed: true });
  assert.deepEqual(since(await peer.next()), [['b:*'], { epoch: 'e1', version: 90 }]);
});

test('cut again while coming back: what was not asked for again is still held', async (t) => {
  const stage = await live(t);
  await cut(stage);
  let peer = await back(stage);
  const slow = await peer.next();
  peer.subscribed(slow, { resumed: true });
  peer.send({ type: 'delta', lane: slow['lane'], version: 40, data: [] });
  await heard(stage.client, peer);
  await cut(stage);
  peer = await back(stage);
  const again = await peer.next();
  assert.deepEqual(since(again), [['*'], { epoch: 'e1', version: 10 }]); // as of which `a` is held
  peer.subscribed(again, { resumed: true });
  assert.deepEqual(since(await peer.next()), [['a'], { epoch: 'e1', version: 10 }]);
});

test('a name that was rejected is asked for again on the next connection', async (t) => {
  const stage: Live = { ...(await connected(t)), changes: [] };
  stage.client.subscribe(['a', 'x']);
  stage.peer.subscribed(await stage.peer.next(), { symbols: ['a'], rejected: [{ symbol: 'x', code: 'unknown_symbol' }] });
  await heard(stage.client, stage.peer);
  await cut(stage);
  const peer = await back(stage);
  const first = await peer.next();
  peer.subscribed(first);
  assert.deepEqual([first, await peer.next()].map(({ symbols, wait }) => [symbols, wait]), [[['a'], true], [['x'], undefined]]);
});

// --- trades ---

const trade = (symbol: string, seq: number): Json =>
  ({ symbol, seq, id: `${seq}`, price: '1', size: '1', side: 'buy', exchange_time_us: 1 });
const heardOf = (event: TradeEvent): string =>
  event.type === 'trade' ? `${event.symbol} ${event.seq}` : `${event.symbol} gap ${event.from_seq} ${event.missed} ${event.source}`;

async function trading(t: Parameters<typeof connected>[0]): Promise<Live> {
  const stage: Live = { ...(await connected(t)), changes: [] };
  stage.client.subscribeTrades(['a', 'b'], (event) => stage.changes.push(heardOf(event)));
  const request = await stage.peer.next();
  assert.deepEqual(request, { op: 'subscribe', channel: 'trades', symbols: ['a', 'b'] });
  stage.peer.subscribed(request);
  return stage;
}

test('trades come in order, and gaps where they are', async (t) => {
  const { client, peer, changes } = await trading(t);
  peer.send({ type: 'trades', version: 3, data: [trade('a', 1), trade('b', 7)] },
    { type: 'gap', channel: 'trades', symbol: 'a', from_seq: 2, missed: 3, source: 'venue' },
    { type: 'trades', version: 4, data: [trade('a', 5)] });
  await heard(client, peer);
  assert.deepEqual(changes, ['a 1', 'b 7', 'a gap 2 3 venue', 'a 5']);
});

test('missed trades are asked for, and each is told once', async (t) => {
  const stage = await trading(t);
  stage.peer.send({ type: 'trades', version: 3, data: [trade('a', 1)] }, { type: 'trades', more: true, data: [trade('a', 2)] });
  await heard(stage.client, stage.peer);
  await cut(stage);
  let peer = await back(stage);
  const request = await peer.next();
  assert.deepEqual(since(request), [['a', 'b'], { epoch: 'e1', version: 3 }]);
  peer.subscribed(request, { resumed: true });
  peer.send({ type: 'trades', more: true, data: [trade('a', 2)] }, { type: 'trades', version: 9, data: [trade('a', 3)] });
  await heard(stage.client, peer);
  assert.deepEqual(stage.changes, ['a 1', 'a 2', 'a 3']);
  await cut(stage);
  peer = await back(stage);
  assert.deepEqual(since(await peer.next())[1], { epoch: 'e1', version: 9 });
});

test('resumed without having missed a trade it can resume from there again', async (t) => {
  const stage = await trading(t);
  stage.peer.send({ type: 'trades', version: 3, data: [trade('a', 1)] });
  await heard(stage.client, stage.peer);
  for (let turn = 0; turn < 2; turn += 1) {
    await cut(stage);
    const peer = await back(stage);
    const request = await peer.next();
    assert.deepEqual(since(request)[1], { epoch: 'e1', version: 3 });
    peer.subscribed(request, { resumed: true });
    await heard(stage.client, peer);
  }
  assert.deepEqual(stage.changes, ['a 1']);
});

test('trades that can not be resumed have a gap, and so has another epoch', async (t) => {
  const stage = await trading(t);
  stage.peer.send({ type: 'trades', version: 3, data: [trade('a', 1)] });
  await heard(stage.client, stage.peer);
  await cut(stage);
  let peer = await back(stage);
  peer.subscribed(await peer.next(), { resumed: false });
  peer.send({ type: 'trades', version: 9, data: [trade('a', 9)] });
  await heard(stage.client, peer);
  await cut(stage);
  peer = await back(stage, { epoch: 'e2' });
  peer.subscribed(await peer.next());
  peer.send({ type: 'trades', version: 2, data: [trade('a', 1)] });
  await heard(stage.client, peer);
  assert.deepEqual(stage.changes, ['a 1', 'a gap 2 null client', 'a 9', 'a gap 0 null client', 'a 1']);
});

test('a replica that is behind tells no trade and no gap a second time', async (t) => {
  const stage = await trading(t);
  stage.peer.send({ type: 'trades', version: 9, data: [trade('a', 4), trade('a', 5)] });
  await heard(stage.client, stage.peer);
  await cut(stage);
  const peer = await back(stage);
  peer.subscribed(await peer.next(), { version: 6, resumed: false });
  peer.send({ type: 'gap', channel: 'trades', symbol: 'a', from_seq: 4, missed: 1, source: 'venue' },
    { type: 'trades', version: 7, data: [trade('a', 4)] }, { type: 'trades', version: 10, data: [trade('a', 5), trade('a', 6)] });
  await heard(stage.client, peer);
  assert.deepEqual(stage.changes, ['a 4', 'a 5', 'a gap 6 null client', 'a 6']);
});

test('a pattern that joins running trades makes no gap', async (t) => {
  const stage = await trading(t);
  stage.peer.send({ type: 'trades', version: 3, data: [trade('a', 1)] });
  await heard(stage.client, stage.peer);
  stage.client.subscribeTrades('*', () => {});
  stage.peer.subscribed(await stage.peer.next());
  stage.peer.send({ type: 'trades', version: 4, data: [trade('a', 2)] });
  await heard(stage.client, stage.peer);
  assert.deepEqual(stage.changes, ['a 1', 'a 2']);
});

// --- status ---

test('feeds are told of at once, to later watches too, and again after a reconnect', async (t) => {
  const stage: Live = { ...(await connected(t)), changes: [] };
  stage.client.subscribeStatus('*', ({ feed, state }) => stage.changes.push(`${feed} ${state}`));
  const request = await stage.peer.next();
  assert.deepEqual(request, { op: 'subscribe', channel: 'status', symbols: ['*'] });
  stage.peer.subscribed(request);
  stage.peer.send({ type: 'status', feed: 'k', state: 'live', since_us: 1, reason: '' }, { type: 'status', feed: 'b', state: 'down', since_us: 1, reason: 'gone' });
  await heard(stage.client, stage.peer);
  stage.client.subscribeStatus('k', ({ feed }) => stage.changes.push(`later ${feed}`));
  await heard(stage.client, stage.peer);
  assert.deepEqual(stage.changes, ['k live', 'b down', 'later k']);
  await cut(stage);
  const peer = await back(stage);
  const again = await peer.next();
  assert.deepEqual(since(again)[1], undefined);
  peer.subscribed(again);
  peer.send({ type: 'status', feed: 'k', state: 'stale', since_us: 2, reason: '' });
  await heard(stage.client, peer);
  assert.deepEqual([...stage.client.feeds.values()].map(({ feed, state }) => [feed, state]), [['k', 'stale']]);
});

const kOptions: SubscribeOptions = { maxKbitPerS: 64, wait: true };
test('all options are sent', async (t) => {
  const { client, peer } = await connected(t);
  client.subscribe('a', kOptions);
  const { lane: _, ...request } = await peer.next();
  assert.deepEqual(request, { op: 'subscribe', channel: 'ticker', symbols: ['a'], wait: true, max_kbit_per_s: 64 });
});
