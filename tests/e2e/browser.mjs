// Chromium with a page of the service: what it says on the wire is kept, and so is what its console complains of.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { chromium } = createRequire(new URL('../node/package.json', import.meta.url))('playwright-core');

let browser;
export async function openBrowser() {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'], ignoreDefaultArgs: ['--hide-scrollbars'] });
}
export const closeBrowser = () => browser?.close();

export class Tab {
  complaints = []; // errors and warnings of the console
  sent = []; // messages of all its sockets
  received = [];

  constructor(context, page) {
    this.context = context;
    this.page = page;
    page.setDefaultTimeout(20_000);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(`${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => this.sent.push(JSON.parse(payload)));
      socket.on('framereceived', ({ payload }) => this.received.push(JSON.parse(payload)));
    });
  }

  // `options`: of the browser's context, such as viewport and colorScheme.
  static async open(test, url, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    test.after(() => context.close());
    const tab = new Tab(context, await context.newPage());
    await tab.page.goto(url);
    return tab;
  }

  // Replies to the subscriptions so far.
  replies() { return this.received.filter(({ type, channel }) => type === 'subscribed' && channel === 'ticker'); }

  // But for what the browser itself says of a connection that the test cut.
  assertQuiet({ cut = false } = {}) {
    const own = cut ? this.complaints.filter((text) => !/WebSocket connection to .* failed|net::ERR_/.test(text)) : this.complaints;
    assert.deepEqual(own, []);
  }

  async screenshot(name) {
    mkdirSync(process.env.E2E_OUT, { recursive: true });
    await this.page.screenshot({ path: join(process.env.E2E_OUT, `${name}.png`) });
  }
}
