// The token: shown, renewed, refused.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connected, heard, scene, until, type Json, type Peer, type Scene } from '../fake_server.js';

type Test = Parameters<typeof scene>[0];

const errors = ({ events }: Scene): object[] =>
  events.flatMap((event) => (event.type === 'error' ? [{ code: event.code, symbols: event.symbols }] : []));

test('where a token is required it is shown before anything is asked for', async (t) => {
  const { client, server } = await scene(t, { token: 'secret' });
  client.subscribe('a');
  const peer = await server.accept();
  peer.hello({ auth: 'required' });
  assert.deepEqual(await peer.next(), { op: 'auth', token: 'secret' });
  await heard(client, peer);
  assert.deepEqual([peer.unread, client.state], [0, 'connecting']);
  peer.reply({ type: 'authenticated', expires_in_ms: 1000 });
  assert.deepEqual((await peer.next())['symbols'], ['a']);
  assert.equal(client.state, 'open');
});

test('where none is required none is shown', async (t) => {
  const { peer, client } = await connected(t, { token: () => assert.fail('asked for') });
  await heard(client, peer);
  assert.equal(peer.unread, 0);
});

test('a required token that there is not ends it', async (t) => {
  const { client, server } = await scene(t);
  (await server.accept()).hello({ auth: 'required' });
  await until(() => client.state === 'closed', 'closed');
});

async function withTokens(t: Test, tokens: (string | Error)[]): Promise<Scene> {
  return scene(t, {
    token: async () => {
      const token = tokens.shift() ?? assert.fail('asked for once more');
      if (token instanceof Error) throw token;
      return token;
    },
  });
}

test('a token function is called again when the token is about to expire', async (t) => {
  const { client, server } = await withTokens(t, ['first', 'second']);
  const peer = await server.accept();
  peer.hello({ auth: 'required' });
  assert.equal((await peer.next())['token'], 'first');
  peer.reply({ type: 'authenticated', expires_in_ms: 60_000 });
  peer.send({ type: 'auth_expiring', expires_in_ms: 5000 }, { type: 'auth_expiring', expires_in_ms: 4000 });
  assert.deepEqual(await peer.next(), { op: 'auth', token: 'second' });
  peer.reply({ type: 'authenticated', expires_in_ms: 60_000 });
  await heard(client, peer);
  assert.deepEqual([client.state, peer.unread], ['open', 0]);
});

test('a token that expired, or was refused, is followed by another one, once', async (t) => {
  const { client, server, host, events } = await withTokens(t, ['first', 'second', 'third']);
  const first = await server.accept();
  first.hello({ auth: 'required' });
  await first.next();
  first.reply({ type: 'authenticated' });
  await until(() => client.state === 'open', 'open');
  first.socket.close(4501, 'token expired');
  await until(() => client.state === 'reconnecting', 'expired');
  host.advance(250);
  const second = await server.accept();
  second.hello({ auth: 'required' });
  assert.equal((await second.next())['token'], 'second');
  second.reply({ type: 'error', code: 'unauthorised', message: 'no good' });
  await until(() => client.state === 'closed', 'closed');
  const last = events.filter((event) => event.type === 'close').at(-1);
  assert.deepEqual([last?.code, last?.name, last?.reason], [4500, 'unauthorised', 'no good']);
});

test('a token that was not looked at is shown again later', async (t) => {
  const { client, server, host } = await scene(t, { token: 'good' });
  const first = await server.accept();
  first.hello({ auth: 'required' });
  await first.next();
  first.reply({ type: 'error', code: 'rate_limited', message: 'too many were refused' });
  await until(() => client.state === 'reconnecting', 'given up for now');
  await first.closed();
  await until(() => host.timers.includes(250), 'a pause');
  host.advance(250);
  const second = await server.accept();
  second.hello({ auth: 'required' });
  assert.equal((await second.next())['token'], 'good');
});

test('a token that is a value is not shown a second time', async (t) => {
  const { client, server } = await scene(t, { token: 'old' });
  const peer = await server.accept();
  peer.hello({ auth: 'required' });
  await peer.next();
  peer.socket.close(4500, 'unauthorised');
  await until(() => client.state === 'closed', 'closed');
  client.setToken('new');
  client.open();
  const again = await server.accept();
  again.hello({ auth: 'required' });
  assert.equal((await again.next())['token'], 'new');
});

