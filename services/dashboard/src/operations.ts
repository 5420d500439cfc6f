// The operators' page: how the service and its feeds do, and what happened to them while the page was open.

import { element, setText } from './elements.js';
import { timeOfDay } from './format.js';
import type { Metrics } from './operations/exposition.js';
import { showFeeds } from './operations/feeds_table.js';
import { Journal } from './operations/journal.js';
import { read, type Reading } from './operations/reading.js';
import { signs } from './operations/signs.js';
import { shelf } from './saved.js';
import { ThemeSwitch } from './theme.js';

const kReadMs = 2000;
const kPatienceMs = 5000;
// Rates and latencies are of about this long.
const kWindow = 5;
// Readings further apart than this are not told rates from.
const kGapMs = 10_000;
// The service tells its time in whole seconds: a smaller difference says nothing.
const kTellingMs = 2000;

const journal = new Journal();
const states = new Map<string, string>();
let earlier: Metrics[] = [];
let silentSinceMs: number | undefined;
let aheadMs = 0; // this machine's clock, of the service's

async function get(path: string): Promise<Response> {
  const answer = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(kPatienceMs) });
  const ahead = Date.now() - Date.parse(answer.headers.get('date') ?? '');
  aheadMs = Math.abs(ahead) > kTellingMs ? ahead : 0;
  return answer;
}

async function readAgain(): Promise<void> {
  try {
    show(await read(get, () => performance.now()));
  } catch {
    if (silentSinceMs === undefined) journal.note(Date.now() * 1000, 'The service', 'down', 'does not answer');
    silentSinceMs ??= Date.now();
    earlier = []; // another one may answer next
  }
  showConnection();
}

function show(reading: Reading): void {
  if (silentSinceMs !== undefined) journal.note(Date.now() * 1000, 'The service', 'live', 'answers again');
  silentSinceMs = undefined;
  // After the page was hidden, or with another process: nothing to tell rates from.
  const started = (metrics: Metrics | undefined): number | undefined => metrics?.sum('process_start_time_seconds');
  const newest = earlier.at(-1);
  if (newest && (reading.metrics.atMs - newest.atMs > kGapMs || started(newest) !== started(reading.metrics))) earlier = [];
  const nowMs = Date.now() - aheadMs;
  for (const [id, text] of Object.entries(signs(reading, earlier[0], nowMs))) setText(element(id), text);
  element('ready').dataset['look'] = reading.ready ? 'live' : 'dead';
  element('stale').classList.toggle('bad', reading.feeds.some(({ stale }) => stale > 0));
  for (const [id, metric] of [['blocked', 'ticker_blocked_connections'], ['unrecorded', 'ticker_recording_dropped_total']] as const) {
    element(id).classList.toggle('bad', (reading.metrics.sum(metric) ?? 0) > 0);
  }
  showFeeds(reading.feeds, reading.metrics, earlier[0], nowMs);
  for (const { feed, state, sinceUs, reason } of reading.feeds) {
    const now = `${state} ${sinceUs}`;
    if (states.get(feed) !== now) journal.note(sinceUs, feed, state, reason);
    states.set(feed, now);
  }
  earlier = [...earlier, reading.metrics].slice(-kWindow);
}

function showConnection(): void {
  const isSilent = silentSinceMs !== undefined;
  document.body.dataset['stale'] = String(isSilent);
  element('connection').dataset['look'] = isSilent ? 'dead' : 'live';
  setText(element('connection-text'), isSilent ? 'No answer' : 'Live');
  element('banner').hidden = !isSilent;
  if (silentSinceMs !== undefined) setText(element('banner-text'), `The service does not answer since ${timeOfDay(silentSinceMs * 1000)}. This page goes on asking.`);
}

// One reading at a time, and none while nobody looks.
async function keepReading(): Promise<void> {
  for (;;) {
    if (!document.hidden) await readAgain();
    await new Promise((resolve) => { setTimeout(resolve, kReadMs); });
  }
}

new ThemeSwitch(element('theme'), shelf('localStorage'), () => {});
void keepReading();
