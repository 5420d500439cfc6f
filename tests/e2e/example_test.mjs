// A page of one's own with the <script> build, in a real browser, on the real service.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { closeBrowser, openBrowser, Tab } from './browser.mjs';
import { Line, startTickerd, until } from './programs.mjs';

const kSymbol = 'demo:BTC-USD';
const kPage = readFileSync(fileURLToPath(new URL('../../services/dashboard/examples/live_price.html', import.meta.url)), 'utf8');

// Where the page comes from: not from the service.
const files = {
  '/': ['text/html', kPage],
  '/ticker.min.js': ['text/javascript', readFileSync(join(process.env.E2E_OUT, 'web_client/ticker.min.js'), 'utf8')],
};
const site = createServer((request, response) => {
  const [type, content] = files[new URL(request.url, 'http://site').pathname] ?? [];
  response.writeHead(content ? 200 : 204, { 'content-type': type ?? 'text/plain' }).end(content);
});

before(async () => {
  await openBrowser();
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
});
after(async () => {
  await closeBrowser();
  site.close();
});

async function scene(t) {
  const tickerd = await startTickerd(t);
  const line = await Line.start(t, tickerd.port);
  const query = `url=${encodeURIComponent(`ws://127.0.0.1:${line.port}`)}&symbol=${kSymbol}`;
  const tab = await Tab.open(t, `http://127.0.0.1:${site.address().port}/?${query}`);
  return { tickerd, line, tab, page: tab.page };
}

// Shown as live, and another than before.
async function moves(page) {
  const before = await page.textContent('#price');
  await page.waitForFunction((text) => {
    const shown = document.getElementById('price');
    return !shown.classList.contains('stale') && shown.textContent !== text;
  }, before);
}

test('a page of thirty lines shows a live price', async (t) => {
  const { tab, page } = await scene(t);
  assert.ok(kPage.trimEnd().split('\n').length <= 30);
  await moves(page);
  assert.match(await page.textContent('#price'), /^[\d,]+\.\d+ \/ [\d,]+\.\d+$/);
  assert.equal(await page.textContent('#symbol'), kSymbol);
  await moves(page);
  tab.assertQuiet();
});

test('a line that goes silent is left for another one', async (t) => {
  const { tab, page, line } = await scene(t);
  await moves(page);
  line.silence();
  await until(() => tab.replies().length === 2, 'it subscribes again');
  await moves(page);
});

test('without a network the price is shown as old, and live again with it', async (t) => {
  const { tab, page, line } = await scene(t);
  await moves(page);
  await page.context().setOffline(true);
  line.cut();
  await page.waitForSelector('#price.stale');
  await page.context().setOffline(false);
  await moves(page);
  assert.equal(typeof tab.sent.at(-1).since.version, 'number');
  assert.equal(tab.replies().at(-1).resumed, true);
});

test('a service that was killed and started again is shown from its new epoch', async (t) => {
  const { tab, page, line, tickerd } = await scene(t);
  await moves(page);
  line.to = (await startTickerd(t)).port;
  await tickerd.stop('SIGKILL');
  await until(() => tab.replies().length === 2, 'it subscribes again');
  assert.notEqual(tab.replies()[0].epoch, tab.replies()[1].epoch);
  await moves(page);
});