test('a token function that fails is an error, and asked again on the next connection', async (t) => {
  const stage = await withTokens(t, [new Error('login is down'), 'good']);
  const { client, server, host } = stage;
  const peer = await server.accept();
  peer.hello({ auth: 'required' });
  await until(() => client.state === 'reconnecting', 'given up');
  assert.deepEqual(errors(stage), [{ code: 'token', symbols: undefined }]);
  await peer.closed();
  await until(() => host.timers.includes(250), 'a pause');
  host.advance(250);
  const again = await server.accept();
  again.hello({ auth: 'required' });
  assert.equal((await again.next())['token'], 'good');
});

test('a token that comes too late is not shown on the next connection', async (t) => {
  const give: ((token: string) => void)[] = [];
  const { client, server, host } = await scene(t, { token: () => new Promise((resolve) => give.push(resolve)) });
  const first = await server.accept();
  first.hello({ auth: 'required' });
  await until(() => give.length === 1, 'the token is asked for');
  first.socket.terminate();
  await until(() => client.state === 'reconnecting', 'lost');
  host.advance(250);
  const second = await server.accept();
  second.hello({ auth: 'required' });
  await until(() => give.length === 2, 'and again');
  give[0]?.('late');
  give[1]?.('right');
  assert.equal((await second.next())['token'], 'right');
  assert.equal(second.unread, 0);
});

test('a new token is shown at once', async (t) => {
  const { client, server } = await scene(t, { token: 'old' });
  const peer = await server.accept();
  peer.hello({ auth: 'required' });
  await peer.next();
  peer.reply({ type: 'authenticated' } satisfies Json);
  await until(() => client.state === 'open', 'open');
  client.setToken('new');
  assert.equal((await peer.next())['token'], 'new');
});

// A client whose first token was accepted.
async function authenticated(t: Test, tokens: (string | Error)[]): Promise<Scene & { readonly peer: Peer }> {
  const stage = await withTokens(t, tokens);
  const peer = await stage.server.accept();
  peer.hello({ auth: 'required' });
  await peer.next();
  peer.reply({ type: 'authenticated', expires_in_ms: 120_000 });
  await until(() => stage.client.state === 'open', 'open');
  return { ...stage, peer };
}

test('a next token that can not be had, is refused, or is the one before is followed by another attempt until it runs out', async (t) => {
  const stage = await authenticated(t, ['old', new Error('login is down'), 'old', 'bad', 'new']);
  const { client, peer, host } = stage;
  const pause = (): Promise<void> => until(() => host.timers[0] === 5000, 'a pause');
  peer.send({ type: 'auth_expiring', expires_in_ms: 60_000 });
  await pause();
  assert.deepEqual(errors(stage), [{ code: 'token', symbols: undefined }]);
  host.advance(5000);
  await pause();
  assert.equal(peer.unread, 0);
  host.advance(5000);
  assert.equal((await peer.next())['token'], 'bad');
  peer.reply({ type: 'error', code: 'unauthorised', message: 'no good' });
  await pause();
  host.advance(5000);
  assert.equal((await peer.next())['token'], 'new');
  peer.reply({ type: 'authenticated', expires_in_ms: 120_000 });
  await heard(client, peer);
  assert.ok(!host.timers.includes(5000));
  assert.equal(client.state, 'open');
});

test('a connection that ended asks for no next token any more', async (t) => {
  const { client, peer, host } = await authenticated(t, ['old', new Error('login is down')]);
  peer.send({ type: 'auth_expiring', expires_in_ms: 60_000 });
  await until(() => host.timers[0] === 5000, 'a pause');
  client.close();
  await peer.closed();
  assert.deepEqual(host.timers, []);
});

test('a token that is a value is not shown again before it runs out, which is told', async (t) => {
  const { client, server, events } = await scene(t, { token: 'old' });
  const peer = await server.accept();
  peer.hello({ auth: 'required' });
  await peer.next();
  peer.reply({ type: 'authenticated', expires_in_ms: 120_000 });
  peer.send({ type: 'auth_expiring', expires_in_ms: 60_000 });
  await heard(client, peer);
  assert.equal(peer.unread, 0);
  assert.deepEqual(events.at(-1), { type: 'expiring', expiresInMs: 60_000 });
});

