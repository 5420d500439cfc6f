// One socket at a time, kept alive: opens it, notices when it is dead, and comes back after a pause. Knows no message.

import { CloseCode, kCloseCodes } from './codes.js';
import type { Host, Socket } from './host.js';

export interface Pace {
  readonly minDelayMs: number; // the first pause after a loss is at most this long
  readonly maxDelayMs: number; // and no pause is longer than this
  readonly openTimeoutMs: number; // an attempt that takes longer has failed; so has a silence after it
}

export interface Closing { readonly code: number; readonly reason: string }

export interface Peer {
  opened(): void;
  text(text: string): void;
  // Called when a silence is suspicious, to provoke an answer.
  probe(): void;
  // Whether to come back. It only decides: what happened is told by lost().
  shallReturn(closing: Closing): boolean;
  // The connection is gone, or an attempt failed; the next attempt is after so long, undefined: there is none.
  lost(closing: Closing, retryInMs: number | undefined): void;
}

export const kSubprotocol = 'ticker.v1.json';
// A connection that lasted this long was a good one: the pauses start anew.
const kGoodAfterMs = 10_000;
// How long a suspicious connection has to show that it lives.
const kProbeMs = 5_000;
// How long the old socket is waited for before the next one may be opened: on a dead line a closing handshake takes minutes.
const kCloseWaitMs = 2_000;
// What browsers say of a connection that ended without a closing handshake.
const kLost = 1006;
// A goodbye that asks for more is not listened to.
const kMostToldMs = 60_000;

const kKnown: Readonly<Record<number, { readonly name: string; readonly reconnect: boolean }>> = kCloseCodes;

// As in proto/codes.json.
export function nameOf(code: number): string | undefined { return kKnown[code]?.name; }

// Whether a close code leaves hope. Numbers that are not in the list: 4500 to 4999 don't before something has changed.
export function reconnects(code: number): boolean {
  return kKnown[code]?.reconnect ?? (code < 4500 || code > 4999);
}

type Phase = 'idle' | 'opening' | 'open' | 'closing' | 'waiting';

export class Connection {
  #phase: Phase = 'idle';
  #socket: Socket | undefined;
  #cancelTimer: () => void = () => {}; // one timer: of the attempt, the silence, the closing or the pause
  #afterClosing: () => void = () => {};
  #attempts = 0; // since the last good connection
  #openedAt = 0;
  #heardAt = 0;
  #patienceMs = 0; // the longest silence
  #owed = false; // the peer was asked, and nothing was heard since
  #toldMs: number | undefined; // by a goodbye

  constructor(
    readonly url: string, private readonly host: Host, private readonly pace: Pace, private readonly peer: Peer,
  ) {}

