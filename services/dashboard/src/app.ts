// The traders' page: wires its parts together.

import { TickerClient } from 'ticker-web-client';
import { offerColumns } from './columns_dialog.js';
import { Detail } from './detail/detail.js';
import { element, setText } from './elements.js';
import { count } from './format.js';
import { Frames } from './frames.js';
import { Grid } from './grid/grid.js';
import { listenToKeys } from './keys.js';
import { notice } from './notice.js';
import { Prices } from './prices.js';
import { ColumnChoice } from './rows/choice.js';
import { fieldsOf } from './rows/columns.js';
import { Layout } from './rows/layout.js';
import { symbolOf } from './rows/row.js';
import { Rows } from './rows/rows.js';
import { shelf } from './saved.js';
import { matcher } from './search.js';
import { ConnectionView } from './status/connection.js';
import { FeedChips } from './status/feeds.js';
import { Vitals } from './status/vitals.js';
import { ThemeSwitch } from './theme.js';
import { askForToken, savedToken } from './token.js';
import { kMostWatched, Watchlist } from './watchlist.js';

// For good, and for as long as the tab is open.
const [kept, tab] = [shelf('localStorage'), shelf('sessionStorage')];
const narrow = matchMedia('(max-width: 640px)').matches;
const token = savedToken(tab);
const client = new TickerClient('/', token === undefined ? {} : { token });

// --- what is shown ---

const rows = new Rows();
const columns = new ColumnChoice(kept, narrow);
const watchlist = new Watchlist(kept, () => watchlistChanged());
let view: 'all' | 'watchlist' = 'all';

const connection = new ConnectionView(client);
const vitals = new Vitals(client);
const feeds = new FeedChips(client);

const frames: Frames = new Frames(() => {
  vitals.drawn(grid.update(rows.drain()));
  detail.draw();
  if (grid.isBehind) frames.request();
});
const prices = new Prices(client, rows, (changes) => {
  vitals.changed(changes);
  frames.request();
});

const grid = new Grid(element('grid'), {
  isStale: (row) => prices.isStale(row),
  isWatched: (row) => watchlist.has(row.symbol),
  ageMs: (row) => vitals.ageMs(row),
  watch: (row) => watch(row.symbol),
  chosen: (row) => { location.hash = encodeURIComponent(row.symbol); },
  counted: (shown) => setText(element('count'), count(shown)),
}, columns.shown, new Layout(kept, narrow), narrow);

const detail = new Detail(client, {
  isWatched: (symbol) => watchlist.has(symbol),
  toggle: watch,
  closed: () => history.replaceState(null, '', location.pathname),
  nowMs: () => vitals.nowMs(),
}, () => frames);

// The instrument in focus is part of the address: it can be kept and sent.
function follow(): void {
  const symbol = symbolOf(location.hash);
  if (symbol === undefined) detail.close();
  else detail.open(symbol);
}

function show(): void {
  prices.show({ symbols: view === 'watchlist' ? watchlist.symbols : undefined, fields: fieldsOf(columns.shown) });
  for (const button of document.querySelectorAll<HTMLElement>('[data-view]')) {
    button.setAttribute('aria-pressed', String(button.dataset['view'] === view));
  }
}

function choose(chosen: typeof view): void {
  view = chosen;
  show();
}

// --- what is marked ---

function watch(symbol: string): void {
  if (!watchlist.toggle(symbol)) notice(`The watchlist has room for ${kMostWatched} instruments.`);
}

function watchlistChanged(): void {
  setText(element('watched-count'), count(watchlist.size));
  show();
  grid.restyle();
  detail.restyle();
}

// --- what the user does ---

const search = element<HTMLInputElement>('search');
const find = (): void => grid.search(search.value.trim() === '' ? undefined : matcher(search.value));
search.addEventListener('input', find);
for (const button of document.querySelectorAll<HTMLElement>('[data-view]')) {
  button.addEventListener('click', () => choose(button.dataset['view'] === 'watchlist' ? 'watchlist' : 'all'));
}
offerColumns(columns, () => {
  grid.showColumns(columns.shown);
  show();
});
askForToken(client, tab);
new ThemeSwitch(element('theme'), kept, () => detail.recolour());
listenToKeys({ search, grid, choose, close: () => detail.close() });
addEventListener('storage', ({ key }) => watchlist.stored(key));

addEventListener('hashchange', follow);

client.on('error', ({ code, message }) => {
  // Those are asked about, or there is another way.
  if (!['unauthorised', 'token', 'unknown_field'].includes(code)) notice(message);
});
client.on('stale', () => {
  grid.restyle();
  detail.restyle();
});
setInterval(() => {
  connection.show();
  vitals.show();
  feeds.show();
}, 1000);

setText(element('watched-count'), count(watchlist.size));
connection.show();
show();
find(); // browsers may have kept what was typed
follow();
