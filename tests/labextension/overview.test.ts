import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asOverview } from '../../labextension/src/overview.ts';
import { problem } from './answers.ts';

for (const body of [null, undefined, 7, 'text', [], {}, { version: 1 }]) {
  test(`${JSON.stringify(body)} is no overview`, () => {
    assert.equal(asOverview(body), null);
  });
}

test('parts that a server leaves out are empty', () => {
  const made = asOverview({ version: '9' });

  assert.deepEqual(made?.kernels, { default: '', configured_by: null, kernels: [], not_started: [] });
  assert.deepEqual(made?.report.problems, []);
  assert.equal(made?.cuda, null);
  assert.equal(made?.api, 0);
});

test('parts in another form than they should have are empty', () => {
  const made = asOverview({ version: '9', kernels: [], logs: { events: 'none', lost: '3' }, image: 5 });

  assert.deepEqual(made?.kernels.kernels, []);
  assert.deepEqual(made?.logs.events, []);
  assert.equal(made?.logs.lost, 0);
  assert.equal(made?.image.uid, null);
});

test('half a part is made whole, and what is no part is none', () => {
  const made = asOverview({
    version: '9',
    cuda: { status: 'visible', devices: [{ uuid: 'u', memory_total: 'much' }, null, 7] },
    kernels: { kernels: [{ name: 'k', broken: {}, environment: 5, aliases: ['a', 3] }, 'x'] },
    logs: { shipping: { state: 'idle' }, events: [{ message: {} }, null], group: { a: 1 } }
  });

  assert.deepEqual(made?.cuda?.reasons, []);
  assert.deepEqual(made?.cuda?.devices.map(each => [each.uuid, each.memory_total, each.name]), [['u', null, null]]);
  assert.equal(asOverview({ version: '9', cuda: 'none' })?.cuda, null);
  assert.deepEqual(
    made?.kernels.kernels.map(({ aliases, broken, environment }) => ({ aliases, broken, environment })),
    [{ aliases: ['a'], broken: { reason: '', remedy: '' }, environment: null }]
  );
  assert.equal(made?.logs.shipping?.behind_events, 0);
  assert.equal(made?.logs.events.length, 1);
  assert.equal(made?.logs.events[0]?.message, '');
  assert.equal(made?.logs.group, null);
});

test('what is said stays, also what this panel does not know', () => {
  const made = asOverview({
    api: 1,
    version: '9',
    report: { worst: 'error', problems: [problem('error'), null, { id: 3 }], later: 1 },
    cuda: { status: 'visible' }
  });

  assert.deepEqual(made?.report.problems, [problem('error')]);
  assert.equal(made?.cuda?.status, 'visible');
  assert.equal((made?.report as unknown as Record<string, unknown>).later, 1);
});

test('one answer does not leak into the next', () => {
  asOverview({ version: '9' })?.kernels.kernels.push({} as never);

  assert.deepEqual(asOverview({ version: '9' })?.kernels.kernels, []);
});