  start(): void {
    this.#attempts = 0;
    if (this.#phase === 'closing') this.#afterClosing = () => this.#open();
    else if (this.#phase === 'idle') this.#open();
  }

  // For good, unless it is started again. Nothing more is told.
  stop(): void {
    this.#retire(CloseCode.normal, () => this.#enter('idle'));
  }

  send(text: string): void {
    if (this.#phase === 'open') this.#socket?.send(text);
  }

  // Gives this connection up, and comes back if the peer wants to.
  drop(code: number, reason: string): void {
    if (this.#phase !== 'opening' && this.#phase !== 'open') return;
    this.#lose({ code, reason });
  }

  // From now on, a silence longer than this means that the connection is dead.
  expectWithin(patienceMs: number): void {
    this.#patienceMs = patienceMs;
    if (this.#phase === 'open') this.#watch(patienceMs);
  }

  // Something was sent that is answered at once: if nothing is heard after so long, but kProbeMs at least, the connection is dead.
  expectAnswer(withinMs: number): void {
    // Who owes an answer already gets no more time for it.
    if (this.#phase !== 'open' || this.#owed) return;
    this.#owed = true;
    this.#timer(Math.min(Math.max(kProbeMs, withinMs), this.#patienceMs), (slept) => {
      if (!this.#owed) return this.#watch(Math.max(0, this.#heardAt + this.#patienceMs - this.host.now()));
      if (!slept) return this.drop(CloseCode.silent, 'no answer');
      this.#owed = false;
      this.#probe();
    });
  }

  // The service said when to come back.
  told(reconnectInMs: number): void { this.#toldMs = Math.min(Math.max(0, reconnectInMs), kMostToldMs); }

  // Something happened that may have ended the connection without a word; `hopeful`: or what kept a new one from being made.
  nudge(hopeful: boolean): void {
    if (this.#phase === 'open') this.#probe();
    else if (this.#phase === 'waiting' && hopeful && this.#toldMs === undefined) this.#wait(this.host.random() * this.pace.minDelayMs);
  }

  #open(): void {
    this.#toldMs = undefined;
    let socket: Socket;
    try {
      socket = this.host.openSocket(this.url, [kSubprotocol]);
    } catch (error) {
      this.#enter('idle');
      this.peer.lost({ code: kLost, reason: String(error) }, undefined);
      return;
    }
    this.#socket = socket;
    this.#enter('opening');
    this.#timer(this.pace.openTimeoutMs, () => this.drop(CloseCode.silent, 'no connection in time'));
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }: { readonly data: unknown }) => {
      this.#heardAt = this.host.now();
      this.#owed = false;
      if (typeof data === 'string') this.peer.text(data);
      else this.drop(CloseCode.unsupported_data, 'a binary message');
    };
    socket.onclose = ({ code, reason }: Closing) => {
      this.#release();
      this.#lose({ code, reason: String(reason) });
    };
    socket.onerror = () => {}; // a close follows
  }

  #opened(): void {
    this.#enter('open');
    this.#openedAt = this.#heardAt = this.host.now();
    this.#owed = false;
    this.expectWithin(this.pace.openTimeoutMs);
    this.peer.opened();
  }

  // Looks again when the silence has become too long; what is heard meanwhile costs no timer.
  #watch(forMs: number): void {
    this.#timer(forMs, (slept) => {
      const now = this.host.now();
      const left = this.#heardAt + this.#patienceMs - now;
      if (left > 0) this.#watch(left);
      else if (slept) this.#probe();
      else this.drop(CloseCode.silent, `nothing heard for ${Math.round(now - this.#heardAt)} ms`);
    });
  }

  #probe(): void {
    if (this.#owed) return;
    this.expectAnswer(kProbeMs);
    this.peer.probe();
  }

  // Lets go of the socket, and goes on once it is closed, or has not been for too long.
  #retire(code: number, next: () => void): void {
    this.#afterClosing = next;
    if (this.#phase === 'closing') return;
    const socket = this.#release();
    if (!socket) {
      next();
      return;
    }
    this.#enter('closing');
    const done = (): void => {
      socket.onclose = null;
      this.#cancelTimer();
      this.#afterClosing();
    };
    socket.onclose = done;
    this.#timer(kCloseWaitMs, () => {
      socket.terminate?.();
      done();
    });
    // Browsers take no codes of the protocol's own but 1000, and throw at a reason that is too long, as the service's own words may be.
    socket.close(code === CloseCode.normal || code >= 3000 ? code : CloseCode.normal, nameOf(code));
  }

  #release(): Socket | undefined {
    const socket = this.#socket;
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
    this.#socket = undefined;
    return socket;
  }

  #lose(closing: Closing): void {
    if (this.#phase === 'open' && this.host.now() - this.#openedAt >= kGoodAfterMs) this.#attempts = 0;
    const delayMs = this.peer.shallReturn(closing) ? this.#toldMs ?? this.#jitter() : undefined;
    this.#attempts += 1;
    this.#retire(closing.code, () => (delayMs === undefined ? this.#enter('idle') : this.#wait(delayMs)));
    this.peer.lost(closing, delayMs);
  }

  // "Full jitter": anything up to a bound that doubles, so that those who were lost together don't come back together.
  #jitter(): number {
    return this.host.random() * Math.min(this.pace.maxDelayMs, this.pace.minDelayMs * 2 ** this.#attempts);
  }

  #wait(delayMs: number): void {
    this.#enter('waiting');
    this.#timer(delayMs, () => this.#open());
  }

  #enter(phase: Phase): void {
    this.#cancelTimer();
    this.#phase = phase;
  }

  // `slept`: it is called long after its time. Who slept hears what came meanwhile only after this.
  #timer(delayMs: number, callback: (slept: boolean) => void): void {
    this.#cancelTimer();
    const due = this.host.now() + delayMs;
    this.#cancelTimer = this.host.setTimer(delayMs, () => callback(this.host.now() - due > kProbeMs));
  }
}
