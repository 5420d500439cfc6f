// What users hold: one connection to the service, kept alive, and what they watch over it.

import type { Token } from './authentication.js';
import { Book, kUsualLimits, type Ask } from './book.js';
import { CloseCode } from './codes.js';
import { Connection, nameOf, reconnects, type Closing } from './connection.js';
import { Emitter } from './events.js';
import type { Quote } from './fields.js';
import { defaultHost, type Host, type SocketClass } from './host.js';
import { Market } from './market.js';
import type { Change } from './merge.js';
import { parse, type Hello, type Message, type ReplayRequest, type Status, type Subscribed } from './messages.js';
import { checkText, TextSet } from './pattern.js';
import { Session, type Problem } from './session.js';
import { streamUrl } from './url.js';
import { checkOptions, StatusWatch, TradesWatch, Watch, type SubscribeOptions, type TradeEvent, type TradesOptions } from './watch.js';

export interface ClientOptions {
  // Shown where the service demands one. A function is called for each connection, and again when its token is about to run out, until
  // it gives another one; where it takes longer than 8 s it has failed.
  readonly token?: Token;
  // In Node before 22: `ws`. Default: the global WebSocket.
  readonly webSocket?: SocketClass;
  // The pause before a reconnect is a random one, up to a bound that doubles from minDelayMs (500) to maxDelayMs (30,000).
  readonly minDelayMs?: number;
  readonly maxDelayMs?: number;
  // An attempt to connect that takes longer has failed; default 10,000.
  readonly openTimeoutMs?: number;
  // Clock, timers, chance and sockets, for tests.
  readonly host?: Host;
}

// connecting: for the first time; open: greeted and, where needed, authenticated; closed: it does not come back by itself.
export type State = 'connecting' | 'open' | 'reconnecting' | 'closed';

export interface ClientEvents {
  readonly open: { readonly type: 'open'; readonly epoch: string };
  // `name`: as in proto/codes.json; `retryInMs` is undefined where there is no next attempt.
  readonly close: {
    readonly type: 'close'; readonly code: number; readonly name: string | undefined; readonly reason: string;
    readonly retryInMs: number | undefined;
  };
  readonly error: { readonly type: 'error' } & Problem;
  // Each message, as it came and as it was read.
  readonly message: { readonly type: 'message'; readonly text: string; readonly message: Message | undefined };
  readonly state: { readonly type: 'state'; readonly state: State; readonly previous: State };
  // Whether what is held is kept up to date. False once, after a connection, all that is watched was answered.
  readonly stale: { readonly type: 'stale'; readonly stale: boolean };
  // The token runs out in so long, and the connection ends then. Where it did not come from a function, setToken() is to be called.
  readonly expiring: { readonly type: 'expiring'; readonly expiresInMs: number };
  // The answer to ping(): the service's time somewhere on that way.
  readonly pong: { readonly type: 'pong'; readonly timeUs: number; readonly roundTripMs: number };
}

export class TickerClient extends Emitter<ClientEvents> {
  readonly url: string;
  readonly #connection: Connection;
  readonly #host: Host;
  readonly #book = new Book();
  readonly #market = new Market();
  #token: Token | undefined;
  #tokenFailures = 0; // since one was accepted
  #session: Session | undefined;
  #state: State = 'connecting';
  #turns = 0; // how often the state changed
  #stale = true;
  #planned = false; // the next microtask makes a plan
  #newcomers: (() => void)[] = []; // and then these are told what is held
  #unwatchPage: () => void = () => {};

