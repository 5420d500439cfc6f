// A host whose clock stands still until the test moves it; its sockets are real ones.

import { WebSocket } from 'ws';
import type { Host, PageEvent, Socket } from '../src/index.js';

export class ManualHost implements Host {
  #now = 0;
  #timers: { readonly at: number; readonly callback: () => void }[] = [];
  #page = new Set<(event: PageEvent) => void>();
  chance = 0.5; // what random() gives
  opened = 0; // attempts so far

  now = (): number => this.#now;
  random = (): number => this.chance;

  setTimer = (delayMs: number, callback: () => void): (() => void) => {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.push(timer);
    return () => { this.#timers = this.#timers.filter((other) => other !== timer); };
  };

  openSocket = (url: string, protocols: string[]): Socket => {
    this.opened += 1;
    return new WebSocket(url, protocols, { perMessageDeflate: false });
  };

  watchPage = (listener: (event: PageEvent) => void): (() => void) => {
    this.#page.add(listener);
    return () => { this.#page.delete(listener); };
  };

  page(event: PageEvent): void { for (const listener of this.#page) listener(event); }
  get watchesPage(): boolean { return this.#page.size > 0; }

  // How long until each timer, soonest first.
  get timers(): number[] { return this.#timers.map(({ at }) => at - this.#now).sort((a, b) => a - b); }

  // Lets time pass; what is due is called in order.
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#now = Math.max(this.#now, due.at);
      due.callback();
    }
    this.#now = until;
  }

  // The machine sleeps: time passes, and what was due meanwhile is called after it.
  sleep(ms: number): void {
    this.#now += ms;
    this.advance(0);
  }
}
