// Random clients on real hubs over a random market. At every quiet point, each watch holds just what the market's state says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kFields, TickerClient, type Field, type Quote, type TradeEvent, type Watch } from '../../src/index.js';
import { matches } from '../../src/pattern.js';
import { World, type Truth } from './world.js';

const kClients = 3;
const kSteps = 300;
const kRuns = 24;
const kFrameBytes = [400, 1500, 262_144];
const kRemovals = [4, 1000]; // that the service remembers
const kTexts = ['a:S0', 'a:S1', 'a:S3', 'b:S1', 'b:S2', '*', 'a:*', '*S1', 'a*S*', 'b:*', 'c:*'];
const kFieldLists: (Field[] | undefined)[] = [undefined, ['bid'], ['bid', 'ask'], ['last', 'bid', 'ticks'], ['stale'], ['open_24h']];
const kIntervals = [undefined, 0, 0, 50, 1000];
// They travel with other changes and are none of their own: they may lag.
const kCompanions: readonly string[] = ['ticks', 'exchange_time_us', 'receive_time_us'];

const values = (quote: object, fields: readonly string[]): object =>
  Object.fromEntries(Object.entries(quote).filter(([field]) => fields.includes(field) && !kCompanions.includes(field)));

// What goes wrong within callbacks, where nothing can be thrown.
type Problems = string[];

// A watch, and what its callbacks make of it.
class Viewer {
  readonly seen = new Map<string, Quote>();
  readonly watch: Watch;

  constructor(
    client: TickerClient, texts: string[], readonly fields: Field[] | undefined, intervalMs: number | undefined, wait: boolean,
    problems: Problems,
  ) {
    this.watch = client.subscribe(texts, { wait, ...(fields && { fields }), ...(intervalMs !== undefined && { intervalMs }) }, (change) => {
      const { symbol, kind, quote, previous, changed } = change;
      const different = kFields.filter((field) => previous?.[field] !== quote[field]);
      if ([...changed].sort().join() !== different.sort().join()) problems.push(`wrong changed: ${JSON.stringify(change)}`);
      if (kind === 'removed') this.seen.delete(symbol);
      else this.seen.set(symbol, quote);
    });
  }

  // `rejected`: names that were unknown when they were asked for; such an instrument may be held for another watch.
  check({ tickers }: Truth, rejected: ReadonlySet<string>): void {
    const asked = [...(this.fields ?? kFields), 'stale'];
    for (const [symbol, quote] of tickers) {
      if (!this.watch.symbols.some((text) => matches(text, symbol) && !rejected.has(text))) continue;
      assert.deepEqual(values(this.watch.get(symbol) ?? { none: 'is held' }, asked), values(quote, asked), `${symbol} of ${this.watch.symbols}`);
    }
    // Nothing that is held beside is old, and all of it was told.
    for (const [symbol, held] of this.watch) {
      assert.deepEqual(values(held, kFields), values(tickers.get(symbol) ?? {}, Object.keys(held)), `${symbol}, all that is held`);
      assert.equal(this.seen.get(symbol), held, `${symbol}, as told`);
    }
    assert.deepEqual([...this.seen.keys()].sort(), [...this.watch].map(([symbol]) => symbol).sort(), 'what was told of');
  }
}

// Trades, each once and in order, but for gaps that are told; what a gap spoke of may still come after a reconnect.
class TapeViewer {
  readonly last = new Map<string, number | undefined>(); // undefined: something is missing, nobody knows how much
  readonly traded = new Map<string, number>();

  constructor(private readonly problems: Problems) {}

  readonly take = (event: TradeEvent): void => {
    const { symbol } = event;
    const [from, to] = event.type === 'trade' ? [event.seq, event.seq] : [event.from_seq, event.from_seq + (event.missed ?? 1) - 1];
    const last = this.last.get(symbol);
    const next = from <= (last ?? Infinity) + 1 && from > (this.traded.get(symbol) ?? 0);
    if (event.type === 'trade') {
      if (event.price !== `${event.seq}`) this.problems.push(`a trade that nobody made: ${JSON.stringify(event)}`);
      this.traded.set(symbol, event.seq);
    } else if (event.source === 'venue') {
      return;
    } else if (event.missed === null) {
      this.last.set(symbol, undefined);
      if (from === 0) this.traded.delete(symbol);
      return;
    }
    if (last !== undefined && !next) this.problems.push(`after ${last} of ${symbol}: ${JSON.stringify(event)}`);
    this.last.set(symbol, to);
  };

  check({ trades }: Truth): void {
    for (const [symbol, last] of this.last) if (last !== undefined) assert.equal(last, trades.get(symbol), `trades of ${symbol}`);
  }
}

const counts = { resumed: 0, refused: 0, anew: 0, more: 0, epochs: 0, gaps: 0, quiet: 0 };

