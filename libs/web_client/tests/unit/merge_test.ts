import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Store } from '../../src/merge.js';
import type { Entry } from '../../src/messages.js';

const held = (store: Store): object => Object.fromEntries(store.held);

test('a snapshot entry replaces, and tells what became another value', () => {
  const store = new Store();
  assert.deepEqual(store.take({ symbol: 'a', bid: '1', ask: '2', stale: false }, true),
    { symbol: 'a', kind: 'snapshot', quote: { bid: '1', ask: '2', stale: false }, previous: undefined, changed: ['bid', 'ask', 'stale'] });
  const change = store.take({ symbol: 'a', bid: '1', last: null, stale: false }, true);
  assert.deepEqual(change?.changed, ['last', 'ask']);
  assert.deepEqual(held(store), { a: { bid: '1', last: null, stale: false } });
});

test('a delta entry merges by field, into another object', () => {
  const store = new Store();
  store.take({ symbol: 'a', bid: '1', ask: '2' }, true);
  const before = store.held.get('a');
  const change = store.take({ symbol: 'a', ask: null }, false);
  assert.deepEqual(change, { symbol: 'a', kind: 'update', quote: { bid: '1', ask: null }, previous: { bid: '1', ask: '2' }, changed: ['ask'] });
  assert.deepEqual(before, { bid: '1', ask: '2' });
});

test('a delta with the values that are held is no change', () => {
  const store = new Store();
  store.take({ symbol: 'a', bid: '1' }, true);
  assert.equal(store.take({ symbol: 'a', bid: '1' }, false), undefined);
  assert.equal(store.take({ symbol: 'a', bid: '1' }, true), undefined);
});

test('1.0 and 1.00 are different texts', () => {
  const store = new Store();
  store.take({ symbol: 'a', bid: '1.0' }, true);
  assert.deepEqual(store.take({ symbol: 'a', bid: '1.00' }, false)?.changed, ['bid']);
});

test('new replaces, removed ends', () => {
  const store = new Store();
  store.take({ symbol: 'a', bid: '1', ask: '2' }, true);
  assert.equal(store.take({ symbol: 'a', new: true, bid: '3' }, false)?.kind, 'new');
  assert.deepEqual(held(store), { a: { bid: '3' } });
  const end = store.take({ symbol: 'a', removed: true }, false);
  assert.deepEqual([end?.kind, end?.previous, end?.quote, end?.changed], ['removed', { bid: '3' }, {}, ['bid']]);
  assert.deepEqual(held(store), {});
  assert.equal(store.take({ symbol: 'a', removed: true }, false), undefined);
});

test('a change of an instrument of which nothing is held is not made to be one', () => {
  const store = new Store();
  assert.equal(store.take({ symbol: 'a', bid: '1' }, false), undefined);
  assert.deepEqual(held(store), {});
});

test('an instrument without any value is held', () => {
  const store = new Store();
  assert.equal(store.take({ symbol: 'a' }, true)?.kind, 'snapshot');
  assert.deepEqual(held(store), { a: {} });
});

test('members that are no fields, or no values, are left out', () => {
  const store = new Store();
  const entry = JSON.parse('{"symbol":"__proto__","bid":{"x":1},"ask":["1"],"__proto__":{"last":"9"},"constructor":"x","last":"1"}') as Entry;
  store.take(entry, true);
  assert.deepEqual([...store.held], [['__proto__', { last: '1' }]]);
  assert.equal(({} as Record<string, unknown>)['last'], undefined);
});

test('what no snapshot confirms ends', () => {
  const store = new Store();
  for (const symbol of ['a', 'b', 'c']) store.take({ symbol, bid: '1' }, true);
  store.suspect((symbol) => symbol !== 'c');
  assert.equal(store.take({ symbol: 'a', bid: '1' }, true), undefined);
  assert.deepEqual(store.sweep().map(({ symbol, kind }) => [symbol, kind]), [['b', 'removed']]);
  assert.deepEqual(held(store), { a: { bid: '1' }, c: { bid: '1' } });
  assert.deepEqual(store.sweep(), []);
});

test('fields and instruments that nothing serves are dropped', () => {
  const store = new Store();
  for (const symbol of ['a', 'b']) store.take({ symbol, bid: '1', last: '2', stale: false }, true);
  const changes = store.trim((symbol) => (symbol === 'a' ? new Set(['bid'] as const) : undefined));
  assert.deepEqual(changes.map(({ symbol, kind, changed }) => [symbol, kind, changed]),
    [['a', 'update', ['last']], ['b', 'removed', ['bid', 'last', 'stale']]]);
  assert.deepEqual(held(store), { a: { bid: '1', stale: false } });
});
