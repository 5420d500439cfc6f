// The rows: what is shown anew, and where prices went.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Field, Quote } from 'ticker-web-client';
import { ColumnChoice } from '../../src/rows/choice.js';
import { Layout } from '../../src/rows/layout.js';
import { compareValues, fieldsOf, kColumns } from '../../src/rows/columns.js';
import { Row } from '../../src/rows/row.js';
import { Rows, type Movement } from '../../src/rows/rows.js';
import { WaitingRows } from '../../src/rows/waiting.js';
import { MemoryShelf } from '../shelf.js';

const told = (rows: Rows, symbol: string, quote: Quote = {}): void => rows.take({ symbol, kind: 'update', quote, changed: [] });
const ended = (rows: Rows, symbol: string): void => rows.take({ symbol, kind: 'removed', quote: {}, changed: [] });
const names = (list: Iterable<Row>): string[] => [...list].map(({ symbol }) => symbol);
const drained = ({ added, removed, changed }: Movement): string[][] => [added, removed, changed].map(names);

test('a row remembers where each price went last', () => {
  const row = new Row('k:A-B');
  row.take({ bid: '10.0', ask: '11', last: '10.5' });
  assert.deepEqual(row.direction, { bid: 0, ask: 0, last: 0 });
  row.take({ bid: '9.90', ask: '11', last: '10.50000000000000000001' });
  assert.deepEqual(row.direction, { bid: -1, ask: 0, last: 1 });
  row.take({ bid: '9.90', ask: '11.0', last: null });
  assert.deepEqual(row.direction, { bid: -1, ask: 0, last: 0 });
  assert.deepEqual([row.venue, row.name, new Row('plain').venue, new Row('plain').name], ['k', 'A-B', '', 'plain']);
});

test('each instrument is drained once, however often it changed', () => {
  const rows = new Rows();
  for (const symbol of ['a', 'b', 'a', 'a']) told(rows, symbol);
  assert.deepEqual(drained(rows.drain()), [['a', 'b'], [], ['a', 'b']]);
  told(rows, 'b');
  assert.deepEqual(drained(rows.drain()), [[], [], ['b']]);
  assert.deepEqual(drained(rows.drain()), [[], [], []]);
});

test('what ended goes, and what came and went in between was never there', () => {
  const rows = new Rows();
  told(rows, 'a');
  rows.drain();
  told(rows, 'b');
  ended(rows, 'b');
  ended(rows, 'a');
  ended(rows, 'nobody');
  assert.deepEqual(drained(rows.drain()), [[], ['a'], []]);
  assert.equal(rows.size, 0);
});

test('what ended and came back is another row', () => {
  const rows = new Rows();
  told(rows, 'a', { bid: '1' });
  const [before] = rows.drain().added;
  ended(rows, 'a');
  told(rows, 'a', { bid: '2' });
  const { added, removed } = rows.drain();
  assert.deepEqual([removed[0] === before, added[0] === before, added[0]?.direction.bid], [true, false, 0]);
});

test('a pinned instrument has a row before anything is known of it, and after it ended', () => {
  const rows = new Rows();
  rows.pin(['a', 'b']);
  assert.deepEqual(drained(rows.drain()), [['a', 'b'], [], []]);
  told(rows, 'a', { bid: '1', stale: false });
  ended(rows, 'a');
  assert.deepEqual([rows.get('a')?.quote, names(rows.drain().changed)], [{}, ['a']]);
  rows.pin(['b']);
  assert.deepEqual(drained(rows.drain()), [[], ['a'], []]);
});

test('other instruments go when only some are kept', () => {
  const rows = new Rows();
  for (const symbol of ['a', 'b', 'c']) told(rows, symbol);
  rows.drain();
  rows.keep(new Set(['b']));
  assert.deepEqual(drained(rows.drain()), [[], ['a', 'c'], []]);
});

