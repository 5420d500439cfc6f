// The dashboard before a service that wants tokens.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser, openBrowser, Tab } from './browser.mjs';
import { mint, startTickerd, until } from './programs.mjs';

before(openBrowser);
after(closeBrowser);

const kGuarded = { auth: { secret_file: 'secret', skew_ms: 0 } };

async function scene(t) {
  const tickerd = await startTickerd(t, undefined, kGuarded);
  const tab = await Tab.open(t, `http://127.0.0.1:${tickerd.port}/`);
  return { tab, page: tab.page, mint: (...options) => mint(tickerd.folder, ...options) };
}

// Waits until the page asks for a token, and says why in these words.
async function asked(page, words) {
  await page.waitForSelector('#token-dialog[open]');
  await page.waitForFunction((text) => document.getElementById('token-why').textContent.includes(text), words);
}

async function enter(page, token) {
  await page.fill('#token', token);
  await page.click('#token-form button[type="submit"]');
}

const live = (page) => page.waitForSelector('body[data-stale="false"]');

test('a wrong token is refused in plain words, and a right one lets in', async (t) => {
  const { tab, page, mint } = await scene(t);
  await asked(page, 'those who have a token');
  assert.equal(await page.locator('.ag-row').count(), 0);
  await enter(page, 'not-a-token');
  await asked(page, 'did not accept this token');
  await enter(page, await mint('--expires-in', '-60'));
  await page.waitForSelector('#token-dialog[open]');
  await enter(page, await mint());
  await live(page);
  await page.waitForSelector('.ag-cell.up');
  assert.ok(tab.sent.every(({ op, token }) => op === 'auth' || token === undefined));
  tab.assertQuiet();
});

test('a token that has run out is asked for anew, and what was held is resumed', async (t) => {
  const { tab, page, mint } = await scene(t);
  await asked(page, 'those who have a token');
  await enter(page, await mint('--expires-in', '5'));
  await live(page);
  await asked(page, 'has run out');
  const before = tab.replies().length;
  await page.waitForSelector('body[data-stale="true"]');
  await enter(page, await mint());
  await until(() => tab.replies().length > before, 'it subscribes again');
  assert.equal(tab.replies().at(-1).resumed, true);
  await live(page);
  tab.assertQuiet();
});

test('a wrong token in the place of a good one is told, and takes nothing away', async (t) => {
  const { tab, page, mint } = await scene(t);
  await asked(page, 'those who have a token');
  await enter(page, await mint());
  await live(page);
  await page.evaluate(() => document.getElementById('token-dialog').showModal()); // as the page does before a token runs out
  await enter(page, 'not-a-token');
  await asked(page, 'did not accept this token');
  await page.click('#token-cancel');
  await page.reload();
  await live(page);
  await page.waitForSelector('.ag-cell.up');
  tab.assertQuiet();
});

test('a token that shows some fields only shows these', async (t) => {
  const { tab, page, mint } = await scene(t);
  await asked(page, 'those who have a token');
  await enter(page, await mint('--fields', 'bid,ask'));
  await page.waitForSelector('.ag-cell.up[col-id="bid"]');
  assert.equal(await page.locator('.ag-row[row-id="demo:BTC-USD"] [col-id="last"]').textContent(), '–');
  tab.assertQuiet();
});

test('who has all the connections that a token allows is told so', async (t) => {
  const { tab, page, mint } = await scene(t);
  await asked(page, 'those who have a token');
  const token = await mint('--sub', 'trader', '--connections', '1');
  await enter(page, token);
  await live(page);
  const other = await tab.context.newPage();
  await other.goto(page.url());
  await asked(other, 'those who have a token');
  await enter(other, token);
  await other.waitForFunction(() => /too many connections/.test(document.getElementById('banner-text').textContent));
});

test('a token is kept for a reload, and for no other tab', async (t) => {
  const { tab, page, mint } = await scene(t);
  await asked(page, 'those who have a token');
  await enter(page, await mint('--symbols', 'demo:BTC-*'));
  await live(page);
  await page.reload();
  await live(page);
  await page.waitForSelector('.ag-cell.up');
  const symbols = await page.locator('.ag-row').evaluateAll((rows) => rows.map((row) => row.getAttribute('row-id')));
  assert.ok(symbols.length > 0 && symbols.every((symbol) => symbol.startsWith('demo:BTC-')), symbols.join());
  const other = await tab.context.newPage();
  await other.goto(page.url());
  await asked(other, 'those who have a token');
  tab.assertQuiet();
});
