// Trades that were made before anybody watched them, and of instruments that are not there yet.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TradeEvent } from '../../src/index.js';
import { connected, heard, until, type Json } from '../fake_server.js';

const trade = (symbol: string, seq: number): Json =>
  ({ symbol, seq, id: String(seq), price: '1', size: '2', side: 'buy', exchange_time_us: null });
const told = (event: TradeEvent): string => `${event.symbol} ${event.type === 'trade' ? event.seq : 'gap'}`;

test('recent trades are those since the epoch began, as far as the service has them', async (t) => {
  const { client, peer } = await connected(t);
  const events: string[] = [];
  client.subscribeTrades('a', (event) => events.push(told(event)), { recent: true });
  const request = await peer.next();
  assert.deepEqual(request['since'], { epoch: 'e1', version: 0 });
  peer.subscribed(request, { resumed: true });
  peer.send({ type: 'gap', channel: 'trades', symbol: 'a', from_seq: 1, missed: 6, source: 'client' },
    { type: 'trades', version: 9, data: [trade('a', 7), trade('a', 8)] });
  await heard(client, peer);
  assert.deepEqual(events, ['a gap', 'a 7', 'a 8']);
});

test('after a cut, recent trades are asked for from where they were', async (t) => {
  const { client, peer, host, server } = await connected(t);
  const events: string[] = [];
  client.subscribeTrades('a', (event) => events.push(told(event)), { recent: true });
  peer.subscribed(await peer.next(), { resumed: true });
  peer.send({ type: 'trades', version: 9, data: [trade('a', 8)] });
  await heard(client, peer);
  peer.socket.terminate();
  await until(() => client.state === 'reconnecting', 'it is lost');
  host.advance(1000);
  const next = await server.accept();
  next.hello();
  assert.deepEqual((await next.next())['since'], { epoch: 'e1', version: 9 });
  assert.deepEqual(events, ['a 8']);
});

test('trades of a name that is unknown yet can be waited for', async (t) => {
  const { client, peer } = await connected(t);
  client.subscribeTrades('a', () => {});
  const first = await peer.next();
  peer.subscribed(first, { symbols: [], rejected: [{ symbol: 'a', code: 'unknown_symbol' }] });
  await heard(client, peer);
  client.subscribeTrades('a', () => {}, { wait: true });
  assert.deepEqual([first['wait'], (await peer.next())['wait']], [undefined, true]);
});

test('what one watch of trades asks for is not undone by another one of the same', async (t) => {
  const { client, peer } = await connected(t);
  client.subscribeTrades('a', () => {}, { wait: true, recent: true });
  client.subscribeTrades('a', () => {});
  const { wait, since } = await peer.next();
  assert.deepEqual([wait, since], [true, { epoch: 'e1', version: 0 }]);
});
