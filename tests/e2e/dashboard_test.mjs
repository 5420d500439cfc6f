// The dashboard in a real browser, on the real service, over a line that can be cut.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { closeBrowser, openBrowser, Tab } from './browser.mjs';
import { Line, simulator, startTickerd, startVenue, until } from './programs.mjs';

before(openBrowser);
after(closeBrowser);

const kSymbol = 'demo:BTC-USD';
const kTape = fileURLToPath(new URL('../feeds/kraken_v2.raw', import.meta.url));

// A page, and the line and service behind it.
async function scene(t, { feeds, server, ...options } = {}) {
  const tickerd = await startTickerd(t, feeds, server);
  const line = await Line.start(t, tickerd.port);
  const tab = await Tab.open(t, `http://127.0.0.1:${line.port}/`, options);
  return { tickerd, line, tab, page: tab.page };
}

const cell = (page, symbol, column) => page.locator(`.ag-row[row-id="${symbol}"] [col-id="${column}"]`);
const shownRows = async (page) => Number(((await page.textContent('#count')) ?? '').replaceAll(',', ''));

// Waits until a price is shown as live, and is another one then.
async function moves(page, symbol = kSymbol) {
  await page.waitForSelector('body[data-stale="false"]');
  const bid = cell(page, symbol, 'bid');
  const before = await bid.textContent();
  await until(async () => /\d/.test(before) && (await bid.textContent()) !== before, `the bid of ${symbol} moves`);
}

const subscribes = (tab) => tab.sent.filter(({ op, channel = 'ticker' }) => op === 'subscribe' && channel === 'ticker');

test('prices are shown, and move, within two seconds of opening the page', async (t) => {
  const { tab, page } = await scene(t);
  await moves(page);
  const ms = await page.evaluate(() => performance.now());
  t.diagnostic(`after ${Math.round(ms)} ms`);
  // What sanitizers cost is not the page's.
  if (!process.env.TICKER_SANITIZE) assert.ok(ms < 2000, `after ${ms} ms`);
  assert.equal(await page.textContent('#connection-text'), 'Live');
  await until(async () => (await shownRows(page)) === 50, 'all instruments are counted');
  tab.assertQuiet();
});

test('over https the page connects by wss, and its console stays quiet', async (t) => {
  const tls = { certificate: 'server.crt', key: 'server.key' };
  const tickerd = await startTickerd(t, undefined, { tls });
  const tab = await Tab.open(t, `https://127.0.0.1:${tickerd.port}/`, { ignoreHTTPSErrors: true });
  await moves(tab.page);
  assert.equal(await tab.page.evaluate(() => isSecureContext), true);
  tab.assertQuiet();
});

test('a price flashes as it rises or falls', async (t) => {
  const { tab, page } = await scene(t);
  await page.waitForSelector('.ag-cell.up.ag-cell-data-changed');
  await page.waitForSelector('.ag-cell.down.ag-cell-data-changed');
  tab.assertQuiet();
});

test('the search shows what it matches, and no more', async (t) => {
  const { tab, page } = await scene(t);
  await moves(page);
  await page.keyboard.press('/');
  await page.keyboard.type('btc');
  const symbols = () => page.locator('.ag-row').evaluateAll((rows) => [...new Set(rows.map((row) => row.getAttribute('row-id')))]);
  await until(async () => (await symbols()).every((symbol) => symbol.includes('BTC')), 'only what matches is shown');
  const matching = (await symbols()).length;
  assert.ok(matching > 1 && matching < 50, `${matching} instruments`);
  await until(async () => (await shownRows(page)) === matching, 'so many are counted');
  await page.keyboard.press('Escape');
  await until(async () => (await shownRows(page)) === 50, 'all are shown again');
  tab.assertQuiet();
});

test('the watchlist is kept over a reload', async (t) => {
  const { tab, page } = await scene(t);
  await moves(page);
  await cell(page, kSymbol, 'watched').locator('button').click();
  await page.click('[data-view="watchlist"]');
  await until(async () => (await shownRows(page)) === 1, 'one instrument is watched');
  await page.reload();
  await page.click('[data-view="watchlist"]');
  await until(async () => (await shownRows(page)) === 1, 'it is still watched');
  await moves(page);
  tab.assertQuiet();
});

test('an instrument opens its chart, which draws candles and goes on', async (t) => {
  const { tab, page } = await scene(t);
  await moves(page);
  await cell(page, kSymbol, 'symbol').click();
  await page.waitForSelector('#detail-state:text-is("live")');
  await page.click('[data-seconds="1"]');
  // How much of the chart is of a colour, as candles are.
  const coloured = () => page.locator('#chart canvas').evaluateAll((all) => all.reduce((sum, canvas) => {
    if (canvas.width * canvas.height === 0) return sum;
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < data.length; i += 4) {
      const [red, green, blue] = data.subarray(i, i + 3);
      if (data[i + 3] > 0 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) sum += 1;
    }
    return sum;
  }, 0));
  await until(async () => (await coloured()) > 200, 'candles are drawn');
  const before = await coloured();
  await until(async () => (await coloured()) !== before, 'it goes on');
  await until(async () => (await page.locator('#trades tr').count()) > 3, 'trades are listed');
  await page.keyboard.press('Escape');
  await page.waitForSelector('#detail', { state: 'hidden' });
  tab.assertQuiet();
});

