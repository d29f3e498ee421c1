import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bytes, clock, instant, percent, span } from '../../labextension/src/format.ts';

test('sizes have the unit that fits them', () => {
  assert.deepEqual(
    [0, 1023, 1024, 1536 * 1024, 80 * 2 ** 30, 200 * 2 ** 30, 5000 * 2 ** 40].map(bytes),
    ['0 B', '1023 B', '1.0 KiB', '1.5 MiB', '80.0 GiB', '200 GiB', '5000 TiB']
  );
});

test('spans have the unit that fits them', () => {
  const spans = [-5, 9_999, 59_999, 60_000, 3_600_000, 47 * 3_600_000, 48 * 3_600_000].map(span);

  assert.deepEqual(
    spans.map(({ count, unit }) => `${count} ${unit}`),
    ['0 second', '0 second', '50 second', '1 minute', '1 hour', '47 hour', '2 day']
  );
});

test('a share is between 0 and 100, or nothing where it cannot be said', () => {
  assert.deepEqual(
    [percent(1, 4), percent(9, 3), percent(-1, 3), percent(null, 3), percent(1, null), percent(0, 0)],
    [25, 100, 0, null, null, null]
  );
});

test('a time that is none is nothing, and no mistake', () => {
  assert.equal(instant('1970-01-01T00:00:01Z'), 1000);
  assert.equal(instant(''), null);
  assert.match(clock(0), /^\d\d:\d\d:00$/);
  assert.equal(clock(Number.NaN), '--:--:--');
});
