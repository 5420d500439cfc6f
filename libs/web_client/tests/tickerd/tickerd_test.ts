// The client and the real service, over a line that is cut, silenced, and led to another service.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { TickerClient, type Change, type Quote, type Socket } from '../../src/index.js';
import { defaultHost } from '../../src/host.js';
import { until, type Json } from '../fake_server.js';
import { Line, Tickerd, type Entry, type Tickers } from '../tickerd.js';

interface Scene {
  readonly client: TickerClient;
  readonly requests: Json[]; // as they went over the wire, of all connections
  readonly replies: Json[];
}

function scene(context: { after(callback: () => void): void }, line: Line): Scene {
  const requests: Json[] = [];
  const replies: Json[] = [];
  const host = defaultHost(undefined);
  host.openSocket = (url, protocols): Socket => {
    const socket = new WebSocket(url, protocols, { perMessageDeflate: false });
    const send = socket.send.bind(socket);
    socket.send = (text: string): void => {
      requests.push(JSON.parse(text) as Json);
      send(text);
    };
    return socket;
  };
  const client = new TickerClient(line.url, { host, minDelayMs: 20, maxDelayMs: 200 });
  context.after(() => client.close());
  client.on('message', ({ text, message }) => { if (message?.type === 'subscribed') replies.push(JSON.parse(text) as Json); });
  return { client, requests, replies };
}

const fieldsOf = ({ symbol: _, ...fields }: Entry): Quote => fields;

// What the client held as of each version.
function history(client: TickerClient): Map<number, ReadonlyMap<string, Quote>> {
  const states = new Map<number, ReadonlyMap<string, Quote>>();
  let frame: number | undefined;
  client.on('message', ({ message }) => {
    // A frame is merged after it was told: the state as of the one before is complete now.
    if (frame !== undefined) states.set(frame, new Map(client.held));
    frame = message?.type === 'snapshot' || message?.type === 'delta' ? message.version : undefined;
  });
  return states;
}

// The state at some moment, as the service says it and as the client held it then.
async function compare(tickerd: Tickerd, states: ReturnType<typeof history>): Promise<Tickers> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const truth = await tickerd.tickers();
    await until(() => Math.max(...states.keys()) > truth.version, 'the client has passed that version');
    const held = states.get(truth.version);
    if (!held) continue; // between two frames
    assert.deepEqual(Object.fromEntries(held), Object.fromEntries(truth.data.map((entry) => [entry.symbol, fieldsOf(entry)])));
    return truth;
  }
  throw new Error('no frame had the version of an answer');
}

test('holds what the service holds, to the digit, while prices move', async (t) => {
  const tickerd = await Tickerd.start(t, 20);
  const { client } = scene(t, await Line.start(t, tickerd.port));
  client.subscribe('*', { intervalMs: 0 });
  const states = history(client);
  await until(() => states.size > 3, 'frames');
  const { data } = await compare(tickerd, states);
  assert.equal(data.length, 20);
});

test('a cut connection comes back with since, and gets only what changed', async (t) => {
  const tickerd = await Tickerd.start(t, 50);
  const line = await Line.start(t, tickerd.port);
  const { client, requests, replies } = scene(t, line);
  const kinds: Change['kind'][] = [];
  client.subscribe('demo:*', { intervalMs: 0 }, ({ kind }) => kinds.push(kind));
  const states = history(client);
  await until(() => states.size > 3, 'frames');
  await compare(tickerd, states);
  const { epoch } = await tickerd.tickers();
  kinds.length = 0;
  for (let turn = 1; turn <= 3; turn += 1) {
    const connections = line.connections;
    const last = Math.max(...states.keys());
    line.cut();
    await until(() => line.connections > connections && client.state === 'open' && !client.stale, 'it is back');
    const { op, symbols, since } = requests.at(-1) ?? {};
    assert.deepEqual([op, symbols, (since as Json)['epoch']], ['subscribe', ['demo:*'], epoch]);
    assert.ok(((since as Json)['version'] as number) >= last);
    assert.equal(replies.at(-1)?.['resumed'], true);
    await compare(tickerd, states);
  }
  assert.ok(kinds.length > 0 && kinds.every((kind) => kind === 'update'), `${[...new Set(kinds)]}`);
  assert.equal(line.most, 1);
});

