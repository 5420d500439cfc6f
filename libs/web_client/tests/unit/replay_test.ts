// A recording in the market's stead: what is watched is taken from there, and back again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connected, heard } from '../fake_server.js';

test('what is watched is the recording, then the market again', async (t) => {
  const { client, peer } = await connected(t);
  const states: string[] = [];
  client.addEventListener('message', ({ message }) => { if (message?.type === 'replay') states.push(message.state); });
  const watch = client.subscribe('*', { fields: ['bid'] });
  const request = await peer.next();
  peer.subscribed(request);
  const lane = request['lane'];
  peer.send({ type: 'snapshot', lane, version: 10, data: [{ symbol: 'live', bid: '1' }] });
  await heard(client, peer);

  client.replay({ op: 'replay', recording: 'day', speed: 'max' });
  assert.deepEqual(await peer.next(), { op: 'replay', recording: 'day', speed: 'max' });
  peer.reply({ type: 'replaying', epoch: 'r1', recording: 'day', from_us: 1, to_us: null, speed: 'max' });
  peer.send({ type: 'replay', state: 'playing', position_us: 1 }, { type: 'epoch', epoch: 'r1' },
    { type: 'snapshot', lane, version: 3, data: [{ symbol: 'recorded', bid: '2' }] },
    { type: 'replay', state: 'ended', position_us: 9 });
  await heard(client, peer);
  assert.deepEqual([watch.get('live'), watch.get('recorded')?.bid], [undefined, '2']);
  assert.deepEqual(states, ['playing', 'ended']);

  peer.send({ type: 'epoch', epoch: 'e1' }, { type: 'snapshot', lane, version: 12, data: [{ symbol: 'live', bid: '3' }] });
  await heard(client, peer);
  assert.deepEqual([watch.get('live')?.bid, watch.get('recorded')], ['3', undefined]);
  assert.equal(peer.unread, 0); // nothing had to be asked for again
});
