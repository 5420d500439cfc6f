// What the client is told of where it runs, by the host that users have.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultHost } from '../../src/host.js';

test('a sleep in which the clock of timers stands still is told', (context) => {
  let [now, wall] = [1000, 1e12];
  let look = (): void => {};
  context.mock.method(performance, 'now', () => now);
  context.mock.method(Date, 'now', () => wall);
  context.mock.method(globalThis, 'setInterval', (callback: () => void) => { look = callback; });
  const events: string[] = [];
  defaultHost(undefined).watchPage((event) => events.push(event));
  const pass = (ms: number, wallMs: number): void => {
    now += ms;
    wall += wallMs;
    look();
  };
  pass(1000, 1000);
  pass(60_000, 60_020); // late, as in a page that is not looked at
  pass(1000, -3_600_000); // the clock was set
  assert.deepEqual(events, []);
  pass(1000, 8 * 3_600_000);
  assert.deepEqual(events, ['woken']);
  pass(1000, 1000);
  assert.deepEqual(events, ['woken']);
});
