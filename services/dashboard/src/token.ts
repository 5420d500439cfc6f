// Asks for a token where the service wants one. It is kept for as long as the tab is open, and sent to this service only.

import { CloseCode, type TickerClient } from 'ticker-web-client';
import { element, setText } from './elements.js';
import { duration } from './format.js';
import { load, save, type Shelf } from './saved.js';

const kKey = 'token';
const kMostLength = 7_680;  // the service takes no longer one

const asToken = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= kMostLength ? value : undefined;

export const savedToken = (shelf: Shelf): string | undefined => load(shelf, kKey, asToken);

// undefined: another token would not help.
export function whyToken(code: number, had: boolean): string | undefined {
  if (code === CloseCode.token_expired) return 'Your token has run out. Please enter a new one.';
  if (code !== CloseCode.unauthorised) return undefined;
  return had ? 'The service did not accept this token. Please check it, or enter another one.'
    : 'This service shows prices to those who have a token. Please enter yours.';
}

export const whyBeforehand = (expiresInMs: number): string =>
  `Your token runs out in ${duration(expiresInMs)}. With a new one prices stay live.`;

export function askForToken(client: TickerClient, shelf: Shelf): void {
  const dialog = element<HTMLDialogElement>('token-dialog');
  const input = element<HTMLInputElement>('token');
  let had = savedToken(shelf) !== undefined;
  let held: string | undefined; // shown before the one that was just entered, and good until then

  const ask = (why: string): void => {
    setText(element('token-why'), why);
    if (dialog.open) return; // and somebody may be typing
    input.value = '';
    dialog.showModal();
  };
  client.on('error', ({ code }) => {
    // The connection stands by the token that it has.
    if (code !== 'unauthorised' || client.state !== 'open') return;
    ask(whyToken(CloseCode.unauthorised, true) ?? '');
    if (held === undefined) return;
    save(shelf, kKey, held);
    client.setToken(held);
    held = undefined;
  });
  client.on('expiring', ({ expiresInMs }) => ask(whyBeforehand(expiresInMs)));
  client.on('close', ({ code, retryInMs }) => {
    const why = retryInMs === undefined ? whyToken(code, had) : undefined;
    if (why !== undefined) ask(why);
  });
  element('token-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const token = asToken(input.value.trim());
    if (token === undefined) return;
    had = true;
    held = client.state === 'open' ? savedToken(shelf) : undefined;
    save(shelf, kKey, token);
    dialog.close();
    client.setToken(token);
    client.open();
  });
  element('token-cancel').addEventListener('click', () => dialog.close());
}
