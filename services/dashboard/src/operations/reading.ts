// What the service says of itself on the operators' address, read with care: it may be another version of it.

import { Metrics } from './exposition.js';

export interface FeedReading {
  readonly feed: string;
  readonly adapter: string;
  readonly state: string;
  readonly sinceUs: number;
  readonly lastMessageUs: number | undefined;
  readonly reason: string;
  readonly symbols: number;
  readonly stale: number;
}

export interface Reading {
  readonly ready: boolean;
  readonly why: string; // it is not
  readonly feeds: readonly FeedReading[];
  readonly metrics: Metrics;
}

export interface Summary {
  readonly live: number;
  readonly symbols: number;
  readonly stale: number;
  // The time of the feed that has been silent for longest, of those that are live.
  readonly oldestUs: number | undefined;
}

type Get = (path: string) => Promise<{ readonly status: number; text(): Promise<string> }>;

// Rejects where an answer is none, as when a proxy says 502 for it.
export async function read(get: Get, nowMs: () => number): Promise<Reading> {
  const [ready, feeds, metrics] = await Promise.all(['/readyz', '/v1/feeds', '/metrics'].map(async (path) => {
    const answer = await get(path);
    if (answer.status !== 200 && !(path === '/readyz' && answer.status === 503)) throw new Error(`${path}: ${answer.status}`);
    return { isGood: answer.status === 200, text: await answer.text() };
  }));
  if (!ready || !feeds || !metrics) throw new Error('unreachable');
  return {
    ready: ready.isGood, why: ready.isGood ? '' : messageOf(parsed(ready.text)), feeds: feedsOf(parsed(feeds.text)),
    metrics: new Metrics(metrics.text, nowMs()),
  };
}

export function summary(feeds: readonly FeedReading[]): Summary {
  const live = feeds.filter(({ state }) => state === 'live');
  const times = live.flatMap(({ lastMessageUs }) => lastMessageUs ?? []);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    live: live.length, symbols: sum(feeds.map(({ symbols }) => symbols)), stale: sum(feeds.map(({ stale }) => stale)),
    oldestUs: times.length > 0 ? Math.min(...times) : undefined,
  };
}

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const messageOf = (body: unknown): string => (isObject(body) && isObject(body['error']) ? text(body['error']['message']) : '');

function feedsOf(body: unknown): FeedReading[] {
  const feeds = isObject(body) && Array.isArray(body['feeds']) ? (body['feeds'] as unknown[]) : [];
  return feeds.filter(isObject).map((feed) => ({
    feed: text(feed['feed']), adapter: text(feed['adapter']), state: text(feed['state']), sinceUs: number(feed['since_us']),
    lastMessageUs: typeof feed['last_message_us'] === 'number' ? feed['last_message_us'] : undefined,
    reason: text(feed['reason']), symbols: number(feed['symbols']), stale: number(feed['stale']),
  }));
}
