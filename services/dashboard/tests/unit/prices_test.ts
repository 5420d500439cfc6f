// What is asked of the service for a view, and what its rows are then.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connected, heard, type Json, type Peer, type Scene } from '../../../../libs/web_client/tests/fake_server.js';
import { Prices } from '../../src/prices.js';
import { Rows } from '../../src/rows/rows.js';

interface Stage extends Scene { readonly peer: Peer; readonly rows: Rows; readonly prices: Prices }

async function stage(t: { after(callback: () => void): void }): Promise<Stage> {
  const scene = await connected(t);
  const rows = new Rows();
  return { ...scene, rows, prices: new Prices(scene.client, rows, () => {}) };
}

// Answers the next request; the snapshot has these instruments.
async function answer({ peer, client }: Stage, symbols: readonly string[]): Promise<Json> {
  const request = await peer.next();
  peer.subscribed(request);
  const data = symbols.map((symbol) => ({ symbol, bid: '1', stale: false }));
  peer.send({ type: 'snapshot', lane: request['lane'], version: 2, data });
  await heard(client, peer);
  return request;
}

const symbolsOf = (rows: Rows): string[] => [...rows].map(({ symbol }) => symbol).sort();

test('all instruments are one pattern, with the fields that are shown', async (t) => {
  const scene = await stage(t);
  scene.prices.show({ symbols: undefined, fields: ['ask', 'bid'] });
  const { symbols, fields, interval_ms: intervalMs } = await answer(scene, ['k:A', 'k:B']);
  assert.deepEqual([symbols, fields, intervalMs], [['*'], ['bid', 'ask'], 100]);
  assert.deepEqual(symbolsOf(scene.rows), ['k:A', 'k:B']);
});

test('a watchlist asks for its instruments only, known or not', async (t) => {
  const scene = await stage(t);
  scene.prices.show({ symbols: undefined, fields: ['bid'] });
  await answer(scene, ['k:A', 'k:B']);
  scene.prices.show({ symbols: ['k:A', 'k:later'], fields: ['bid'] });
  assert.deepEqual(symbolsOf(scene.rows), ['k:A', 'k:later']);
  const ended = await scene.peer.next();
  assert.deepEqual([ended['op'], ended['symbols']], ['unsubscribe', ['*']]);
  scene.peer.reply({ type: 'unsubscribed', count: 1 });
  const { symbols, wait } = await answer(scene, ['k:A']);
  assert.deepEqual([symbols, wait], [['k:A', 'k:later'], true]);
  assert.deepEqual(symbolsOf(scene.rows), ['k:A', 'k:later']);
  assert.deepEqual(['k:A', 'k:later'].map((symbol) => scene.prices.isStale(scene.rows.get(symbol) ?? { quote: {} })), [false, true]);
});

test('an empty watchlist asks for nothing and shows nothing', async (t) => {
  const scene = await stage(t);
  scene.prices.show({ symbols: undefined, fields: ['bid'] });
  await answer(scene, ['k:A']);
  scene.prices.show({ symbols: [], fields: ['bid'] });
  assert.equal((await scene.peer.next())['op'], 'unsubscribe');
  scene.peer.reply({ type: 'unsubscribed', count: 0 });
  await heard(scene.client, scene.peer);
  assert.deepEqual([scene.peer.unread, symbolsOf(scene.rows)], [0, []]);
});

test('a token that hides a field is shown what it may see', async (t) => {
  const scene = await stage(t);
  scene.prices.show({ symbols: undefined, fields: ['ask', 'exchange_time_us'] });
  assert.deepEqual((await scene.peer.next())['fields'], ['ask', 'exchange_time_us']);
  scene.peer.reply({ type: 'error', code: 'unknown_field', message: 'no field "exchange_time_us"' });
  const { symbols, fields } = await answer(scene, ['k:A']);
  assert.deepEqual([symbols, fields, symbolsOf(scene.rows)], [['*'], undefined, ['k:A']]);
  scene.prices.show({ symbols: ['k:A'], fields: ['bid'] });
  assert.equal((await scene.peer.next())['op'], 'unsubscribe');
  scene.peer.reply({ type: 'unsubscribed', count: 1 });
  assert.equal((await answer(scene, ['k:A']))['fields'], undefined);
});

test('the same view again asks for nothing', async (t) => {
  const scene = await stage(t);
  scene.prices.show({ symbols: undefined, fields: ['bid'] });
  await answer(scene, []);
  scene.prices.show({ symbols: undefined, fields: ['bid'] });
  await heard(scene.client, scene.peer);
  assert.equal(scene.peer.unread, 0);
});

test('nothing is live once the connection is gone', async (t) => {
  const scene = await stage(t);
  scene.prices.show({ symbols: undefined, fields: ['bid'] });
  await answer(scene, ['k:A']);
  const row = scene.rows.get('k:A') ?? { quote: {} };
  assert.equal(scene.prices.isStale(row), false);
  scene.client.close();
  assert.equal(scene.prices.isStale(row), true);
});
