// The service, as a script: real sockets on a port of the system's choosing, and every message by the test's hand. Most tests need
// connected(): a client that was greeted. What a test does not read, it does not have to.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { WebSocketServer, type WebSocket } from 'ws';
import { TickerClient, type ClientEvents, type ClientOptions } from '../src/index.js';
import { ManualHost } from './manual_host.js';

export type Json = Record<string, unknown>;

// Waits until a condition holds: by turns of the event loop, with a deadline that only a failing test reaches.
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 45_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`);
    await turn();
  }
}

// One connection, seen from the service.
export class Peer {
  readonly #requests: Json[] = [];
  closeCode: number | undefined;

  constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => this.#requests.push(JSON.parse(data.toString('utf8')) as Json));
    socket.on('close', (code) => { this.closeCode = code; });
  }

  send(...messages: (Json | string)[]): void {
    for (const message of messages) this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  hello(members: Json = {}): void {
    this.send({
      type: 'hello', protocol: 'ticker.v1', epoch: 'e1', time_us: 1, heartbeat_ms: 15_000, auth: 'none',
      limits: { request_bytes: 65_536, frame_bytes: 262_144, entries: 1000, lanes: 8, min_interval_ms: 0, requests_per_s: 20 },
      ...members,
    });
  }

  // The next request, without its id, which reply() gives back.
  async next(): Promise<Json> {
    await until(() => this.#requests.length > 0, 'a request');
    const { id, ...request } = this.#requests.shift() ?? {};
    this.#id = id;
    return request;
  }
  #id: unknown;

  get unread(): number { return this.#requests.length; }

  reply(message: Json): void { this.send({ ...message, id: this.#id }); }

  // Accepts a subscription as it was asked for.
  subscribed(request: Json, members: Json = {}): void {
    const { channel, symbols, lane } = request;
    this.reply({
      type: 'subscribed', channel, ...(lane !== undefined && { lane, fields: request['fields'] ?? [], interval_ms: 100,
        max_kbit_per_s: 0 }), epoch: 'e1', version: 1, resumed: false, symbols, count: 1, rejected: [], ...members,
    });
  }

  async closed(): Promise<number> {
    await until(() => this.closeCode !== undefined, 'the connection closes');
    return this.closeCode ?? 0;
  }
}

export class FakeServer {
  readonly #server: WebSocketServer;
  readonly #peers: Peer[] = [];
  most = 0; // connections at once

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#peers.push(new Peer(socket));
      this.most = Math.max(this.most, server.clients.size);
    });
  }

  static async start(test: { after(callback: () => void): void }): Promise<FakeServer> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: (offered) => [...offered][0] ?? false });
    await once(server, 'listening');
    test.after(() => {
      for (const client of server.clients) client.terminate();
      server.close();
    });
    return new FakeServer(server);
  }

  get url(): string { return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`; }

  // The next connection that comes.
  async accept(): Promise<Peer> {
    await until(() => this.#peers.length > 0, 'a connection');
    const peer = this.#peers.shift();
    assert.ok(peer);
    return peer;
  }
}

export interface Scene {
  readonly server: FakeServer;
  readonly host: ManualHost;
  readonly client: TickerClient;
  // All events, but `message`.
  readonly events: ClientEvents[keyof ClientEvents][];
}

// A client of a fake server, not connected yet.
export async function scene(
  test: { after(callback: () => void): void }, options: ClientOptions = {}, host = new ManualHost(),
): Promise<Scene> {
  const server = await FakeServer.start(test);
  const client = new TickerClient(server.url, { host, ...options });
  test.after(() => client.close());
  const events: Scene['events'] = [];
  for (const type of ['open', 'close', 'error', 'state', 'stale', 'expiring', 'pong'] as const) client.on(type, (event) => events.push(event));
  return { server, host, client, events };
}

// The same, connected and greeted.
export async function connected(
  test: { after(callback: () => void): void }, options: ClientOptions = {}, hello: Json = {},
): Promise<Scene & { readonly peer: Peer }> {
  const stage = await scene(test, options);
  const peer = await stage.server.accept();
  peer.hello(hello);
  await until(() => stage.client.state === 'open', 'the client is open');
  return { ...stage, peer };
}

// Waits until the client has read all that the peer sent so far.
export async function heard(client: TickerClient, peer: Peer): Promise<void> {
  const mark = `mark ${Math.random()}`;
  let seen = false;
  const stop = client.on('message', ({ text }) => { seen ||= text.includes(mark); });
  peer.send({ type: 'mark', mark });
  await until(() => seen, 'the client reads on');
  stop();
}
