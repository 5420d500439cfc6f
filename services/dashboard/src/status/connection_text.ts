// The state of the connection in plain words.

import type { State } from 'ticker-web-client';

export interface ConnectionFacts {
  readonly state: State;
  readonly stale: boolean;
  // When the next attempt is; undefined: none is planned.
  readonly retryAtMs: number | undefined;
  // Why it was closed, for whoever can do something about it.
  readonly reason: string | undefined;
}

export type Look = 'live' | 'waiting' | 'dead';

export function connectionText(
  { state, stale, retryAtMs, reason }: ConnectionFacts, nowMs: number,
): { readonly look: Look; readonly text: string } {
  switch (state) {
    case 'open': return stale ? { look: 'waiting', text: 'Loading' } : { look: 'live', text: 'Live' };
    case 'connecting': return { look: 'waiting', text: 'Connecting' };
    case 'closed': return { look: 'dead', text: reason ? `Not connected: ${reason}` : 'Not connected' };
    case 'reconnecting': {
      const seconds = Math.ceil(((retryAtMs ?? nowMs) - nowMs) / 1000);
      return { look: 'dead', text: seconds > 0 ? `Reconnecting in ${seconds} s` : 'Reconnecting' };
    }
  }
}
