// The operators' page: whether the service is ready, how its feeds do, and what happened to them.

import { TickerClient } from 'ticker-web-client';
import { element, setText } from './elements.js';
import { count, duration, kNone, milliseconds } from './format.js';
import { showFeeds } from './operations/feeds_table.js';
import { Journal } from './operations/journal.js';
import { read, summary, type Reading } from './operations/reading.js';
import { shelf } from './saved.js';
import { ConnectionView } from './status/connection.js';
import { ClockOffset } from './status/latency.js';
import { ThemeSwitch } from './theme.js';
import { askForToken, savedToken } from './token.js';

const kReadMs = 2000;

const [kept, tab] = [shelf('localStorage'), shelf('sessionStorage')];
const token = savedToken(tab);
const client = new TickerClient('/', token === undefined ? {} : { token });
const connection = new ConnectionView(client, 'This page is');
const clock = new ClockOffset();
const journal = new Journal();
let reading: Reading | undefined;
let epoch = '';

// By the service's clock, which its times are of.
const serviceNowMs = (): number => Date.now() - (clock.best?.aheadMs ?? 0);

async function readAgain(): Promise<void> {
  if (client.state !== 'open' || document.hidden) return;
  const shown = savedToken(tab);
  const headers: HeadersInit = shown === undefined ? {} : { authorization: `Bearer ${shown}` };
  try {
    reading = await read((path) => fetch(path, { headers, cache: 'no-store', signal: AbortSignal.timeout(kReadMs) }));
  } catch {
    reading = undefined; // no answer, which the connection will soon notice too
  }
  show();
}

function show(): void {
  connection.show();
  setText(element('round-trip'), milliseconds(clock.best?.roundTripMs));
  setText(element('clock'), clock.best ? milliseconds(Math.abs(clock.best.aheadMs)) : kNone);
  setText(element('epoch'), epoch || kNone);
  const ready = element('ready');
  ready.dataset['look'] = reading?.ready ? 'live' : 'dead';
  setText(ready, reading === undefined ? kNone : reading.ready ? 'ready' : 'not ready');
  setText(element('why'), reading?.why ?? '');
  const { live, symbols, stale, oldestUs } = summary(reading?.feeds ?? []);
  setText(element('live'), reading ? `${count(live)} of ${count(reading.feeds.length)}` : kNone);
  setText(element('stale'), reading ? `${count(stale)} of ${count(symbols)}` : kNone);
  element('stale').classList.toggle('bad', stale > 0);
  setText(element('oldest'), oldestUs === undefined ? kNone : duration(serviceNowMs() - oldestUs / 1000));
  if (reading) showFeeds(reading.feeds, serviceNowMs());
}

askForToken(client, tab);
new ThemeSwitch(element('theme'), kept, () => {});
client.on('pong', ({ timeUs, roundTripMs }) => clock.take(Date.now() - roundTripMs, roundTripMs, timeUs));
client.on('open', (event) => {
  epoch = event.epoch;
  client.ping();
  void readAgain();
});
client.on('state', ({ state }) => journal.note(Date.now() * 1000, 'This page', state));
client.subscribeStatus('*', ({ feed, state, since_us, reason }) => {
  journal.note(since_us, feed, state, reason);
  void readAgain();
});
setInterval(() => {
  client.ping();
  void readAgain();
}, kReadMs);
setInterval(show, 1000);
show();
