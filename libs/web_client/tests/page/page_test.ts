// The example page with the <script> build, in a real browser, on the real service.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium, type Browser, type Page } from 'playwright-core';
import { Line, Tickerd } from '../tickerd.js';
import { until, type Json } from '../fake_server.js';

const root = process.env['WEB_CLIENT'] ?? '';
const files: Readonly<Record<string, readonly [path: string, type: string]>> = {
  '/': [join(root, 'examples/live_price.html'), 'text/html'],
  '/ticker.min.js': [join(process.env['WEB_CLIENT_OUT'] ?? '', 'dist/ticker.min.js'), 'text/javascript'],
};
const kSymbol = 'demo:BTC-USD';

let browser: Browser;
const server = createServer((request, response) => {
  const file = files[new URL(request.url ?? '/', 'http://page').pathname];
  response.writeHead(file ? 200 : 204, { 'content-type': file?.[1] ?? 'text/plain' }).end(file && readFileSync(file[0]));
});

before(async () => {
  browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '', args: ['--no-sandbox'] });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(async () => {
  await browser.close();
  server.close();
});

interface Scene {
  readonly tickerd: Tickerd;
  readonly line: Line;
  readonly page: Page;
  readonly complaints: string[]; // of the console
  readonly sent: Json[];
  readonly received: Json[];
}

async function scene(t: { after(callback: () => void | Promise<void>): void }): Promise<Scene> {
  const tickerd = await Tickerd.start(t, 20);
  const line = await Line.start(t, tickerd.port);
  const page = await browser.newPage();
  t.after(() => page.close());
  const complaints: string[] = [];
  const sent: Json[] = [];
  const received: Json[] = [];
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => sent.push(JSON.parse(String(payload)) as Json));
    socket.on('framereceived', ({ payload }) => received.push(JSON.parse(String(payload)) as Json));
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/?url=${encodeURIComponent(line.url)}&symbol=${kSymbol}`;
  await page.goto(address);
  return { tickerd, line, page, complaints, sent, received };
}

const price = (page: Page): Promise<string | null> => page.textContent('#price');

// Shown as live, and another than before.
async function moves(page: Page): Promise<void> {
  const before = await price(page);
  await page.waitForFunction((text) => {
    const shown = document.getElementById('price');
    return shown && !shown.classList.contains('stale') && shown.textContent !== text;
  }, before, { timeout: 45_000 });
}

const replies = ({ received }: Scene): Json[] => received.filter(({ type }) => type === 'subscribed');

test('a page of thirty lines shows a live price', async (t) => {
  const { page, complaints } = await scene(t);
  await moves(page);
  assert.match((await price(page)) ?? '', /^[\d,]+\.\d+ \/ [\d,]+\.\d+$/);
  assert.equal(await page.textContent('#symbol'), kSymbol);
  await moves(page);
  assert.deepEqual(complaints, []);
});

test('a cut connection comes back with since', async (t) => {
  const stage = await scene(t);
  const { page, line, sent } = stage;
  await moves(page);
  line.cut();
  await until(() => replies(stage).length === 2, 'it subscribes again');
  const since = sent.at(-1)?.['since'] as Json | undefined;
  assert.equal(typeof since?.['version'], 'number');
  assert.equal(replies(stage).at(-1)?.['resumed'], true);
  await moves(page);
});

test('a line that goes silent is left for another one', async (t) => {
  const stage = await scene(t);
  await moves(stage.page);
  stage.line.silence();
  await until(() => replies(stage).length === 2, 'it subscribes again');
  await moves(stage.page);
});

test('without a network the price is shown as old, and live again with it', async (t) => {
  const stage = await scene(t);
  const { page, line } = stage;
  await moves(page);
  await page.context().setOffline(true);
  line.cut();
  await page.waitForSelector('#price.stale');
  await page.context().setOffline(false);
  await moves(page);
  assert.equal(replies(stage).at(-1)?.['resumed'], true);
});

test('a service that was killed and started again is shown from its new epoch', async (t) => {
  const stage = await scene(t);
  const { page, line, tickerd } = stage;
  await moves(page);
  const second = await Tickerd.start(t, 20);
  line.to = second.port;
  await tickerd.stop('SIGKILL');
  await until(() => replies(stage).length === 2, 'it subscribes again');
  const [before, now] = replies(stage);
  assert.notEqual(before?.['epoch'], now?.['epoch']);
  await moves(page);
});
