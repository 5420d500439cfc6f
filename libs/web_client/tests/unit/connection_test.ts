// How a connection is kept: pauses, silences, codes, the page's events. Time moves by hand, sockets are real.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { kCloseCodes } from '../../src/codes.js';
import { reconnects } from '../../src/connection.js';
import { connected, heard, scene, until, type Scene } from '../fake_server.js';
import { ManualHost } from '../manual_host.js';

const lost = (client: Scene['client']): Promise<void> => until(() => client.state === 'reconnecting', 'the loss is noticed');
const kinds = ({ events }: Scene): string[] => events.map((event) => (event.type === 'state' ? event.state : event.type));
// The timer of the next attempt stands.
const waits = ({ host }: Scene, ms: number): Promise<void> => until(() => host.timers.includes(ms), `a pause of ${ms} ms`);

test('connects, greets, and tells so', async (t) => {
  const stage = await connected(t);
  assert.deepEqual(kinds(stage), ['open', 'open', 'stale']);
  assert.deepEqual([stage.client.readyState, stage.client.stale, stage.peer.socket.protocol], [1, false, 'ticker.v1.json']);
});

test('the state is that of a WebSocket, too', async (t) => {
  const { client, server } = await scene(t);
  assert.deepEqual([client.state, client.readyState, client.stale], ['connecting', 0, true]);
  const peer = await server.accept();
  client.close();
  assert.deepEqual([client.state, client.readyState], ['closed', 3]);
  await peer.closed();
});

test('pauses between attempts double up to a bound, by chance', async (t) => {
  const stage = await connected(t, { minDelayMs: 100, maxDelayMs: 1000 });
  const { host, server, client } = stage;
  const pauses: (number | undefined)[] = [];
  client.on('close', ({ retryInMs }) => pauses.push(retryInMs));
  let { peer } = stage;
  for (const chance of [0.5, 0.999, 0, 0.5, 0.5, 0.5]) {
    host.chance = chance;
    peer.socket.terminate();
    await until(() => client.state === 'reconnecting', 'lost');
    host.advance(1000);
    peer = await server.accept();
    peer.hello();
    await until(() => client.state === 'open', 'open again');
  }
  assert.deepEqual(pauses, [50, 199.8, 0, 400, 500, 500]);
  assert.equal(server.most, 1);
});

test('a connection that lasted makes the pauses start anew', async (t) => {
  const stage = await connected(t, { minDelayMs: 100 });
  const { host, server, client } = stage;
  stage.peer.socket.terminate();
  await lost(client);
  host.advance(50);
  const second = await server.accept();
  second.hello();
  await until(() => client.state === 'open', 'open again');
  host.advance(10_000);
  second.socket.terminate();
  await lost(client);
  await waits(stage, 50);
});

test('an attempt that gets no greeting in time is given up, and made again', async (t) => {
  const stage = await scene(t, { openTimeoutMs: 2000 });
  const { host, server, client } = stage;
  const peer = await server.accept();
  await heard(client, peer);
  host.advance(2000);
  assert.equal(client.state, 'reconnecting');
  assert.equal(await peer.closed(), 4003);
  await waits(stage, 250);
  host.advance(250);
  (await server.accept()).hello();
  await until(() => client.state === 'open', 'open');
  assert.equal(server.most, 1);
});

test('a service that is not there is tried again', async (t) => {
  const host = new ManualHost();
  host.openSocket = () => {
    host.opened += 1;
    const socket = { onopen: null, onmessage: null, onclose: null, onerror: null, send: () => {}, close: () => {} };
    queueMicrotask(() => (socket as { onclose: ((event: object) => void) | null }).onclose?.({ code: 1006, reason: '' }));
    return socket;
  };
  const { client, events } = await scene(t, {}, host);
  const failures = (): number => events.filter((event) => event.type === 'close').length;
  for (let attempt = 1; attempt <= 20; attempt += 1) {
    await until(() => failures() === attempt, `attempt ${attempt}`);
    const [pause = Infinity] = host.timers;
    assert.ok(pause <= 15_000);
    host.advance(pause);
  }
  assert.equal(client.state, 'reconnecting');
});

test('where no socket can be made, it says so and gives up', async (t) => {
  const host = new ManualHost();
  host.openSocket = () => { throw new Error('no sockets here'); };
  const { client, events } = await scene(t, {}, host);
  await until(() => client.state === 'closed', 'closed');
  assert.ok(events.some((event) => event.type === 'close' && event.reason.includes('no sockets here') && event.retryInMs === undefined));
});

