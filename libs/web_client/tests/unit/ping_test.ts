// Asking for the service's time, and how long an answer takes; and what it means if there is none.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connected, heard, type Peer, type Scene } from '../fake_server.js';

const pongs = ({ events }: Scene): object[] =>
  events.flatMap((event) => (event.type === 'pong' ? [[event.timeUs, event.roundTripMs]] : []));

test('a pong says how long it took', async (t) => {
  const stage = await connected(t);
  const { client, peer, host } = stage;
  client.ping();
  assert.deepEqual(await peer.next(), { op: 'ping' });
  host.advance(30);
  peer.reply({ type: 'pong', time_us: 5_000_000 });
  await heard(client, peer);
  assert.deepEqual(pongs(stage), [[5_000_000, 30]]);
});

test('one ping is under way at a time, and only its own answer counts', async (t) => {
  const stage = await connected(t);
  const { client, peer } = stage;
  client.ping();
  client.ping();
  await peer.next();
  peer.send({ type: 'pong', time_us: 1 }, { type: 'pong', id: 'other', time_us: 1 });
  await heard(client, peer);
  assert.deepEqual([peer.unread, pongs(stage)], [0, []]);
});

test('after a ping was refused there may be another one', async (t) => {
  const { client, peer } = await connected(t);
  client.ping();
  await peer.next();
  peer.reply({ type: 'error', code: 'rate_limited', message: 'too many' });
  await heard(client, peer);
  client.ping();
  assert.deepEqual(await peer.next(), { op: 'ping' });
});

// The first pong took so long.
async function ponged(t: Parameters<typeof connected>[0], ms: number): Promise<Scene & { readonly peer: Peer }> {
  const stage = await connected(t);
  stage.client.ping();
  await stage.peer.next();
  stage.host.advance(ms);
  assert.equal(stage.client.state, 'open');
  stage.peer.reply({ type: 'pong', time_us: 1 });
  await heard(stage.client, stage.peer);
  return stage;
}

test('a line on which a ping brings nothing any more is dead', async (t) => {
  const { client, peer, host } = await ponged(t, 30);
  client.ping();
  await peer.next();
  host.advance(4999);
  assert.equal(client.state, 'open');
  host.advance(1);
  assert.equal(client.state, 'reconnecting');
});

test('whatever is heard after a ping shows that the line lives', async (t) => {
  const { client, peer, host } = await ponged(t, 30);
  client.ping();
  await peer.next();
  peer.send({ type: 'heartbeat', time_us: 1 });
  await heard(client, peer);
  host.advance(5000);
  assert.equal(client.state, 'open');
});

test('a ping behind which a snapshot or a replay is awaited puts no line to death', async (t) => {
  const { client, peer, host } = await ponged(t, 30);
  client.subscribe('k:A');
  const request = await peer.next();
  client.ping();
  await peer.next();
  host.advance(6000);
  assert.equal(client.state, 'open');
  peer.subscribed(request);
  peer.send({ type: 'snapshot', lane: request['lane'], version: 1, data: [] });
  peer.reply({ type: 'pong', time_us: 2 });
  await heard(client, peer);
  client.replay({ op: 'replay', recording: 'monday' });
  await peer.next();
  client.ping();
  await peer.next();
  host.advance(6000);
  assert.equal(client.state, 'open');
});

test('on a slow line a pong may take longer, as the first one did', async (t) => {
  const { client, host } = await ponged(t, 8000);
  client.ping();
  host.advance(15_999);
  assert.equal(client.state, 'open');
  host.advance(1);
  assert.equal(client.state, 'reconnecting');
});