test('values sort as numbers, and nothing comes last either way', () => {
  const values = ['10.5', undefined, '9', '-3', '100', undefined, '9.0'];
  const sorted = (descending: boolean): unknown[] => {
    const order = [...values].map((value) => ({ value }));
    order.sort((a, b) => (descending ? -1 : 1) * compareValues(a.value, b.value, descending));
    return order.map(({ value }) => value);
  };
  assert.deepEqual(sorted(false), ['-3', '9', '9.0', '10.5', '100', undefined, undefined]);
  assert.deepEqual(sorted(true), ['100', '10.5', '9', '9.0', '-3', undefined, undefined]);
  assert.deepEqual([compareValues('buy', 'sell', false), compareValues(2, 10, false) < 0], [-1, true]);
});

test('only the fields of shown columns are asked for', () => {
  assert.deepEqual(fieldsOf(new Set(['spread', 'last'])), ['ask', 'bid', 'exchange_time_us', 'last', 'receive_time_us']);
  assert.deepEqual(fieldsOf(new Set()), ['exchange_time_us', 'receive_time_us']);
});

test('the choice of columns is kept, apart for narrow screens', () => {
  const shelf = new MemoryShelf({ 'ticker.columns': '["bid","nothing",3]' });
  const wide = new ColumnChoice(shelf, false);
  assert.deepEqual([...wide.shown], ['bid']);
  wide.choose('vwap_24h', true);
  wide.choose('bid', false);
  assert.deepEqual([...new ColumnChoice(shelf, false).shown], ['vwap_24h']);
  assert.deepEqual([...new ColumnChoice(shelf, true).shown], ['bid', 'ask', 'change_percent_24h']);
  wide.reset();
  assert.deepEqual([...wide.shown], kColumns.filter(({ from }) => from !== 'choice').map(({ id }) => id));
});

test('the order of columns and of rows is kept, and read back with care', () => {
  const shelf = new MemoryShelf();
  const placed = [{ colId: 'bid', sort: null }, { colId: 'last', sort: 'desc' }] as const;
  assert.equal(new Layout(shelf, false).placed, undefined);
  new Layout(shelf, false).keep(placed);
  assert.deepEqual([new Layout(shelf, false).placed, new Layout(shelf, true).placed], [placed, undefined]);
  const kept = (text: string): unknown => new Layout(new MemoryShelf({ 'ticker.layout': text }), false).placed;
  assert.deepEqual(kept('[null,7,{"colId":3},{"colId":"bid","sort":"up","hide":true}]'), [{ colId: 'bid', sort: null }]);
  assert.deepEqual([kept('{}'), kept('"x"'), kept('[')], [undefined, undefined, undefined]);
});

test('rows in sight are drawn in turns, those first that wait longest', () => {
  const [a, b, c, hidden] = ['a', 'b', 'c', 'hidden'].map((symbol) => new Row(symbol)) as [Row, Row, Row, Row];
  const waiting = new WaitingRows();
  const drawn = (most: number): string[] => waiting.take(most, (row) => (row === hidden ? undefined : row.symbol));
  waiting.add([hidden, a, b, c]);
  assert.deepEqual(drawn(2), ['a', 'b']);
  assert.equal(waiting.size, 1); // the hidden one waits for nothing
  waiting.add([a, c, b]);
  assert.deepEqual(drawn(2), ['c', 'a']);
  assert.deepEqual(drawn(2), ['b']);
  assert.equal(waiting.size, 0);
});

test('only a change at the venue has a way that is timed', () => {
  const rows = new Rows();
  const quote = { bid: '1', exchange_time_us: 7 };
  const timed = (kind: 'snapshot' | 'update', changed: readonly Field[]): number | undefined => {
    rows.take({ symbol: 'k:A', kind, quote, changed });
    const row = rows.get('k:A');
    const us = row?.undrawnUs;
    if (row) row.undrawnUs = undefined;
    return us;
  };
  assert.deepEqual([timed('snapshot', ['bid', 'exchange_time_us']), timed('update', ['stale']), timed('update', ['bid', 'exchange_time_us'])],
    [undefined, undefined, 7]);
});