test('the keyboard reaches what the mouse does', async (t) => {
  const { tab, page } = await scene(t);
  await moves(page);
  const focused = () => page.evaluate(() => document.activeElement?.closest('.ag-row')?.getAttribute('row-id'));
  const first = await page.locator('.ag-row[row-index="0"]').first().getAttribute('row-id');
  await page.keyboard.press('g');
  await until(async () => (await focused()) === first, 'the first row has the keyboard');
  await page.keyboard.press('ArrowDown');
  await until(async () => (await focused()) !== first, 'the next one has it');
  const second = await focused();
  await page.keyboard.press('w');
  await page.waitForFunction(() => document.getElementById('watched-count').textContent === '1');
  await page.keyboard.press('Enter');
  await page.waitForSelector(`#detail-symbol:text-is("${second}")`);
  await page.locator('[data-view="all"]').focus();
  await page.keyboard.press('Escape');
  await page.waitForSelector('#detail', { state: 'hidden' });
  await page.keyboard.press('2');
  await until(async () => (await shownRows(page)) === 1, 'the watchlist is shown');
  await page.keyboard.press('1');
  await until(async () => (await shownRows(page)) === 50, 'all are shown');
  await page.keyboard.press('?');
  await page.waitForSelector('#help-dialog[open]');
  await page.keyboard.press('Escape');
  await page.waitForSelector('#help-dialog', { state: 'hidden' });
  tab.assertQuiet();
});

test('rows are sorted by a column, and columns are chosen, for the next visit too', async (t) => {
  const { tab, page } = await scene(t);
  await moves(page);
  const header = page.locator('.ag-header-cell[col-id="symbol"]');
  const order = () => page.locator('.ag-row').evaluateAll((rows) => [...new Map(rows.map((row) =>
    [Number(row.getAttribute('row-index')), row.getAttribute('row-id')])).entries()].sort(([a], [b]) => a - b).map(([, symbol]) => symbol));
  const isSorted = async (sign) => {
    const symbols = await order();
    return symbols.length > 5 && symbols.every((symbol, at) => at === 0 || sign * symbol.localeCompare(symbols[at - 1], 'en') >= 0);
  };
  await until(async () => {
    await header.click();
    return (await header.getAttribute('aria-sort')) === 'descending';
  }, 'the header sorts');
  await until(() => isSorted(-1), 'the last comes first');
  await page.click('#columns');
  await page.locator('#columns-dialog label', { hasText: 'Bid size' }).locator('input').setChecked(false);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.ag-header-cell[col-id="bid_size"]', { state: 'detached' });
  await page.reload();
  await page.waitForSelector('.ag-cell.up');
  assert.equal(await page.locator('.ag-header-cell[col-id="bid_size"]').count(), 0);
  await until(() => isSorted(-1), 'it is still sorted');
  tab.assertQuiet();
});

test('a cut connection is told in words, and resumes with what was held', async (t) => {
  const { tab, page, line, tickerd } = await scene(t);
  await moves(page);
  const before = tab.replies().length;
  line.to = 0;
  line.cut();
  await page.waitForSelector('body[data-stale="true"]');
  await page.waitForFunction(() => /^Reconnecting/.test(document.getElementById('connection-text').textContent));
  await page.waitForSelector('#banner:not([hidden])');
  assert.match(await page.textContent('#banner-text'), /^Prices are not live since \d\d:\d\d:\d\d/);
  await page.waitForSelector(`.ag-row[row-id="${kSymbol}"] [col-id="bid"].stale`);
  line.to = tickerd.port;
  await until(() => tab.replies().length > before, 'it subscribes again');
  const { since } = subscribes(tab).at(-1);
  assert.equal(typeof since.version, 'number');
  assert.equal(tab.replies().at(-1).resumed, true);
  await moves(page);
  await page.waitForSelector('#banner', { state: 'hidden' });
  tab.assertQuiet({ cut: true });
});

test('a service that was killed and started again replaces all that is shown', async (t) => {
  const { tab, page, line, tickerd } = await scene(t);
  await moves(page);
  const second = await startTickerd(t, [simulator({ instruments: 7 })]);
  line.to = second.port;
  await tickerd.stop('SIGKILL');
  await until(async () => (await shownRows(page)) === 7, 'only the instruments of the second are shown');
  const [first, last] = [tab.replies().at(0), tab.replies().at(-1)];
  assert.notEqual(first.epoch, last.epoch);
  assert.equal(last.resumed, false);
  await moves(page);
  tab.assertQuiet({ cut: true });
});

test('the rows of a venue that fell silent are shown as stale, the others live on', async (t) => {
  const venue = await startVenue(t, 'kraken-v2', kTape, '--speed', 'max');
  const kraken = { name: 'kraken', adapter: 'kraken-v2', url: `ws://127.0.0.1:${venue.port}`, symbols: ['ALGO-USD', 'BTC-USD'], feed_timeout_ms: 3000 };
  const { tab, page } = await scene(t, { feeds: [simulator({ instruments: 5 }), kraken] });
  const live = '.ag-row[row-id="kraken:ALGO-USD"] [col-id="bid"]:not(.stale)';
  await page.waitForSelector(live);
  venue.signal('SIGSTOP');
  await page.waitForSelector('.ag-row[row-id="kraken:ALGO-USD"] [col-id="bid"].stale');
  await page.waitForSelector('#feeds [data-feed="kraken"]:not([data-state="live"])');
  assert.equal(await cell(page, 'kraken:ALGO-USD', 'age').textContent(), 'stale');
  await moves(page);
  assert.equal(await page.locator(`.ag-row[row-id="${kSymbol}"] .stale`).count(), 0);
  venue.signal('SIGCONT');
  await page.waitForSelector(live);
  await page.waitForSelector('#feeds [data-feed="kraken"][data-state="live"]');
  tab.assertQuiet();
});
