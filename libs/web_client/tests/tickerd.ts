// The real service in a process of its own, and a line to it that a test can cut.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

interface Test { after(callback: () => void | Promise<void>): void }
export type Entry = { readonly symbol: string } & Readonly<Record<string, unknown>>;
export interface Tickers { readonly epoch: string; readonly version: number; readonly data: readonly Entry[] }

export class Tickerd {
  private constructor(private readonly process: ChildProcess, readonly port: number) {}

  // On ports of the system's choosing, with a simulated market.
  static async start(test: Test, instruments: number, updatesPerSecond = 200, server: object = {}): Promise<Tickerd> {
    const folder = mkdtempSync(join(tmpdir(), 'web-client-'));
    const file = join(folder, 'ticker.yaml');
    writeFileSync(file, JSON.stringify({
      server: { listen: '127.0.0.1:0', shards: 1, heartbeat_ms: 500, ...server }, metrics: { listen: '127.0.0.1:0' },
      feeds: [{ name: 'demo', adapter: 'simulator', seed: 42, instruments, updates_per_second: updatesPerSecond }],
    }));
    const child = spawn(join(process.env['TICKER_BIN'] ?? '', 'tickerd'), ['--config', file], { stdio: ['ignore', 'pipe', 'inherit'] });
    test.after(() => {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    });
    for await (const line of createInterface(child.stdout)) {
      const port = /listening http:\/\/\S+?:(\d+)/.exec(line)?.[1];
      if (port) return new Tickerd(child, Number(port));
    }
    throw new Error('tickerd ended before it listened');
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    const exit = once(this.process, 'exit');
    this.process.kill(signal);
    await exit;
  }

  async tickers(): Promise<Tickers> {
    return (await (await fetch(`http://127.0.0.1:${this.port}/v1/tickers?symbols=*`)).json()) as Tickers;
  }
}

// A TCP line from an address that stays to a service that may not.
export class Line {
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  connections = 0; // ever
  most = 0; // at once

  private constructor(private readonly server: Server, public to: number) {}

  static async start(test: Test, to: number): Promise<Line> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const line = new Line(server, to);
    server.on('connection', (near) => line.#connect(near));
    test.after(() => {
      line.cut();
      server.close();
    });
    return line;
  }

  get url(): string { return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`; }

  cut(): void { for (const pair of this.#pairs) for (const socket of pair) socket.destroy(); }

  // What there is goes on standing, but nothing comes through any more.
  silence(): void {
    for (const [near, far] of this.#pairs) {
      far.unpipe(near);
      far.pause();
    }
  }

  #connect(near: Socket): void {
    const far = connect(this.to, '127.0.0.1');
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    this.connections += 1;
    this.most = Math.max(this.most, this.#pairs.size);
    near.pipe(far);
    far.pipe(near);
    for (const [one, other] of [[near, far], [far, near]] as const) {
      one.on('error', () => {});
      one.on('close', () => {
        other.destroy();
        this.#pairs.delete(pair);
      });
    }
  }
}
