// What the page knows of its connection, and the banner that says so when prices are not live.

import type { State, TickerClient } from 'ticker-web-client';
import { element, setText } from '../elements.js';
import { timeOfDay } from '../format.js';
import { closeReason, connectionText } from './connection_text.js';

// A short cut heals before anybody has read that there was one.
const kBannerAfterMs = 1500;

export class ConnectionView {
  #retryAtMs: number | undefined;
  #reason: string | undefined;
  #staleSinceMs = Date.now();

  constructor(private readonly client: TickerClient) {
    client.on('state', ({ state }) => this.#stateChanged(state));
    client.on('stale', ({ stale }) => {
      if (stale) this.#staleSinceMs = Date.now();
      this.show();
    });
    client.on('close', ({ code, reason, retryInMs }) => {
      this.#retryAtMs = retryInMs === undefined ? undefined : Date.now() + retryInMs;
      this.#reason = closeReason(code, reason, retryInMs !== undefined);
      this.show();
    });
    element('reconnect').addEventListener('click', () => client.open());
  }

  // Once a second, and at each change.
  show(): void {
    const now = Date.now();
    const { look, text, when } = connectionText({ state: this.client.state, stale: this.client.stale, retryAtMs: this.#retryAtMs }, now);
    const shown = element('connection');
    shown.dataset['look'] = look;
    setText(element('connection-text'), text);
    setText(element('connection-when'), when);
    document.body.dataset['state'] = this.client.state;
    document.body.dataset['stale'] = String(this.client.stale);
    const banner = element('banner');
    banner.hidden = !this.client.stale || now - this.#staleSinceMs < kBannerAfterMs;
    if (!banner.hidden) {
      const why = this.#reason ? `: ${this.#reason}` : '';
      setText(element('banner-text'), `Prices are not live since ${timeOfDay(this.#staleSinceMs * 1000)}${why}. ${text}`);
      setText(element('banner-when'), when);
    }
    element('reconnect').hidden = this.client.state !== 'closed';
  }

  #stateChanged(state: State): void {
    if (state === 'open') this.#reason = this.#retryAtMs = undefined;
    this.show();
  }
}
