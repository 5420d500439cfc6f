// The vital signs, in words.

import { bytes, count, duration, kNone, milliseconds } from '../format.js';
import type { Metrics } from './exposition.js';
import { summary, type Reading } from './reading.js';

export type Signs = Readonly<Record<string, string>>;

const known = (value: number | undefined, say: (value: number) => string): string => (value === undefined ? kNone : say(value));
const perSecond = (value: number | undefined): string => known(value, (rate) => `${count(rate)}/s`);
const upTo = (seconds: number | undefined): string => known(seconds, (value) => (value === Infinity ? '> 10 s' : milliseconds(value * 1000)));

function reasons(metrics: Metrics): string {
  const of = (name: string, label: string): string[] => metrics.labels(name, label).map((value) => `${value} ${count(metrics.sum(name, { [label]: value }) ?? 0)}`);
  return of('ticker_connections_refused_total', 'reason').join(', ');
}

// By the ids of the page's elements. `before`: an earlier reading, for what is told by the second; `nowMs`: by the service's clock.
export function signs({ ready, why, feeds, metrics }: Reading, before: Metrics | undefined, nowMs: number): Signs {
  const { live, symbols, stale, oldestUs } = summary(feeds);
  const sum = (name: string): number | undefined => metrics.sum(name);
  const rate = (name: string): number | undefined => metrics.rate(name, before);
  const latency = (stage: string, part: number): string => upTo(metrics.quantile('ticker_latency_seconds', part, before, { stage }));
  const [open, most] = [sum('process_open_fds'), sum('process_max_fds')];
  const started = sum('process_start_time_seconds');
  const recorded = rate('ticker_recording_messages_total');
  return {
    ready: ready ? 'ready' : 'not ready', why,
    live: `${count(live)} of ${count(feeds.length)}`,
    oldest: oldestUs === undefined ? '' : `last message ${duration(nowMs - oldestUs / 1000)} ago`,
    stale: `${count(stale)} of ${count(symbols)}`,
    messages: perSecond(rate('ticker_feed_messages_total')), 'bytes-in': known(rate('ticker_feed_bytes_total'), (value) => `${bytes(value)}/s`),
    clients: known(sum('ticker_connections'), count), entries: known(sum('ticker_subscriptions'), (value) => `${count(value)} subscriptions`),
    frames: perSecond(rate('ticker_frames_sent_total')), 'bytes-out': known(rate('ticker_sent_bytes_total'), (value) => `${bytes(value)}/s`),
    blocked: known(sum('ticker_blocked_connections'), count), held: known(sum('ticker_held_bytes'), (value) => `${bytes(value)} held`),
    refused: known(sum('ticker_connections_refused_total'), count), reasons: reasons(metrics),
    latency: latency('receive_to_write', 0.99),
    stages: `decoding ${latency('receive_to_publish', 0.99)}, serving ${latency('publish_to_write', 0.99)}`,
    'venue-latency': latency('exchange_to_receive', 0.5),
    cpu: known(rate('process_cpu_seconds_total'), (value) => `${Math.round(value * 100)} %`),
    memory: known(sum('process_resident_memory_bytes'), (value) => `${bytes(value)} of memory`),
    descriptors: known(open, count), room: known(most, (value) => `of ${count(value)}`),
    unrecorded: known(sum('ticker_recording_dropped_total'), count), recorded: recorded === undefined ? '' : `${count(recorded)}/s recorded`,
    uptime: known(started, (value) => duration(nowMs - value * 1000)),
    version: [...metrics.labels('ticker_build_info', 'version'), ...metrics.labels('ticker_write_path', 'path')].join(', '),
  };
}
