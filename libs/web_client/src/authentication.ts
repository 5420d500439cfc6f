// The token, on one connection: shown, and followed by another one before it runs out.

import { CloseCode } from './codes.js';
import type { Host } from './host.js';
import type { RequestError } from './messages.js';
import type { Problem } from './session.js';

export type Token = string | (() => string | Promise<string>);

export interface AuthenticationOwner {
  token(): Token | undefined;
  // Sends it; the request's id.
  show(token: string): number;
  // There is none to show, or the service refused it; a connection that can't do without is closed with this code.
  failed(problem: Problem, code: number): void;
}

// How long a token function may take: the service waits for 10 s.
const kTokenMs = 8_000;
// Between attempts to get another token while the one before still holds: the service tells a minute ahead.
const kAgainMs = 5_000;

export class Authentication {
  #fetch: object | undefined; // asking for a token; what an earlier one brings comes too late
  #expiring = false;
  #shown: string | undefined;
  #request: number | undefined; // that shows it
  #cancelTimer: () => void = () => {}; // of the function, or of the next attempt

  constructor(private readonly host: Host, private readonly owner: AuthenticationOwner) {}

  // A token was shown, and may be why the connection is refused.
  get shown(): boolean { return this.#shown !== undefined; }

  end(): void {
    this.#fetch = undefined;
    this.#cancelTimer();
  }

  // Gets the token, anew if it comes from a function, and shows it.
  show(): void {
    this.end();
    const token = this.owner.token();
    if (typeof token === 'function') void this.#get(token, undefined);
    else if (token !== undefined) this.#show(token);
  }

  // The token that holds runs out. Where it did not come from a function there is no other one.
  expiring(): void {
    this.#expiring = true;
    this.#renew();
  }

  accepted(): void {
    this.#expiring = false;
    this.#request = undefined;
  }

  // False: it was not about the token.
  refused({ id, code, message }: RequestError): boolean {
    if (id === undefined || id !== this.#request) return false;
    this.#request = undefined;
    // Not looked at, after bad ones from this address: it may be good.
    const unseen = code === 'rate_limited';
    if (unseen) this.#shown = undefined;
    this.#fail({ code, message }, unseen ? CloseCode.too_many_requests : CloseCode.unauthorised);
    return true;
  }

  #renew(): void {
    const token = this.owner.token();
    if (typeof token === 'function' && !this.#fetch && this.#request === undefined) void this.#get(token, this.#shown);
  }

  async #get(source: () => string | Promise<string>, previous: string | undefined): Promise<void> {
    const fetch = this.#fetch = {};
    const late = new Promise<never>((_, reject) => {
      this.#timer(kTokenMs, () => reject(new Error('no token came in time')));
    });
    try {
      const token = await Promise.race([source(), late]);
      if (this.#fetch === fetch) this.#got(token, previous);
    } catch (error) {
      if (this.#fetch === fetch) this.#fail({ code: 'token', message: String(error) }, CloseCode.going_away);
    }
  }

  #got(token: string, previous: string | undefined): void {
    this.end();
    if (token === previous) this.#again(); // it would run out no later
    else this.#show(token);
  }

  #show(token: string): void {
    this.#shown = token;
    this.#request = this.owner.show(token);
  }

  #fail(problem: Problem, code: number): void {
    this.end();
    this.#again();
    this.owner.failed(problem, code);
  }

  #again(): void {
    if (this.#expiring) this.#timer(kAgainMs, () => this.#renew());
  }

  #timer(delayMs: number, callback: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.host.setTimer(delayMs, callback);
  }
}
