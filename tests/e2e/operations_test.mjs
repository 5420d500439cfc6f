// The operators' page, at the metrics address of the real service.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser, openBrowser, Tab } from './browser.mjs';
import { simulator, startTickerd, until } from './programs.mjs';

before(openBrowser);
after(closeBrowser);

async function scene(t, ...setup) {
  const tickerd = await startTickerd(t, ...setup);
  const tab = await Tab.open(t, `http://127.0.0.1:${tickerd.metricsPort}/`);
  await tab.page.waitForSelector('body[data-stale="false"]');
  return { tickerd, tab, page: tab.page, shown: (id) => tab.page.textContent(`#${id}`) };
}

test('the service, its feeds and its clients are told of', async (t) => {
  const { tickerd, tab, shown } = await scene(t, [simulator(), simulator({ name: 'second', instruments: 3 })]);
  const trader = await Tab.open(t, `http://127.0.0.1:${tickerd.port}/`);
  await trader.page.waitForSelector('body[data-stale="false"]');
  await until(async () => (await shown('clients')) === '1', 'the client is counted');
  await until(async () => /^[1-9]/.test(await shown('frames')) && /^[1-9]/.test(await shown('messages')), 'rates are told');
  await until(async () => /ms|> 10 s/.test(await shown('latency')), 'so is the latency of what it sent');
  assert.equal(await shown('ready'), 'ready');
  assert.equal(await shown('live'), '2 of 2');
  assert.equal(await shown('stale'), '0 of 53');
  assert.equal(await tab.page.locator('#feeds-body tr').first().locator('td').count(), await tab.page.locator('thead th').count() - 1);
  const rows = await tab.page.locator('#feeds-body tr').evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
  assert.deepEqual(rows.map(([feed, adapter, state, , , , , , instruments]) => [feed, adapter, state, instruments]),
    [['demo', 'simulator', 'live', '50'], ['second', 'simulator', 'live', '3']]);
  tab.assertQuiet();
});

test('a service that is gone is said to be, and what is shown of it is not taken for now', async (t) => {
  const { tickerd, tab, page } = await scene(t);
  await tickerd.stop('SIGKILL');
  await page.waitForSelector('body[data-stale="true"]');
  await page.waitForSelector('#banner:not([hidden])');
  assert.match(await page.textContent('#banner-text'), /^The service does not answer since \d\d:\d\d:\d\d/);
  tab.assertQuiet({ cut: true });
});

test('traders do not get it', async (t) => {
  const tickerd = await startTickerd(t);
  const answer = await fetch(`http://127.0.0.1:${tickerd.port}/operations.html`);
  assert.equal(answer.status, 404);
});
