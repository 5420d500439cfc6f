// The client and a real service that demands tokens.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { TickerClient, type ClientOptions, type Socket } from '../../src/index.js';
import { defaultHost } from '../../src/host.js';
import { until } from '../fake_server.js';
import { Tickerd } from '../tickerd.js';

interface Test { after(callback: () => void | Promise<void>): void }

// A service, and who signs tokens for it.
async function scene(context: Test): Promise<{ mint(...options: string[]): string; connect(token: ClientOptions['token']): TickerClient }> {
  const folder = mkdtempSync(join(tmpdir(), 'web-client-tokens-'));
  const secret = join(folder, 'secret');
  writeFileSync(secret, '0123456789abcdef0123456789abcdef');
  context.after(() => rmSync(folder, { recursive: true }));
  const tickerd = await Tickerd.start(context, 5, 200, { auth: { secret_file: secret, skew_ms: 0, timeout_ms: 2000 } });
  const host = defaultHost(undefined);
  host.openSocket = (url, protocols): Socket => new WebSocket(url, protocols, { perMessageDeflate: false });
  return {
    mint: (...options) => execFileSync(join(process.env['TICKER_BIN'] ?? '', 'tickerctl'), ['token', '--secret', secret, ...options]).toString().trim(),
    connect: (token) => {
      const client = new TickerClient(`ws://127.0.0.1:${tickerd.port}`, { host, minDelayMs: 20, maxDelayMs: 200, ...(token === undefined ? {} : { token }) });
      context.after(() => client.close());
      return client;
    },
  };
}

test('a token is renewed on the open connection, and nobody who watches notices', async (context) => {
  const { mint, connect } = await scene(context);
  let minted = 0;
  const client = connect(() => {
    minted += 1;
    return mint('--expires-in', '3');
  });
  const states: string[] = [];
  client.on('state', ({ state }) => states.push(state));
  let changes = 0;
  client.subscribe(['demo:*'], { intervalMs: 0 }, () => { changes += 1; });
  await until(() => minted >= 3 && changes > 0, 'two renewals');
  const before = changes;
  await until(() => changes > before, 'changes after them');
  assert.deepEqual(states.filter((state) => state !== 'connecting'), ['open']);
});

test('a token that is wrong, or over, ends it with the reason in words', async (context) => {
  const { mint, connect } = await scene(context);
  for (const [token, words] of [['garbage', /no token/], [mint('--expires-in', '-5'), /expired/]] as const) {
    const problems: string[] = [];
    const client = connect(token);
    client.on('error', ({ message }) => problems.push(message));
    client.on('close', ({ reason }) => problems.push(reason));
    await until(() => client.state === 'closed', 'the end');
    assert.match(problems.join(), words);
  }
});

test('a service that demands a token is not asked again and again without one', async (context) => {
  const { connect } = await scene(context);
  const client = connect(undefined);
  await until(() => client.state === 'closed', 'the end');
});
