import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Emitter } from '../../src/events.js';

class Source extends Emitter<{ tick: number; tock: string }> {
  tick(value: number): void { this.emit('tick', value); }
}

test('several listeners of an event are called in order, each once', () => {
  const source = new Source();
  const heard: string[] = [];
  const first = (value: number): void => { heard.push(`first ${value}`); };
  source.addEventListener('tick', first);
  source.addEventListener('tick', first);
  source.addEventListener('tick', { handleEvent: (value) => { heard.push(`object ${value}`); } });
  source.addEventListener('tick', (value) => { heard.push(`once ${value}`); }, { once: true });
  const off = source.on('tick', (value) => { heard.push(`on ${value}`); });
  source.tick(1);
  off();
  source.removeEventListener('tick', first);
  source.tick(2);
  assert.deepEqual(heard, ['first 1', 'object 1', 'once 1', 'on 1', 'object 2']);
});

test('a listener may add and remove listeners', () => {
  const source = new Source();
  const heard: number[] = [];
  const off = source.on('tick', (value) => {
    off();
    source.on('tick', (later) => { heard.push(later); });
    heard.push(value);
  });
  source.tick(1);
  source.tick(2);
  assert.deepEqual(heard, [1, 2]);
});

test('an exception of a listener is thrown later, when the others were called', (context) => {
  const later: (() => void)[] = [];
  context.mock.method(globalThis, 'queueMicrotask', (callback: () => void) => later.push(callback));
  const error = new Error('of the user');
  const source = new Source();
  const heard: number[] = [];
  source.on('tick', () => { throw error; });
  source.on('tick', (value) => heard.push(value));
  source.tick(1);
  assert.deepEqual(heard, [1]);
  assert.throws(() => later[0]?.(), error);
});
