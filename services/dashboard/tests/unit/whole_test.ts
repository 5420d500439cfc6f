import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wholeWidths } from '../../src/grid/whole.js';

test('columns grow into the room that is left', () => {
  assert.deepEqual(wholeWidths([100, 100, 50], 500), [200, 200, 100]);
});

test('the room is used to the last pixel', () => {
  const widths = wholeWidths([84, 100, 78], 801.5);
  assert.equal(widths.reduce((sum, width) => sum + width, 0), 801);
});

test('no column is cut: the next one begins behind the edge', () => {
  assert.deepEqual(wholeWidths([100, 100, 78, 100], 250), [125, 125, 78, 100]);
  assert.deepEqual(wholeWidths([100, 100, 78, 100], 278), [100, 100, 78, 100]);
});

test('where not one fits, all stay', () => {
  assert.deepEqual(wholeWidths([100, 50], 60), [100, 50]);
});
