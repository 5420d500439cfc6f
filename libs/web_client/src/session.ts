// One connection's conversation: greeting, token, and one request after the other.

import { Authentication, type Token } from './authentication.js';
import { Book, type Ask } from './book.js';
import { CloseCode, type ErrorCode } from './codes.js';
import type { Connection } from './connection.js';
import type { Host } from './host.js';
import type { Hello, Message, Pong, ReplayRequest, Request, Subscribed } from './messages.js';

export interface Problem {
  // One of proto/codes.json; token: the token function failed; protocol: the service said what it must not.
  readonly code: ErrorCode | 'token' | 'protocol';
  readonly message: string;
  // What was asked for, where it is known.
  readonly symbols?: readonly string[];
}

export interface SessionOwner {
  token(): Token | undefined;
  greeted(hello: Hello): void;
  authenticated(): void;
  // The token runs out in so long.
  expiring(expiresInMs: number): void;
  // Greeted, and authenticated where that is required: requests may follow.
  ready(): void;
  subscribed(ask: Ask, reply: Subscribed): void;
  unsubscribed(ask: Ask): void;
  // Nothing is left to be asked for, all was answered.
  caughtUp(): void;
  ponged(timeUs: number, roundTripMs: number): void;
  problem(problem: Problem): void;
}

// A request that has no answer for so long has none.
const kReplyMs = 60_000;
// After the service said that there were too many requests; each time it says so again, twice as long, up to
const kRatePauseMs = 1_000;
const kMostRatePauseMs = 30_000;
// A heartbeat is late when it has not come for twice its time; whatever the service says, that is not less or more than
const kLeastPatienceMs = 1_000;
const kMostPatienceMs = 600_000;

export class Session {
  readonly #authentication: Authentication;
  #ready = false;
  #ended = false;
  #lastId = 0;
  #ask: { readonly id: number; readonly ask: Ask } | undefined;
  #resting = false; // there were too many requests
  #restMs = kRatePauseMs; // for so long, the next time
  #ping: { readonly id: number; readonly sentAt: number } | undefined;
  #slowestMs: number | undefined; // of the pongs
  #replayed = false; // a recording was asked for on this connection
  #cancelTimer: () => void = () => {}; // of the reply, or of a pause

