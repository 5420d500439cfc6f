// Metrics as the page reads them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from '../../src/operations/exposition.js';

const kText = `# HELP ticker_connections Clients now.
# TYPE ticker_connections gauge
ticker_connections{shard="0"} 3
ticker_connections{shard="1"} 4
process_open_fds 28
ticker_write_path{shard="0",path="io_uring"} 1
ticker_write_path{shard="1",path="sendmsg"} 0
odd{name="a \\"b\\", c=\\\\ {d}",other="x"} 1.5e-3
what is no sample

`;

test('samples are summed over the labels that are not named', () => {
  const metrics = new Metrics(kText, 0);
  assert.deepEqual([metrics.sum('ticker_connections'), metrics.sum('ticker_connections', { shard: '1' }), metrics.sum('process_open_fds')], [7, 4, 28]);
  assert.deepEqual([metrics.sum('none'), metrics.sum('ticker_connections', { shard: '2' })], [undefined, undefined]);
  assert.equal(metrics.sum('odd', { name: 'a "b", c=\\ {d}', other: 'x' }), 0.0015);
  assert.deepEqual(metrics.labels('ticker_write_path', 'path'), ['io_uring']);
});

test('a rate is over the time between two readings, and none goes over a restart', () => {
  const [before, now] = [new Metrics('frames{shard="0"} 100', 1000), new Metrics('frames{shard="0"} 700', 3000)];
  assert.equal(now.rate('frames', before), 300);
  assert.deepEqual([now.rate('frames', undefined), before.rate('frames', now), now.rate('frames', now)], [undefined, undefined, undefined]);
});

test('a quantile is of what came since the earlier reading', () => {
  const histogram = (counts: readonly number[]): Metrics => new Metrics(['0.001', '0.01', '0.1', '+Inf'].map((le, at) =>
    `latency_bucket{stage="a",le="${le}"} ${counts[at] ?? 0}\nlatency_bucket{stage="b",le="${le}"} 1000`).join('\n'), 0);
  const [before, now] = [histogram([500, 500, 500, 500]), histogram([500, 590, 600, 601])];
  const of = (part: number): number | undefined => now.quantile('latency', part, before, { stage: 'a' });
  assert.deepEqual([of(0.5), of(0.9), of(0.99), of(1)], [0.01, 0.1, 0.1, Infinity]);
  assert.equal(now.quantile('latency', 0.5, undefined, { stage: 'a' }), 0.001);
  assert.equal(now.quantile('latency', 0.5, now, { stage: 'a' }), undefined);
});
