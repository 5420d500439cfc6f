import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkText, matches, overlap, TextSet } from '../../src/pattern.js';

const kMatching: [string, string, boolean][] = [
  ['a:B', 'a:B', true], ['a:B', 'a:BC', false], ['*', '', true], ['a*', 'a', true], ['a*', 'ba', false], ['*a', 'ba', true],
  ['a*a', 'a', false], ['a*a', 'aa', true], ['*b*', 'abc', true], ['*b*', 'acd', false], ['a*b*c', 'abxbc', true],
  ['a*bc*c', 'abc', false], ['*ab*ab*', 'abab', true], ['*ab*ab*', 'aab', false], ['a**b', 'ab', true], ['.*', 'xx', false],
];

for (const [pattern, symbol, expected] of kMatching) {
  test(`pattern ${pattern} ${expected ? 'matches' : 'does not match'} ${JSON.stringify(symbol)}`, () => {
    assert.equal(matches(pattern, symbol), expected);
    assert.equal(new TextSet(['other', pattern]).matches(symbol), expected);
  });
}

test('texts overlap just when some symbol matches both', () => {
  // All texts of up to four characters of a small alphabet, against all symbols that could tell.
  const words = (letters: string, most: number): string[] => {
    let all = [''];
    for (let length = 0; length < most; length += 1) all = [...new Set([...all, ...all.flatMap((w) => [...letters].map((l) => w + l))])];
    return all;
  };
  const symbols = words('ab', 7);
  const texts = words('ab*', 4).filter((text) => text !== '');
  const matched = new Map(texts.map((text) => [text, new Set(symbols.filter((symbol) => matches(text, symbol)))]));
  let overlapping = 0;
  for (const a of texts) {
    for (const b of texts) {
      const [few, many] = [matched.get(a) ?? new Set(), matched.get(b) ?? new Set()];
      const expected = [...few].some((symbol) => many.has(symbol));
      if (overlap(a, b) !== expected) assert.fail(`overlap(${a}, ${b}) is not ${expected}`);
      overlapping += Number(expected);
    }
  }
  assert.ok(overlapping > 1000 && overlapping < texts.length ** 2);
});

test('texts that the service would refuse are refused here', () => {
  for (const text of ['', 'a\nb', 'a\u0085', '*a*b*c*d*', 'é'.repeat(65)]) assert.throws(() => checkText(text), RangeError);
  for (const text of ['*a*b*c*d', 'é'.repeat(64), 'a b']) checkText(text);
});