test('a token that is set while another one is got is the one that is shown', async (t) => {
  const give: ((token: string) => void)[] = [];
  const { client, server } = await scene(t, { token: 'first' });
  const peer = await server.accept();
  peer.hello({ auth: 'required' });
  await peer.next();
  peer.reply({ type: 'authenticated' });
  await until(() => client.state === 'open', 'open');
  client.setToken(() => new Promise((resolve) => give.push(resolve)));
  client.setToken('second');
  give[0]?.('late');
  assert.equal((await peer.next())['token'], 'second');
  await heard(client, peer);
  assert.equal(peer.unread, 0);
});

test('a token function that takes too long has failed, and is asked again on the next connection', async (t) => {
  const stage = await scene(t, { token: () => new Promise(() => {}) });
  const { client, server, host } = stage;
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const peer = await server.accept();
    peer.hello({ auth: 'required' });
    await until(() => host.timers.includes(8000), 'the token is asked for');
    host.advance(8000);
    await until(() => errors(stage).length === attempt, 'given up');
    assert.equal(client.state, 'reconnecting');
    const pause = 250 * 2 ** (attempt - 1);
    await until(() => host.timers.includes(pause), 'a pause');
    host.advance(pause);
  }
});

test('a service that does not wait for the token has refused none', async (t) => {
  const { client, server, host } = await scene(t, { token: () => new Promise(() => {}) });
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const peer = await server.accept();
    peer.hello({ auth: 'required' });
    await heard(client, peer);
    peer.socket.close(4500, 'no token in time');
    await until(() => client.state !== 'connecting' && host.timers.length === 1, 'lost');
    assert.equal(client.state, 'reconnecting');
    host.advance(host.timers[0] ?? 0);
  }
});

test('a next token that takes too long is asked for again', async (t) => {
  const { client, server, host } = await scene(t, { token: 'old' });
  const peer = await server.accept();
  peer.hello({ auth: 'required' });
  await peer.next();
  peer.reply({ type: 'authenticated', expires_in_ms: 120_000 });
  await until(() => client.state === 'open', 'open');
  let asked = 0;
  client.setToken(() => {
    asked += 1;
    return asked === 3 ? 'new' : new Promise(() => {});
  });
  peer.send({ type: 'auth_expiring', expires_in_ms: 60_000 });
  await heard(client, peer);
  host.advance(8000);
  await until(() => host.timers[0] === 5000, 'a pause');
  host.advance(5000);
  assert.equal(asked, 2);
  host.advance(8000);
  await until(() => host.timers[0] === 5000, 'a pause');
  host.advance(5000);
  assert.equal((await peer.next())['token'], 'new');
});

test('the words of a refusal may be longer than the reason of a close', async (t) => {
  const { client, server, events } = await scene(t, { token: 'bad' });
  const peer = await server.accept();
  peer.hello({ auth: 'required' });
  await peer.next();
  const message = 'é'.repeat(100);
  peer.reply({ type: 'error', code: 'unauthorised', message });
  await until(() => client.state === 'closed', 'closed');
  assert.equal(await peer.closed(), 4500);
  const last = events.at(-1);
  assert.equal(last?.type === 'close' && last.reason, message);
});

test('what one token was refused is asked for again with the next one', async (t) => {
  const { client, server } = await scene(t, { token: 'narrow' });
  const peer = await server.accept();
  peer.hello({ auth: 'required' });
  await peer.next();
  peer.reply({ type: 'authenticated' });
  client.subscribe(['a', 'secret']);
  const request = await peer.next();
  peer.subscribed(request, { symbols: ['a'], rejected: [{ symbol: 'secret', code: 'unknown_symbol' }] });
  peer.send({ type: 'snapshot', lane: request['lane'], version: 5, data: [{ symbol: 'a', bid: '1' }] });
  await heard(client, peer);
  client.setToken('wide');
  assert.equal((await peer.next())['token'], 'wide');
  peer.reply({ type: 'authenticated' });
  assert.deepEqual((await peer.next())['symbols'], ['secret']);
});