  constructor(
    private readonly connection: Connection, private readonly book: Book, private readonly host: Host,
    private readonly owner: SessionOwner,
  ) {
    this.#authentication = new Authentication(host, {
      token: () => owner.token(),
      show: (token) => this.#send({ op: 'auth', token }),
      failed: (problem, code) => {
        owner.problem(problem);
        if (!this.#ready) connection.drop(code, problem.message);
      },
    });
  }

  end(): void {
    this.#ended = true;
    this.#cancelTimer();
    this.#authentication.end();
  }

  // Takes what belongs to the conversation.
  take(message: Message): void {
    switch (message.type) {
      case 'hello': return this.#greet(message);
      case 'authenticated': return this.#authenticated();
      case 'auth_expiring': return this.#expiring(message.expires_in_ms);
      case 'goodbye': return this.connection.told(message.reconnect_in_ms);
      case 'subscribed':
      case 'unsubscribed':
      case 'error': return this.#reply(message);
      case 'pong': return this.#ponged(message);
      default: return undefined;
    }
  }

  // Sends what is to be asked for next, unless an answer is still to come.
  update(): void {
    if (!this.#ready || this.#ended || this.#ask || this.#resting) return;
    const ask = this.book.next();
    if (!ask) {
      if (this.book.answered) this.owner.caughtUp();
      return;
    }
    this.#ask = { id: this.#send(ask.request), ask };
    this.#timer(kReplyMs, () => this.connection.drop(CloseCode.silent, 'a request was not answered'));
  }

  probe(): void {
    this.#send({ op: 'ping' });
  }

  // Asks for the service's time, and how long an answer takes. One at a time.
  ping(): void {
    if (!this.#ready || this.#ping) return;
    this.#ping = { id: this.#send({ op: 'ping' }), sentAt: this.host.now() };
    // What is on the way before a pong may take long on a slow line, most of all snapshots, of which nothing is heard before they are
    // whole; and nothing is sent while a replay looks for its position. Where neither is awaited, an earlier pong tells how long.
    const isIdle = !this.#ask && this.book.answered && !this.#replayed;
    if (isIdle && this.#slowestMs !== undefined) this.connection.expectAnswer(2 * this.#slowestMs);
  }

  replay(request: ReplayRequest): void {
    if (!this.#ready) return;
    this.#replayed = true;
    this.#send(request);
  }

  get showedToken(): boolean { return this.#authentication.shown; }

  // Shows the token as it is now.
  authenticate(): void { this.#authentication.show(); }

  #greet(hello: Hello): void {
    if (hello.protocol !== 'ticker.v1') {
      this.owner.problem({ code: 'protocol', message: `the service speaks ${hello.protocol}` });
      this.connection.drop(CloseCode.protocol_error, 'unknown protocol');
      return;
    }
    this.connection.expectWithin(Math.min(Math.max(2 * hello.heartbeat_ms, kLeastPatienceMs), kMostPatienceMs));
    this.owner.greeted(hello);
    if (this.#ended) return; // by who was told what is missing
    if (hello.auth !== 'required') this.#becomeReady();
    else if (this.owner.token() !== undefined) this.authenticate();
    else this.connection.drop(CloseCode.unauthorised, 'a token is required');
  }

  #ponged({ id, time_us }: Pong): void {
    if (!this.#ping || id !== this.#ping.id) return;
    const roundTripMs = this.host.now() - this.#ping.sentAt;
    this.#ping = undefined;
    this.#slowestMs = Math.max(this.#slowestMs ?? 0, roundTripMs);
    this.owner.ponged(time_us, roundTripMs);
  }

  #authenticated(): void {
    this.#authentication.accepted();
    this.owner.authenticated();
    this.#becomeReady();
  }

  #expiring(expiresInMs: number): void {
    this.#authentication.expiring();
    this.owner.expiring(expiresInMs);
  }

  #becomeReady(): void {
    if (!this.#ready) {
      this.#ready = true;
      this.owner.ready();
    }
    this.update();
  }

  #reply(message: Extract<Message, { type: 'subscribed' | 'unsubscribed' | 'error' }>): void {
    if (message.type === 'error' && this.#authentication.refused(message)) return;
    if (message.id === this.#ping?.id) this.#ping = undefined;
    if (!this.#ask || message.id !== this.#ask.id) {
      if (message.type === 'error') this.owner.problem({ code: message.code, message: message.message });
      return;
    }
    const { ask } = this.#ask;
    this.#ask = undefined;
    this.#cancelTimer();
    const problem = message.type === 'error' && { code: message.code, message: message.message, symbols: ask.request.symbols };
    if (problem && problem.code === 'rate_limited') return this.#rest(problem);
    this.#restMs = kRatePauseMs;
    if (problem) {
      this.book.refused(ask);
      this.owner.problem(problem);
    } else if (message.type === 'subscribed') {
      this.book.subscribed(ask, message);
      this.owner.subscribed(ask, message);
    } else {
      this.book.unsubscribed(ask);
      this.owner.unsubscribed(ask);
    }
    this.update();
  }

  // Asks later. It is told once, until something else was answered.
  #rest(problem: Problem): void {
    const pauseMs = this.#restMs;
    this.#restMs = Math.min(2 * pauseMs, kMostRatePauseMs);
    this.#resting = true;
    this.#timer(pauseMs, () => {
      this.#resting = false;
      this.update();
    });
    if (pauseMs === kRatePauseMs) this.owner.problem(problem);
  }

  #send(request: Request): number {
    this.#lastId += 1;
    this.connection.send(JSON.stringify({ ...request, id: this.#lastId }));
    return this.#lastId;
  }

  #timer(delayMs: number, callback: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.host.setTimer(delayMs, callback);
  }
}