  // `url`: of the service or its stream: ws:, wss:, http:, https:, or in a page a path. Throws a SyntaxError if it is none.
  constructor(url: string, options: ClientOptions = {}) {
    super();
    this.url = streamUrl(url);
    this.#token = options.token;
    this.#host = options.host ?? defaultHost(options.webSocket);
    const { minDelayMs = 500, maxDelayMs = 30_000, openTimeoutMs = 10_000 } = options;
    this.#connection = new Connection(this.url, this.#host, { minDelayMs, maxDelayMs, openTimeoutMs }, {
      opened: () => this.#begin(),
      text: (text) => this.#take(text),
      probe: () => this.#session?.probe(),
      shallReturn: (closing) => this.#shallReturn(closing),
      lost: (closing, retryInMs) => this.#lost(closing, retryInMs),
    });
    // Listeners are added first.
    queueMicrotask(() => { if (this.#state === 'connecting') this.#start(); });
  }

  get state(): State { return this.#state; }
  // As a WebSocket's: 0 on the way, 1 open, 3 closed.
  get readyState(): 0 | 1 | 3 { return this.#state === 'open' ? 1 : this.#state === 'closed' ? 3 : 0; }
  // Nobody vouches for what is held: not connected, or what is watched was not answered yet.
  get stale(): boolean { return this.#stale; }
  // All instruments held for all watches.
  get held(): ReadonlyMap<string, Quote> { return this.#market.held; }
  // The state of feeds, where status is subscribed to.
  get feeds(): ReadonlyMap<string, Status> { return this.#market.feeds; }

  // Names and patterns (`*`: any run of characters), also for instruments that appear later. Throws a RangeError for what the
  // service would refuse as malformed; what it does not know is an `error` event.
  subscribe(
    symbols: string | readonly string[], options?: SubscribeOptions | ((change: Change) => void),
    callback?: (change: Change) => void,
  ): Watch {
    const settings = typeof options === 'object' ? options : {};
    checkOptions(settings);
    const { tickers } = this.#market;
    const heard = typeof options === 'function' ? options : callback;
    const watch: Watch = new Watch(texts(symbols), settings, heard, () => {
      tickers.remove(watch);
      this.#replan();
    }, this);
    tickers.add(watch);
    this.#newcomers.push(() => this.#market.introduce(watch));
    this.#replan();
    return watch;
  }

  // Every trade in order, and the gaps between them.
  subscribeTrades(
    symbols: string | readonly string[], callback: (event: TradeEvent) => void, options: TradesOptions = {},
  ): TradesWatch {
    const { trades } = this.#market;
    const watch: TradesWatch = new TradesWatch(texts(symbols), options, callback, () => {
      trades.delete(watch);
      this.#replan();
    });
    trades.add(watch);
    this.#replan();
    return watch;
  }

  // The state of feeds by name or pattern, at once and at every change.
  subscribeStatus(feeds: string | readonly string[] = '*', callback?: (status: Status) => void): StatusWatch {
    const { status } = this.#market;
    const watch: StatusWatch = new StatusWatch(texts(feeds), false, callback, () => {
      status.delete(watch);
      this.#replan();
    });
    status.add(watch);
    this.#newcomers.push(() => this.#market.introduceStatus(watch));
    this.#replan();
    return watch;
  }

  // Another token, from now on; it is shown at once if the connection is open.
  setToken(token: Token): void {
    this.#token = token;
    this.#tokenFailures = 0;
    if (this.#state === 'open') this.#session?.authenticate();
  }

  // Asks for a `pong`; without a connection nothing happens.
  ping(): void { this.#session?.ping(); }

  // Has this connection served from a recording, where the service offers that; what is watched goes on. The answers come as messages
  // `replaying` and `replay`, or as an error. A connection that is lost comes back to the market.
  replay(request: ReplayRequest): void { this.#session?.replay(request); }

  // Connects again after it was closed, with all that is watched.
  open(): void {
    if (this.#state !== 'closed') return;
    this.#tokenFailures = 0;
    if (this.#become('connecting')) this.#start();
  }

  // What is watched stays held, and stale.
  close(): void {
    if (this.#state === 'closed') return;
    this.#connection.stop();
    this.#lost({ code: CloseCode.normal, reason: '' }, undefined);
  }

  #start(): void {
    this.#unwatchPage = this.#host.watchPage((event) => this.#connection.nudge(event !== 'offline'));
    this.#connection.start();
  }

  // The only place where these change, and then it is told. False: a listener changed the state again, so that there is no more to be
  // told of this one.
  #become(state: State, stale = this.#stale): boolean {
    const [previous, wasStale] = [this.#state, this.#stale];
    this.#state = state;
    this.#stale = stale;
    if (state !== previous) this.#turns += 1;
    const turn = this.#turns;
    if (stale !== wasStale) this.emit('stale', { type: 'stale', stale });
    if (state !== previous && turn === this.#turns) this.emit('state', { type: 'state', state, previous });
    return turn === this.#turns;
  }

  // All that is subscribed to in one go makes one plan, and as few requests as can be.
  #replan(): void {
    if (this.#planned) return;
    this.#planned = true;
    queueMicrotask(() => {
      this.#planned = false;
      this.#plan();
      for (const introduce of this.#newcomers.splice(0)) introduce();
      this.#session?.update();
    });
  }

  #plan(): void { this.#book.want(this.#market.entries(this.#book.limits.lanes)); }

  // --- the connection ---

  #begin(): void {
    this.#session = new Session(this.#connection, this.#book, this.#host, {
      token: () => this.#token,
      greeted: (hello) => this.#greeted(hello),
      authenticated: () => {
        this.#tokenFailures = 0;
        this.#book.forgive();
      },
      expiring: (expiresInMs) => this.emit('expiring', { type: 'expiring', expiresInMs }),
      ready: () => {
        if (this.#become('open')) this.emit('open', { type: 'open', epoch: this.#book.epoch });
      },
      subscribed: (ask, reply) => this.#subscribed(ask, reply),
      unsubscribed: ({ request }) => this.#market.ended(request.channel, request.symbols),
      caughtUp: () => {
        this.#market.settle(this.#book.served());
        if (this.#state === 'open') this.#become('open', false); // who was told may have closed it
      },
      ponged: (timeUs, roundTripMs) => this.emit('pong', { type: 'pong', timeUs, roundTripMs }),
      problem: (problem) => this.emit('error', { type: 'error', ...problem }),
    });
  }

  #shallReturn({ code }: Closing): boolean {
    if (code !== CloseCode.unauthorised && code !== CloseCode.token_expired) return reconnects(code);
    // Another token may be better, if there is where to get it from; one that came too late to be shown was no failure.
    if (code === CloseCode.token_expired || this.#session?.showedToken) this.#tokenFailures += 1;
    return typeof this.#token === 'function' && this.#tokenFailures <= 1;
  }

  #lost({ code, reason }: Closing, retryInMs: number | undefined): void {
    this.#session?.end();
    this.#session = undefined;
    this.#book.lost();
    this.#market.lost();
    if (retryInMs === undefined) this.#unwatchPage();
    if (!this.#become(retryInMs === undefined ? 'closed' : 'reconnecting', true)) return;
    this.emit('close', { type: 'close', code, name: nameOf(code), reason, retryInMs });
  }

  #greeted({ epoch, limits }: Hello): void {
    const { request_bytes: requestBytes, entries, lanes } = { ...kUsualLimits, request_bytes: kUsualLimits.requestBytes, ...limits };
    this.#book.connected({ requestBytes, entries, lanes });
    this.#plan(); // by as many lanes as there may be
    if (epoch !== this.#book.epoch) this.#restart(epoch);
  }

  #restart(epoch: string): void {
    this.#book.restart(epoch);
    this.#market.restart();
    this.#become(this.#state, true);
  }

  // --- messages ---

  #take(text: string): void {
    let message: Message | undefined;
    try {
      message = parse(text);
    } catch (error) {
      this.emit('error', { type: 'error', code: 'protocol', message: String(error) });
      this.#connection.drop(CloseCode.going_away, 'not a message');
      return;
    }
    this.emit('message', { type: 'message', text, message });
    if (message) this.#dispatch(message);
  }

  #dispatch(message: Message): void {
    switch (message.type) {
      case 'snapshot':
      case 'delta':
        this.#market.takeEntries(message);
        return this.#completed('ticker', message.lane, message.version);
      case 'trades':
        this.#market.takeTrades(message);
        return this.#completed('trades', '', message.version);
      case 'gap': return this.#market.takeGap(message);
      case 'status': return this.#market.takeStatus(message);
      case 'epoch':
        this.#restart(message.epoch);
        return this.#session?.update();
      default: return this.#session?.take(message);
    }
  }

  #completed(channel: 'ticker' | 'trades', lane: string, version: number | undefined): void {
    if (version !== undefined && this.#book.complete(channel, lane, version)) this.#session?.update();
  }

  #subscribed({ request }: Ask, { resumed, channel, symbols, rejected }: Subscribed): void {
    this.#market.begun(channel, symbols, resumed);
    for (const { symbol, code } of rejected) {
      this.emit('error', { type: 'error', code, message: `${request.channel}: ${symbol}`, symbols: [symbol] });
    }
  }
}

function texts(given: string | readonly string[]): TextSet {
  const list = [...new Set(typeof given === 'string' ? [given] : given)];
  if (list.length === 0) throw new RangeError('no symbols');
  list.forEach(checkText);
  return new TextSet(list);
}