// What the runs have met, by what was said on the wire.
function count(log: readonly string[]): void {
  const asked = new Map<string, boolean>(); // whether it was with since; by client and id
  for (const line of log) {
    const [, index = '', id = ''] = /^(?:> send|< frame) (\d) .*"id":(\d+)/.exec(line) ?? [];
    const request = `${index} ${id}`;
    if (line.startsWith('> send')) asked.set(request, line.includes('"since"'));
    else if (line.includes('"resumed":true')) counts.resumed += 1;
    else if (line.includes('"resumed":false')) counts[asked.get(request) ? 'refused' : 'anew'] += 1;
    else if (line.includes('"more":true')) counts.more += 1;
    else if (line.includes('"type":"epoch"')) counts.epochs += 1;
    else if (line.includes('"type":"gap"')) counts.gaps += 1;
  }
}

async function run(seed: number): Promise<void> {
  let state = seed * 2_654_435_761;
  const random = (below: number): number => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  for (let warm = 0; warm < 10; warm += 1) random(2);
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;

  const world = new World(kClients, kFrameBytes[seed % 3] ?? 0, kRemovals[seed % 2] ?? 0, random);
  const clients = world.hosts.map((host) => new TickerClient('ws://hub', { host, minDelayMs: 100, maxDelayMs: 1000 }));
  const viewers: Viewer[][] = clients.map(() => []);
  const problems: Problems = [];
  const tapes = clients.map(() => new TapeViewer(problems));
  const rejected = clients.map(() => new Set<string>());
  for (const [index, client] of clients.entries()) {
    client.on('error', ({ code, message, symbols = [] }) => {
      if (code !== 'unknown_symbol') problems.push(message);
      for (const symbol of symbols) rejected[index]?.add(symbol);
    });
    client.on('close', () => rejected[index]?.clear());
  }

  let checking = 0;
  async function quiet(): Promise<void> {
    const truth = await world.truth();
    assert.deepEqual(problems, []);
    // Sockets open, connections come back, passes and intervals end.
    for (let round = 0; round < 8; round += 1) {
      for (const index of clients.keys()) world.post(`drain ${index}`);
      await world.wait(1100);
    }
    for (const [index, client] of clients.entries()) {
      assert.deepEqual([client.state, client.stale], ['open', false], `client ${index}`);
      checking = index;
      for (const viewer of viewers[index] ?? []) viewer.check(truth, rejected[index] ?? new Set());
      tapes[index]?.check(truth);
      for (const [feed, status] of client.feeds) assert.equal(status.state, truth.feeds.get(feed), `feed ${feed}`);
    }
    counts.quiet += 1;
  }

  const market = (): void => {
    const [a, b, c] = [random(5040), random(5040), random(5040)];
    const op = pick(['quote', 'quote', 'quote', 'quote', 'quote', 'quote', 'trade', 'stale', 'add', 'add', 'remove', 'remove', 'feed']);
    world.post(`${op} ${a} ${b} ${c}`);
  };
  const user = (index: number): void => {
    const client = clients[index] ?? assert.fail();
    const mine = viewers[index] ?? assert.fail();
    if (mine.length < 5 && random(2) === 0) {
      mine.push(new Viewer(client, [pick(kTexts), pick(kTexts)], pick(kFieldLists), pick(kIntervals), random(2) === 0, problems));
    } else {
      mine.splice(random(mine.length), 1)[0]?.watch.close();
    }
  };

  try {
    for (const [index, client] of clients.entries()) {
      client.subscribeTrades(['a:S0', 'a:S1'].slice(index % 2), tapes[index]?.take ?? assert.fail());
      client.subscribeStatus();
    }
    await world.flush();
    for (let step = 0; step < kSteps; step += 1) {
      const dice = random(100);
      const index = random(kClients);
      if (dice < 40) for (let n = random(6); n >= 0; n -= 1) market();
      else if (dice < 55) world.post('publish');
      else if (dice < 68) user(index);
      else if (dice < 78) await world.wait(random(1500));
      else if (dice < 84) world.post(`block ${index} ${random(4)} ${random(2)}`);
      else if (dice < 89) world.post(`drain ${index}`);
      else if (dice < 94) {
        world.lose(index);
        // What was not asked for again stands out until it changes the next time.
        if (random(2) === 0) await quiet();
      }
      else if (dice < 95) world.post(`withhold ${random(2)}`);
      else if (dice < 96) world.post(`lose ${random(2)}`);
      else if (dice < 97 && random(3) === 0) world.post('epoch');
      else if (dice < 98) await quiet();
      if (random(2) === 0) await world.flush();
    }
    await quiet();
    count(world.log);
  } catch (error) {
    console.log(`seed ${seed}, client ${checking}, the end of what was said:\n${world.log.slice(-100).join('\n')}`);
    throw error;
  } finally {
    for (const client of clients) client.close();
    world.end();
  }
}

// 24 runs of 300 steps; TICKER_FUZZ_SEED=N runs others.
test('at every quiet point each watch holds what the market holds', async () => {
  const first = Number(process.env['TICKER_FUZZ_SEED'] ?? 1);
  for (let seed = first; seed < first + kRuns; seed += 1) await run(seed);
  console.log(`seeds ${first} to ${first + kRuns - 1}:`, counts);
  for (const [what, times] of Object.entries(counts)) assert.ok(times > 2, `${what} was hardly met`);
});
