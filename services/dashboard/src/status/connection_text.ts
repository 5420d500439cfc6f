// The state of the connection in plain words.

import { CloseCode, kCloseCodes, type State } from 'ticker-web-client';

export interface ConnectionFacts {
  readonly state: State;
  readonly stale: boolean;
  // When the next attempt is; undefined: none is planned.
  readonly retryAtMs: number | undefined;
}

export type Look = 'live' | 'waiting' | 'dead';

// Why the service closed it; undefined: a line that was lost says nothing, nor does one that comes back at once.
export function closeReason(code: number, reason: string, returns: boolean): string | undefined {
  if (code === CloseCode.normal || (returns && code < 4000)) return undefined;
  const known = (kCloseCodes as Readonly<Record<number, { readonly meaning: string }>>)[code];
  return known?.meaning ?? (reason || undefined);
}

// `when`: apart, because it changes each second, which nobody wants to have read out.
export function connectionText(
  { state, stale, retryAtMs }: ConnectionFacts, nowMs: number,
): { readonly look: Look; readonly text: string; readonly when: string } {
  switch (state) {
    case 'open': return stale ? { look: 'waiting', text: 'Loading', when: '' } : { look: 'live', text: 'Live', when: '' };
    case 'connecting': return { look: 'waiting', text: 'Connecting', when: '' };
    case 'closed': return { look: 'dead', text: 'Not connected', when: '' };
    case 'reconnecting': {
      const seconds = Math.ceil(((retryAtMs ?? nowMs) - nowMs) / 1000);
      return { look: 'dead', text: 'Reconnecting', when: seconds > 0 ? `in ${seconds} s` : '' };
    }
  }
}