test('each watch gets its own pace and fields on one connection', async (t) => {
  const tickerd = await Tickerd.start(t, 20, 2000);
  const { client, replies } = scene(t, await Line.start(t, tickerd.port));
  const slow = client.subscribe('demo:*', { fields: ['bid'], intervalMs: 400 });
  const [symbol = ''] = (await tickerd.tickers()).data.map((entry) => entry.symbol);
  let changes = 0;
  const focus = client.subscribe(symbol, { intervalMs: 0 }, () => { changes += 1; });
  await until(() => changes > 20, 'changes of the one in focus');
  assert.deepEqual(replies.map(({ interval_ms, count }) => [interval_ms, count]), [[400, 20], [0, 1]]);
  assert.ok(slow.get(symbol)?.last !== undefined);
  focus.close();
  await until(() => slow.get(symbol)?.last === undefined, 'what only the focus asked for is gone');
  assert.ok(slow.get(symbol)?.bid !== undefined);
});

test('trades go on where they were cut, without a gap', async (t) => {
  const tickerd = await Tickerd.start(t, 3);
  const line = await Line.start(t, tickerd.port);
  const { client } = scene(t, line);
  const seqs = new Map<string, number[]>();
  let told = 0;
  client.subscribeTrades('demo:*', (event) => {
    assert.equal(event.type, 'trade');
    if (event.type === 'trade') seqs.set(event.symbol, [...(seqs.get(event.symbol) ?? []), event.seq]);
    told += 1;
  });
  await until(() => told > 5, 'trades');
  for (let turn = 0; turn < 3; turn += 1) {
    const before = told;
    const connections = line.connections;
    line.cut();
    await until(() => line.connections > connections && told > before + 10, 'more trades');
  }
  for (const [symbol, all] of seqs) {
    const first = all[0] ?? 0;
    assert.deepEqual(all, all.map((_, index) => first + index), symbol);
  }
});

test('a restart is another epoch: its snapshot replaces all, what is not in it ends', async (t) => {
  const first = await Tickerd.start(t, 20);
  const line = await Line.start(t, first.port);
  const { client, requests } = scene(t, line);
  const ended: string[] = [];
  client.subscribe('demo:*', { intervalMs: 0 }, ({ kind, symbol }) => { if (kind === 'removed') ended.push(symbol); });
  const feeds: string[] = [];
  client.subscribeStatus('*', ({ feed, state }) => feeds.push(`${feed} ${state}`));
  const states = history(client);
  await until(() => states.size > 3 && feeds.includes('demo live'), 'frames');
  const before = await compare(first, states);
  const second = await Tickerd.start(t, 12);
  const closes: [number, number | undefined][] = [];
  let told: number | undefined;
  client.on('message', ({ message }) => { if (message?.type === 'goodbye') told = message.reconnect_in_ms; });
  client.on('close', ({ code, retryInMs }) => closes.push([code, retryInMs]));
  const stale: boolean[] = [];
  client.on('stale', (event) => stale.push(event.stale));
  line.to = second.port;
  await first.stop('SIGTERM');
  await until(() => stale.length === 2, 'it is sent away, and back');
  assert.deepEqual([closes, stale], [[[1012, told]], [true, false]]);
  assert.equal((requests.at(-1) ?? {})['since'], undefined);
  states.clear();
  await until(() => states.size > 3, 'frames');
  const after = await compare(second, states);
  assert.notEqual(after.epoch, before.epoch);
  const gone = before.data.map(({ symbol }) => symbol).filter((symbol) => !after.data.some((entry) => entry.symbol === symbol));
  assert.deepEqual([gone.length, ended.sort()], [8, gone.sort()]);
});

test('a line that goes silent is given up, and another one taken', async (t) => {
  const tickerd = await Tickerd.start(t, 5, 0);
  const line = await Line.start(t, tickerd.port);
  const { client, replies } = scene(t, line);
  client.subscribe('*');
  await until(() => !client.stale, 'it is live');
  const closes: string[] = [];
  client.on('close', ({ name }) => closes.push(`${name}`));
  line.silence();
  await until(() => closes.length > 0 && client.state === 'open' && !client.stale, 'it is back');
  assert.deepEqual([closes, replies.at(-1)?.['resumed'], line.connections], [['silent'], true, 2]);
});

test('what the service does not know is an error, in its words', async (t) => {
  const tickerd = await Tickerd.start(t, 2, 0);
  const { client } = scene(t, await Line.start(t, tickerd.port));
  const errors: unknown[] = [];
  client.on('error', ({ code, symbols }) => errors.push([code, symbols]));
  client.subscribe(['demo:*', 'x:Y']);
  client.subscribe('x:Z', { wait: true });
  await until(() => !client.stale && client.held.size === 2, 'it is live');
  assert.deepEqual(errors, [['unknown_symbol', ['x:Y']]]);
});
