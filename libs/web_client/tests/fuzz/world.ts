// Real hubs in another process (hub_peer), as sockets for clients; and time, which is the same for all.

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Socket } from '../../src/index.js';
import { ManualHost } from '../manual_host.js';

export interface Truth {
  readonly tickers: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly trades: ReadonlyMap<string, number>;
  readonly feeds: ReadonlyMap<string, string>;
}

class HubSocket implements Socket {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;

  constructor(private readonly world: World, private readonly index: number) {}

  send(text: string): void { this.world.post(`send ${this.index} ${text}`); }
  close(code = 1000): void {
    this.world.post(`cut ${this.index}`);
    this.world.later(() => this.tell('onclose', { code, reason: '' }));
  }
  tell(handler: 'onopen' | 'onmessage' | 'onclose', event: object): void {
    (this[handler] as ((event: object) => void) | null)?.(event);
  }
}

class Host extends ManualHost {
  constructor(private readonly world: World, private readonly index: number) { super(); }
  override openSocket = (): Socket => this.world.connect(this.index);
}

export class World {
  readonly hosts: readonly Host[];
  readonly log: string[] = []; // what was said in both directions
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #sockets: (HubSocket | undefined)[] = [];
  #queue: (string | (() => void))[] = [];
  #lines: string[] = [];
  #done: () => void = () => {};

  constructor(clients: number, frameBytes: number, removals: number, private readonly chance: (below: number) => number) {
    this.hosts = Array.from({ length: clients }, (_, index) => new Host(this, index));
    this.#process = spawn(join(process.env['TICKER_BIN'] ?? '', 'hub_peer'), [`${frameBytes}`, `${removals}`]);
    this.#process.stderr.pipe(process.stderr);
    createInterface(this.#process.stdout).on('line', (line) => {
      if (line === 'done') this.#done();
      else this.#lines.push(line);
    });
  }

  connect(index: number): Socket {
    const socket = new HubSocket(this, index);
    this.later(() => {
      this.#sockets[index] = socket;
      socket.tell('onopen', {});
    });
    this.post(`connect ${index} ${this.chance(2)}`);
    return socket;
  }

  // What the network does to a client.
  lose(index: number): void {
    const socket = this.#sockets[index];
    this.#sockets[index] = undefined;
    this.post(`cut ${index}`);
    this.later(() => socket?.tell('onclose', { code: 1006, reason: '' }));
  }

  post(command: string): void { this.#queue.push(command); }
  later(callback: () => void): void { this.#queue.push(callback); }

  // Until nobody has anything more to say.
  async flush(): Promise<void> {
    await null; // plans are made in a microtask
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      if (typeof next === 'string') for (const line of await this.#do(next)) this.#dispatch(line);
      else next();
      await null;
    }
  }

  async wait(ms: number): Promise<void> {
    this.post(`wait ${ms}`);
    await this.flush();
    for (const host of this.hosts) host.advance(ms);
    await this.flush();
  }

  async truth(): Promise<Truth> {
    await this.flush();
    const lines = await this.#do('truth');
    const words = (kind: string): string[][] => lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.split(' ').slice(1));
    const { data } = JSON.parse(lines.find((line) => line.startsWith('state '))?.slice(6) ?? '') as { data: Record<string, unknown>[] };
    for (const line of lines) this.#dispatch(line);
    await this.flush();
    return {
      tickers: new Map(data.map(({ symbol, ...quote }) => [symbol as string, quote])),
      trades: new Map(words('trades').map(([symbol = '', count]) => [symbol, Number(count)])),
      feeds: new Map(words('feed').map(([feed = '', state = '']) => [feed, state])),
    };
  }

  end(): void { this.#process.kill(); }

  async #do(command: string): Promise<string[]> {
    this.log.push(`> ${command}`);
    const done = new Promise<void>((resolve) => { this.#done = resolve; });
    this.#process.stdin.write(`${command}\n`);
    await done;
    return this.#lines.splice(0);
  }

  #dispatch(line: string): void {
    const [, kind, index = '', text = ''] = /^(\w+) (\d+) (.*)$/.exec(line) ?? [];
    const socket = this.#sockets[Number(index)];
    if (kind === 'frame') {
      this.log.push(`< ${line}`);
      socket?.tell('onmessage', { data: text });
    } else if (kind === 'closed') {
      socket?.tell('onclose', { code: Number(text), reason: '' });
    }
  }
}
