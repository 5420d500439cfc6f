// How the pages look, and who can use them: screenshots of desktop and phone, light and dark, each checked by axe-core.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { closeBrowser, openBrowser, Tab } from './browser.mjs';
import { Line, simulator, startTickerd, until } from './programs.mjs';

before(openBrowser);
after(closeBrowser);

const axe = createRequire(new URL('../node/package.json', import.meta.url))('axe-core');
const kDevices = {
  desktop: { viewport: { width: 1280, height: 720 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};
// In trouble, with something to say about it.
const kDown = { name: 'kraken', adapter: 'kraken-v2', url: 'ws://127.0.0.1:1', symbols: ['BTC-USD', 'ETH-USD'] };
const pricesMove = (page) => page.waitForSelector('.ag-cell.up');

// What the pages show, and how they come to.
const kViews = {
  prices: pricesMove,
  instrument: async (page) => {
    await pricesMove(page);
    await page.locator('.ag-row[row-id="demo:BTC-USD"] [col-id="symbol"]').click();
    await page.click('[data-seconds="1"]');
    await until(async () => (await page.locator('#trades tr').count()) >= 20, 'trades are listed');
  },
  help: (page) => page.click('#help'),
  operations: async (page) => {
    await page.goto(`http://127.0.0.1:${tickerd.metricsPort}/`);
    await page.waitForSelector('#feeds-body [data-feed="kraken"]');
    await page.waitForFunction(() => /\d/.test(document.getElementById('messages').textContent)); // told from two readings
  },
};

// What keeps people from using the page.
async function barriers(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`);
}

// By how much the page, or the operators' table, is wider than what is in sight.
const sideways = (page) => page.evaluate(() =>
  Math.max(...[document.scrollingElement, ...document.querySelectorAll('.scroll')].map((box) => box.scrollWidth - box.clientWidth)));

// Columns of the table that the edge of what is in sight goes through: "+0" may stand for "+0.11".
const cutColumns = (page) => page.evaluate(() => {
  const place = (cell) => cell.getBoundingClientRect();
  const age = document.querySelector('.ag-header-cell[col-id="age"]'); // keeps the right edge, where it is shown
  const edge = age ? place(age).left : place(document.getElementById('grid')).right;
  return [...document.querySelectorAll('.ag-header-cell')].filter((cell) => place(cell).left < edge - 1 && place(cell).right > edge + 1)
    .map((cell) => cell.getAttribute('col-id'));
});

// One service for all: what it remembers of trades grows.
const ends = [];
let tickerd;
before(async () => { tickerd = await startTickerd({ after: (end) => ends.push(end) }, [simulator(), kDown]); });
after(() => ends.reverse().forEach((end) => end()));

for (const [view, reach] of Object.entries(kViews)) {
  for (const [device, options] of Object.entries(kDevices)) {
    for (const colorScheme of ['light', 'dark']) {
      test(`${view}, ${device}, ${colorScheme}: nothing keeps people from using it`, async (t) => {
        const tab = await Tab.open(t, `http://127.0.0.1:${tickerd.port}/`, { ...options, colorScheme });
        await tab.page.waitForSelector('body[data-stale="false"]');
        await reach(tab.page);
        await tab.page.waitForSelector('body[data-stale="false"]');
        await tab.screenshot(`${view}-${device}-${colorScheme}`);
        assert.equal(await sideways(tab.page), 0);
        assert.deepEqual(await barriers(tab.page), []);
        tab.assertQuiet();
      });
    }
  }
}

test('dialogs, an empty watchlist and stale prices keep nobody from using the page', async (t) => {
  const line = await Line.start(t, tickerd.port);
  const tab = await Tab.open(t, `http://127.0.0.1:${line.port}/`, kDevices.desktop);
  const { page } = tab;
  await pricesMove(page);
  await page.click('#columns');
  assert.deepEqual(await barriers(page), []);
  await page.keyboard.press('Escape');
  await page.click('[data-view="watchlist"]');
  assert.deepEqual(await barriers(page), []);
  await page.click('[data-view="all"]');
  line.to = 0;
  line.cut();
  await page.waitForSelector('#banner:not([hidden])');
  await tab.screenshot('stale-desktop-light');
  assert.deepEqual(await barriers(page), []);
  await page.evaluate(() => document.getElementById('token-dialog').showModal());
  assert.deepEqual(await barriers(page), []);
  tab.assertQuiet({ cut: true });
});

for (const width of [1280, 390, 320]) {
  test(`at ${width} pixels no page scrolls sideways`, async (t) => {
    for (const port of [tickerd.port, tickerd.metricsPort]) {
      const tab = await Tab.open(t, `http://127.0.0.1:${port}/`, { ...kDevices.phone, viewport: { width, height: 740 } });
      await tab.page.waitForSelector('body[data-stale="false"]');
      assert.equal(await sideways(tab.page), 0);
    }
  });
}

for (const [width, detail] of [[1280, true], [1024, true], [1280, false], [700, false], [390, false], [360, false], [320, false]]) {
  test(`at ${width} pixels${detail ? ' with an instrument open' : ''} no column is cut`, async (t) => {
    const tab = await Tab.open(t, `http://127.0.0.1:${tickerd.port}/`, { ...kDevices.phone, viewport: { width, height: 740 } });
    await pricesMove(tab.page);
    if (detail) await tab.page.locator('.ag-row[row-id="demo:BTC-USD"] [col-id="symbol"]').click();
    await until(async () => (await cutColumns(tab.page)).length === 0, 'the columns are fitted');
    if (width === 360) assert.equal(await tab.page.locator('.ag-row[row-id="demo:BTC-USD"] [col-id="change_percent_24h"]').isVisible(), true);
  });
}
