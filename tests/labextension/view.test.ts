import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as v from '../../labextension/src/view.ts';
import { kernel, overview, problem, report } from './answers.ts';

const GOOD = v.answered(overview(), null, 1000);

function failure(status: number, code = ''): v.Failure {
  return { status, code, message: 'so it is', hint: '' };
}

test('an answer makes the panel ready', () => {
  assert.equal(GOOD.state, 'ready');
  assert.equal(GOOD.at, 1000);
});

test('an answer with a newer meaning is not shown as if it were known', () => {
  const view = v.answered(overview({ api: 2 }), null, 1000);

  assert.equal(view.state, 'newer');
  assert.equal(v.worst(view), 'unknown');
});

test('a server that goes away leaves what was known, and says that it is old', () => {
  const view = v.failed(GOOD, failure(0), null);

  assert.equal(view.state, 'stale');
  assert.equal(view.overview, GOOD.overview);
  assert.equal(view.at, 1000);
  assert.equal(v.worst(view), 'unknown');
});

test('a server that never answered is an error', () => {
  assert.equal(v.failed(v.LOADING, failure(503), null).state, 'error');
  assert.equal(v.failed(v.LOADING, failure(0), null).state, 'error');
});

test('a server that does not know the route lacks the extension, whatever it said before', () => {
  const view = v.failed(GOOD, failure(404, 'missing'), null);

  assert.equal(view.state, 'missing');
  assert.equal(view.overview, null);
});

test('a page of something in front of the server says nothing of the extension', () => {
  assert.equal(v.failed(GOOD, failure(404), null).state, 'stale');
  assert.equal(v.failed(v.LOADING, failure(404), null).state, 'error');
  assert.equal(v.isJupyters('<title>404</title><center>nginx</center>'), false);
  assert.equal(v.isJupyters('<title>JupyterHub</title>'), false);
  assert.equal(v.isJupyters('<html><title>Jupyter Server</title>'), true);
  assert.equal(v.isJupyters('{"message": "", "reason": "Not Found"}'), true);
  assert.equal(v.isJupyters('{"message": "no route matched"}'), false);
});

test('what the proxy says of the gateway is told apart', () => {
  const state = (code: string): string => v.failed(v.LOADING, failure(502, code), 'http://g').state;

  assert.equal(state('gateway-away'), 'gateway-away');
  assert.equal(state('gateway-without-jupyter-sm'), 'gateway-without-jupyter-sm');
  assert.equal(state('gateway-refuses'), 'error');
  assert.equal(v.failed(v.LOADING, failure(504, 'gateway-slow'), 'http://g').state, 'error');
});

test('where an answer is from is remembered while there is none', () => {
  const before = v.answered(overview(), 'http://g', 1);

  assert.equal(v.failed(before, failure(0), null).gateway, 'http://g');
  assert.equal(v.answered(overview(), null, 2).gateway, null);
});

test('the worst problem is the health', () => {
  const health = (...problems: ReturnType<typeof problem>[]): v.Worst =>
    v.worst(v.answered(overview(report(...problems)), null, 1));

  assert.equal(health(problem('error'), problem('info')), 'error');
  assert.equal(health(), 'none');
  assert.equal(v.worst(v.LOADING), 'unknown');
});

test('only the step from well to bad is news', () => {
  const bad = v.answered(overview(report(problem('error'))), null, 2);

  assert.equal(v.turnedBad(GOOD, bad), true);
  assert.equal(v.turnedBad(bad, bad), false);
  assert.equal(v.turnedBad(v.LOADING, bad), false);
  assert.equal(v.turnedBad(bad, GOOD), false);
});

test('a server that was away does not hide that it has turned bad', () => {
  const bad = v.answered(overview(report(problem('error'))), null, 2);
  const away = v.failed(GOOD, failure(0), null);

  assert.equal(v.turnedBad(v.lastFresh(GOOD, away), bad), true);
  assert.equal(v.turnedBad(v.lastFresh(v.lastFresh(bad, away), bad), bad), false);
});

test('an event keeps its name when another one comes and the oldest goes', () => {
  const events = overview({
    logs: { events: [1, 2, 2, 3].map(timestamp => ({ timestamp, message: 'm' })) }
  }).logs.events;
  const names = v.keysOf(events);

  assert.equal(new Set(names).size, 4);
  assert.deepEqual(v.keysOf(events.slice(1)), names.slice(1));
});

test('kernels that do not work come first, those that nobody offers last', () => {
  const broken = { reason: 'no ipykernel', remedy: 'pip install ipykernel' };
  const all = [
    kernel('a'),
    kernel('b', { broken }),
    kernel('c', { visibility: 'hidden', broken }),
    kernel('d', { visibility: 'missing' }),
    kernel('e', { visibility: 'excluded' })
  ];
  const { troubled, offered, others } = v.groups(all);
  const names = [troubled, offered, others].map(group => group.map(each => each.name));

  assert.deepEqual(names, [['b', 'd'], ['a'], ['c', 'e']]);
  assert.deepEqual(all.filter(v.canStart).map(each => each.name), ['a']);
});

test('a kernel has its own name before it has an alias', () => {
  const all = [kernel('conda-env-x-py', { aliases: ['x', 'python3'] }), kernel('python3')];

  assert.equal(v.named(all, 'python3')?.name, 'python3');
  assert.equal(v.named(all, 'x')?.name, 'conda-env-x-py');
  assert.equal(v.named(all, null), null);
  assert.equal(v.named(all, 'y'), null);
});
