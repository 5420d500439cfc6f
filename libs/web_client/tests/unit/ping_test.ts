// Asking for the service's time, and how long an answer takes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connected, heard, type Scene } from '../fake_server.js';

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