test('a connection that is silent for two heartbeats is dead', async (t) => {
  const stage = await connected(t, {}, { heartbeat_ms: 1000 });
  const { host, client, peer } = stage;
  host.advance(1500);
  peer.send({ type: 'heartbeat', time_us: 1 });
  await heard(client, peer);
  host.advance(1999);
  assert.equal(client.state, 'open');
  host.advance(1);
  assert.deepEqual([client.state, client.stale], ['reconnecting', true]);
  assert.equal(await peer.closed(), 4003);
});

test('the next socket waits for the old one to close, but not for ever', async (t) => {
  const stage = await connected(t, { minDelayMs: 0 }, { heartbeat_ms: 1000 });
  const { host, server, client, peer } = stage;
  peer.socket.pause(); // it hears nothing: no closing handshake
  host.advance(2000);
  assert.equal(client.state, 'reconnecting');
  host.advance(1999);
  assert.equal(host.opened, 1);
  host.advance(1);
  await until(() => host.opened === 2, 'another attempt');
  (await server.accept()).hello();
  await until(() => client.state === 'open', 'open again');
});

test('a goodbye says when to come back', async (t) => {
  const stage = await connected(t);
  stage.peer.send({ type: 'goodbye', reason: 'restart', reconnect_in_ms: 2300 });
  stage.peer.socket.close(1012);
  await lost(stage.client);
  await waits(stage, 2300);
  stage.host.page('online'); // does not make it come earlier
  assert.deepEqual(stage.host.timers, [2300]);
});

test('a goodbye that asks for too much is not listened to', async (t) => {
  const stage = await connected(t);
  stage.peer.send({ type: 'goodbye', reason: 'restart', reconnect_in_ms: 1e12 });
  stage.peer.socket.close(1012);
  await lost(stage.client);
  await waits(stage, 60_000);
});

for (const [number, { name, reconnect }] of Object.entries(kCloseCodes)) {
  test(`after ${number} ${name} it ${reconnect ? 'comes back' : 'stays away'}`, async (t) => {
    const { client, peer, events } = await connected(t);
    peer.socket.close(Number(number), 'why');
    const expected = reconnect ? 'reconnecting' : 'closed';
    await until(() => client.state === expected, expected);
    const close = events.find((event) => event.type === 'close');
    assert.deepEqual(close, { type: 'close', code: Number(number), name, reason: 'why', retryInMs: reconnect ? 250 : undefined });
  });
}

test('codes that are not in the list say by their number whether to come back', () => {
  for (const code of [1005, 1006, 1011, 1013, 3000, 4100, 4499, 5000]) assert.equal(reconnects(code), true, `${code}`);
  for (const code of [4503, 4999]) assert.equal(reconnects(code), false, `${code}`);
});

test('when the network comes back, it does not wait any longer', async (t) => {
  const stage = await connected(t, { minDelayMs: 1000 });
  const { host, server, client } = stage;
  stage.peer.socket.terminate();
  await lost(client);
  await waits(stage, 500);
  host.page('offline');
  assert.deepEqual(host.timers, [500]);
  host.chance = 0.1;
  host.page('online');
  assert.deepEqual(host.timers, [100]);
  host.advance(100);
  (await server.accept()).hello();
  await until(() => client.state === 'open', 'open again');
});

for (const event of ['online', 'offline', 'shown', 'woken'] as const) {
  test(`at ${event} an open connection has to show that it lives`, async (t) => {
    const { host, client, peer } = await connected(t);
    host.page(event);
    assert.equal((await peer.next())['op'], 'ping');
    peer.reply({ type: 'pong', time_us: 1 });
    await heard(client, peer);
    host.advance(5000);
    assert.equal(client.state, 'open');
    host.page(event);
    host.advance(5000);
    assert.equal(client.state, 'reconnecting');
  });
}

test('a dead connection gets no more time by asking it again and again', async (t) => {
  const { host, client } = await connected(t);
  host.page('offline');
  host.advance(3000);
  host.page('online');
  client.ping();
  host.advance(1999);
  assert.equal(client.state, 'open');
  host.page('shown');
  host.advance(1);
  assert.equal(client.state, 'reconnecting');
});

