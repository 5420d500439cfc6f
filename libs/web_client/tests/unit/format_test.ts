import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareDecimals, formatDecimal, roundDecimal } from '../../src/format.js';

test('decimals compare exactly', () => {
  const rising = ['-2', '-1.5', '-0.00000001', '0', '0.00000000000000000001', '0.1', '1', '1.0000000000000000001', '12345678901234567890'];
  for (const [i, a] of rising.entries()) for (const [j, b] of rising.entries()) assert.equal(compareDecimals(a, b), Math.sign(i - j), `${a} ${b}`);
  assert.equal(compareDecimals('1.0', '1.00'), 0);
});

const kRounded: [string, number, string][] = [
  ['61800.20', 1, '61800.2'], ['61800.20', 4, '61800.2000'], ['0.125', 2, '0.12'], ['0.135', 2, '0.14'], ['0.1251', 2, '0.13'],
  ['9.99', 1, '10.0'], ['2.5', 0, '2'], ['3.5', 0, '4'], ['-0.004', 2, '0.00'], ['-1.005', 2, '-1.00'], ['-1.015', 2, '-1.02'],
  ['7', 0, '7'], ['12345678901234567890.5', 0, '12345678901234567890'],
];
for (const [decimal, places, expected] of kRounded) {
  test(`${decimal} with ${places} places is ${expected}`, () => assert.equal(roundDecimal(decimal, places), expected));
}

test('formats as traders read it', () => {
  assert.equal(formatDecimal('1234567.8900'), '1,234,567.8900');
  assert.equal(formatDecimal('-1234.5', { places: 2 }), '-1,234.50');
  assert.equal(formatDecimal('1234.5', { group: '.', point: ',', plus: true }), '+1.234,5');
  assert.equal(formatDecimal('0.00', { plus: true }), '0.00');
  assert.equal(formatDecimal('1234567', { group: "$'" }), "1$'234$'567");
  assert.equal(formatDecimal(null), '–');
  assert.equal(formatDecimal(undefined, { none: '' }), '');
});
