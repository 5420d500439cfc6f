// The real programs as processes, and a line to the service that a test can cut.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const bin = process.env.TICKER_BIN;

const kSecret = '0123456789abcdef0123456789abcdef';

export const simulator = (options = {}) =>
  ({ name: 'demo', adapter: 'simulator', seed: 42, instruments: 50, updates_per_second: 500, ...options });

// Asks until the condition holds; only a failing test reaches the deadline.
export async function until(condition, what, deadlineMs = 20_000) {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// A program that says on its standard output where it listens; the end of the test ends it.
class Program {
  constructor(test, name, args) {
    this.process = spawn(join(bin, name), args, { stdio: ['ignore', 'pipe', 'inherit'] });
    test.after(() => this.process.kill('SIGKILL'));
  }

  // The port in its line `listening scheme://host:port`.
  async listening() {
    for await (const line of createInterface(this.process.stdout)) {
      this.metricsPort ??= Number(/^metrics \w+:\/\/\S+:(\d+)/.exec(line)?.[1]) || undefined;
      const port = /^listening \w+:\/\/\S+:(\d+)/.exec(line)?.[1];
      if (port) {
        this.process.stdout.resume();
        this.port = Number(port);
        return this;
      }
    }
    throw new Error('it ended before it listened');
  }

  signal(name) { this.process.kill(name); }

  async stop(signal = 'SIGTERM') {
    const exit = once(this.process, 'exit');
    this.process.kill(signal);
    await exit;
  }
}

// `feeds`: of the configuration; `server`: what of its server section is not the default.
export async function startTickerd(test, feeds = [simulator()], server = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'ticker-e2e-'));
  test.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'ticker.yaml');
  writeFileSync(file, JSON.stringify({
    server: { listen: '127.0.0.1:0', shards: 1, heartbeat_ms: 1000, ...server }, metrics: { listen: '127.0.0.1:0' }, feeds,
  }));
  writeFileSync(join(folder, 'secret'), kSecret);
  if (server.tls) {
    await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
      '-subj', '/CN=localhost', '-keyout', join(folder, server.tls.key), '-out', join(folder, server.tls.certificate)]);
  }
  const tickerd = await new Program(test, 'tickerd', ['--config', file]).listening();
  return Object.assign(tickerd, { folder });
}

// A token signed with the secret beside the configuration.
export async function mint(folder, ...options) {
  const { stdout } = await promisify(execFile)(join(bin, 'tickerctl'), ['token', '--secret', join(folder, 'secret'), ...options]);
  return stdout.trim();
}

export const startVenue = (test, venue, recording, ...options) =>
  new Program(test, 'exchange_sim', ['--venue', venue, '--recording', recording, '--listen', '127.0.0.1:0', ...options]).listening();

// A TCP line from an address that stays to a service that may not.
export class Line {
  #pairs = new Set();
  #server = createServer((near) => this.#connect(near));

  constructor(to) { this.to = to; } // the port that new connections are led to; 0: they are refused

  static async start(test, to) {
    const line = new Line(to);
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    test.after(() => {
      line.cut();
      line.#server.close();
    });
    return line;
  }

  get port() { return this.#server.address().port; }

  cut() { for (const pair of this.#pairs) for (const socket of pair) socket.destroy(); }

  // What there is goes on standing, but nothing comes through any more.
  silence() {
    for (const [near, far] of this.#pairs) {
      far.unpipe(near);
      far.pause();
    }
  }

  #connect(near) {
    const far = this.to === 0 ? near : connect(this.to, '127.0.0.1');
    if (far === near) return void near.destroy();
    const pair = [near, far];
    this.#pairs.add(pair);
    near.pipe(far);
    far.pipe(near);
    for (const [one, other] of [pair, [far, near]]) {
      one.on('error', () => {});
      one.on('close', () => {
        other.destroy();
        this.#pairs.delete(pair);
      });
    }
  }
}