test('an answer that came while the machine slept is not missed', async (t) => {
  const { host, client, peer } = await connected(t);
  host.page('shown');
  await peer.next();
  host.sleep(60_000);
  assert.equal(client.state, 'open');
  assert.equal((await peer.next())['op'], 'ping');
  host.advance(5000);
  assert.equal(client.state, 'reconnecting');
});

test('after a sleep the connection is asked before it is taken for dead', async (t) => {
  const { host, client, peer } = await connected(t);
  host.sleep(8 * 3_600_000);
  assert.equal(client.state, 'open');
  assert.equal((await peer.next())['op'], 'ping');
  peer.reply({ type: 'pong', time_us: 1 });
  await heard(client, peer);
  host.advance(5000);
  assert.equal(client.state, 'open');
  host.sleep(8 * 3_600_000);
  host.advance(5000);
  assert.equal(client.state, 'reconnecting');
});

test('what is no message ends the connection, which comes back', async (t) => {
  const stage = await connected(t);
  stage.peer.send('not JSON');
  await lost(stage.client);
  assert.ok(stage.events.some((event) => event.type === 'error' && event.code === 'protocol'));
  await stage.peer.closed();
  await waits(stage, 250);
});

test('a service that speaks another protocol is not asked again', async (t) => {
  const { client, server } = await scene(t);
  (await server.accept()).hello({ protocol: 'ticker.v9' });
  await until(() => client.state === 'closed', 'closed');
});

test('closed by the user it stays closed, and can be opened again', async (t) => {
  const { client, host, server, peer, events } = await connected(t);
  client.close();
  client.close();
  assert.equal(await peer.closed(), 1000);
  assert.deepEqual([host.watchesPage, host.opened, host.timers.length], [false, 1, 0]);
  assert.equal(events.filter((event) => event.type === 'close').length, 1);
  client.open();
  (await server.accept()).hello();
  await until(() => client.state === 'open', 'open again');
  assert.equal(server.most, 1);
});

test('opened again while it still closes, it waits for that', async (t) => {
  const { client, server, peer } = await connected(t);
  client.close();
  client.open();
  await peer.closed();
  (await server.accept()).hello();
  await until(() => client.state === 'open', 'open again');
  assert.equal(server.most, 1);
});

for (const type of ['stale', 'state', 'close'] as const) {
  test(`closed when a listener hears ${type} of a loss, it does not come back`, async (t) => {
    const { client, host, peer, events } = await connected(t);
    client.addEventListener(type, () => client.close(), { once: true });
    peer.socket.terminate();
    await until(() => client.state === 'closed', 'closed');
    await turn();
    host.advance(60_000);
    assert.deepEqual([client.state, host.opened], ['closed', 1]);
    const last = events.at(-1);
    assert.deepEqual([last?.type, last?.type === 'close' && last.retryInMs], ['close', undefined]);
    client.open();
    await until(() => host.opened === 2, 'another attempt');
  });
}

test('closed when a listener hears that it is open, it is not told open after that', async (t) => {
  const stage = await scene(t);
  stage.client.on('state', ({ state }) => { if (state === 'open') stage.client.close(); });
  (await stage.server.accept()).hello();
  await until(() => stage.client.state === 'closed', 'closed');
  assert.deepEqual(kinds(stage), ['open', 'closed', 'close']);
});

test('closed when a listener hears that it connects, it does not', async (t) => {
  const { client, host, server } = await scene(t);
  const peer = await server.accept();
  client.close();
  await peer.closed();
  client.on('state', ({ state }) => { if (state === 'connecting') client.close(); });
  client.open();
  assert.deepEqual([client.state, host.opened, host.watchesPage], ['closed', 1, false]);
});

test('closed by who hears that an instrument ended, it stays stale', async (t) => {
  const { client, peer } = await connected(t);
  client.subscribe('a', ({ kind }) => { if (kind === 'removed') client.close(); });
  const request = await peer.next();
  peer.subscribed(request);
  peer.send({ type: 'snapshot', lane: request['lane'], version: 1, data: [{ symbol: 'a', bid: '1' }] }, { type: 'epoch', epoch: 'e2' },
    { type: 'snapshot', lane: request['lane'], version: 1, data: [] });
  await until(() => client.state === 'closed', 'closed');
  assert.equal(client.stale, true);
});
