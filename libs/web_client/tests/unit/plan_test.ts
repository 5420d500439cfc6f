import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Field } from '../../src/fields.js';
import { plan, type Wish } from '../../src/plan.js';

const wish = (texts: string[], fields?: Field[], intervalMs?: number, more: Partial<Wish> = {}): Wish =>
  ({ texts, fields, intervalMs, maxKbitPerS: undefined, wait: false, ...more });

// text, interval and fields of each entry, in order
const planned = (wishes: Wish[], lanes = 8): [string, number | undefined, string][] =>
  plan(wishes, lanes).map(({ text, lane }) => [text, lane?.intervalMs, lane?.fields?.join() ?? 'all']);

test('wishes that are alike share a lane', () => {
  const entries = plan([wish(['a'], ['bid'], 100), wish(['b', 'c*'], ['bid'], 100)], 8);
  assert.equal(new Set(entries.map(({ lane }) => lane)).size, 1);
});

test('the fast stand behind the slow, names behind patterns, whatever came first', () => {
  assert.deepEqual(planned([wish(['x'], ['bid'], 0), wish(['b', 'a*'], ['bid'], 500), wish(['y*'], ['bid'])]), [
    ['a*', 500, 'bid'], ['b', 500, 'bid'], ['y*', undefined, 'bid'], ['x', 0, 'bid']]);
});

test('a lane lists the fields of the slower ones whose instruments it takes', () => {
  assert.deepEqual(planned([wish(['k:*'], ['last'], 0), wish(['*:BTC'], ['bid'], 500), wish(['z'], ['ask'], 100)]), [
    ['*:BTC', 500, 'bid'], ['z', 100, 'ask'], ['k:*', 0, 'bid,last']]);
});

test('a pattern that is faster than a name lists what the name needs', () => {
  assert.deepEqual(planned([wish(['a'], ['last'], 500), wish(['*'], ['bid'], 0)]), [['a', 500, 'last'], ['*', 0, 'bid,last']]);
});

test('one text that several watches name gets the fastest pace and the fields of all', () => {
  assert.deepEqual(planned([wish(['a'], ['last'], 500), wish(['a'], ['bid'], 0), wish(['a'], ['ask'], 100)]), [['a', 0, 'bid,ask,last']]);
  assert.deepEqual(planned([wish(['a'], ['last'], 500), wish(['a'])]), [['a', undefined, 'all']]);
});

test('no limit is faster than a limit', () => {
  const entries = plan([wish(['a'], ['bid'], 100), wish(['*'], ['bid'], 100, { maxKbitPerS: 64 })], 8);
  assert.deepEqual(entries.map(({ text, lane }) => [text, lane?.maxKbitPerS]), [['*', 64], ['a', undefined]]);
});

test('names of one pace stand together by lane', () => {
  const texts = planned([wish(['a'], ['bid']), wish(['b'], ['ask']), wish(['c'], ['bid']), wish(['d'], ['ask'])]).map(([text]) => text);
  assert.deepEqual(texts, ['a', 'c', 'b', 'd']);
});

test('more wishes than lanes get one lane a pace, with the fields of all', () => {
  const wishes = [wish(['a'], ['bid'], 100), wish(['b'], ['ask'], 100), wish(['c'], ['last'], 0)];
  assert.equal(new Set(plan(wishes, 3).map(({ lane }) => lane?.name)).size, 3);
  assert.deepEqual(planned(wishes, 2), [['a', 100, 'bid,ask,last'], ['b', 100, 'bid,ask,last'], ['c', 0, 'bid,ask,last']]);
});

test('more paces than lanes: the slowest get a faster one', () => {
  const wishes = [wish(['a'], ['bid'], 1000), wish(['b*'], ['ask'], 500), wish(['c'], ['bid'], 100), wish(['d*'], ['bid'], 0)];
  assert.deepEqual(planned(wishes, 2).map(([text, interval]) => [text, interval]), [['b*', 100], ['a', 100], ['c', 100], ['d*', 0]]);
  assert.deepEqual(planned(wishes, 1).map(([text, interval]) => [text, interval]), [['b*', 0], ['d*', 0], ['a', 0], ['c', 0]]);
});

test('names of lanes fit the protocol', () => {
  const [entry] = plan([wish(['a'], undefined, 86_400_000, { maxKbitPerS: 10_000_000 })], 8);
  assert.ok((entry?.lane?.name.length ?? 99) <= 32, entry?.lane?.name);
});

test('random wishes: whoever asks for an instrument gets its fields at its pace', () => {
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const symbols = ['a:X', 'a:Y', 'b:X', 'b:Y'];
  const texts = [...symbols, '*', 'a:*', '*X', 'b*', '*:*'];
  const fields: Field[] = ['bid', 'ask', 'last'];
  for (let round = 0; round < 500; round += 1) {
    const wishes = Array.from({ length: 1 + random(5) }, () =>
      wish([pick(texts), pick(texts)], random(4) === 0 ? undefined : [pick(fields), pick(fields)], pick([undefined, 0, 100, 1000])));
    const lanes = pick([1, 3, 8]);
    const entries = plan(wishes, lanes);
    assert.ok(new Set(entries.map(({ lane }) => lane?.name)).size <= lanes, JSON.stringify(wishes));
    for (const symbol of symbols) {
      const match = (text: string): boolean => new RegExp(`^${text.replaceAll('*', '.*')}$`).test(symbol);
      const lane = entries.filter(({ text }) => match(text)).at(-1)?.lane;
      for (const one of wishes.filter((w) => w.texts.some(match))) {
        const missing = (one.fields ?? [undefined]).filter((field) => lane?.fields && (!field || !lane.fields.includes(field)));
        assert.deepEqual([missing, (lane?.intervalMs ?? 100) <= (one.intervalMs ?? 100)], [[], true], JSON.stringify([symbol, wishes]));
      }
    }
  }
});
