import assert from 'node:assert/strict';
import { test } from 'node:test';

import { kernelsOf } from '../../labextension/src/specs.ts';
import { answered, failed, LOADING } from '../../labextension/src/view.ts';
import * as words from '../../labextension/src/words.ts';
import type { Cuda } from '../../labextension/src/overview.ts';
import { kernel, overview, problem, report } from './answers.ts';

/** As JupyterLab's translator does without a language pack. */
const trans: words.Trans = {
  __: (text, ...args) => text.replace(/%(\d)/g, (_, index: string) => String(args[Number(index) - 1])),
  _n: (one, many, count, ...args) => trans.__(count === 1 ? one : many, ...args)
};

function summary(...problems: ReturnType<typeof problem>[]): string {
  return words.summary(trans, answered(overview(report(...problems)), null, 0));
}

test('health is said in a few words, the worst first', () => {
  const [error, warning, note] = [problem('error'), problem('warning'), problem('info')];

  assert.equal(summary(error, error, warning, note), '2 errors, 1 warning');
  assert.equal(summary(warning), '1 warning');
  assert.equal(summary(note, note), 'Healthy, 2 notes');
  assert.equal(summary(), 'Healthy');
});

test('every state has words of its own', () => {
  const fail = (status: number, code = ''): string =>
    words.summary(trans, failed(LOADING, { status, code, message: '', hint: '' }, null));
  const old = failed(answered(overview(), null, 0), { status: 0, code: '', message: '', hint: '' }, null);
  const all = [
    words.summary(trans, LOADING),
    words.summary(trans, answered(overview({ api: 99 }), null, 0)),
    words.summary(trans, old),
    fail(503),
    fail(404, 'missing'),
    fail(502, 'gateway-away'),
    fail(502, 'gateway-without-jupyter-sm')
  ];

  assert.equal(new Set(all).size, all.length);
  assert.ok(all.every(Boolean));
});

test('the server’s own hint is the remedy; each other failure has one as well', () => {
  const remedy = (status: number, hint = ''): string =>
    words.failureRemedy(trans, { status, code: '', message: '', hint });

  assert.equal(remedy(503, 'wait'), 'wait');
  assert.match(remedy(403), /Log in again/);
  assert.match(remedy(0), /still runs/);
  assert.match(remedy(500), /log of the server/);
});

test('ages are coarse', () => {
  const age = (count: number, unit: 'second' | 'minute' | 'hour' | 'day'): string =>
    words.age(trans, { count, unit });

  assert.deepEqual(
    [age(0, 'second'), age(20, 'second'), age(3, 'minute'), age(2, 'hour'), age(4, 'day')],
    ['just now', '20 s ago', '3 min ago', '2 h ago', '4 d ago']
  );
});

test('no GPU is no fault, a GPU that cannot be used is one', () => {
  assert.equal(words.gpuVerdict(trans, 'no_gpu_host').worst, 'info');
  assert.equal(words.gpuVerdict(trans, 'not_visible').worst, 'error');
  assert.equal(words.gpuVerdict(trans, 'visible').worst, 'none');
  assert.equal(words.gpuVerdict(trans, 'visible', 'driver-not-asked').worst, 'info');
  assert.equal(words.gpuVerdict(trans, 'of-tomorrow' as never).text, 'of-tomorrow');
});

const torch = [{ name: 'torch', version: '2.5.1', build: 'cuda', cuda: '12.4' }];

function cuda(status: string, environment: object): Cuda {
  const base = { prefix: '/opt/e', name: 'e', frameworks: torch, fits: null, reasons: [] };
  return { status, environments: [{ ...base, ...environment }] } as unknown as Cuda;
}

test('a kernel’s environment says whether it can use the GPU', () => {
  const own = kernel('e', { prefix: '/opt/e' });
  const reason = { code: 'c', text: 'too new a CUDA', evidence: '', remedy: 'pip install torch' };
  const said = (status: string, environment: object): string | undefined =>
    words.kernelGpu(trans, own, cuda(status, environment))?.text;

  assert.equal(said('visible', { fits: true }), 'torch 2.5.1 can use the GPU');
  assert.equal(said('visible', { fits: false, reasons: [reason] }), 'too new a CUDA');
  assert.equal(said('not_visible', { fits: true }), undefined);
  assert.equal(said('no_gpu_host', { fits: false }), undefined);
  assert.equal(said('visible', { frameworks: [], fits: true }), undefined);
  assert.equal(words.kernelGpu(trans, kernel('f', { prefix: '/opt/f' }), cuda('visible', {})), null);
  assert.equal(words.kernelGpu(trans, own, null), null);
});

test('what a kernel is not is said; one that is offered needs no word', () => {
  const said = (['missing', 'hidden', 'excluded', 'shown'] as const).map(visibility =>
    words.visibility(trans, kernel('k', { visibility }))
  );

  assert.deepEqual(said, ['Configured, not found', 'Not offered', 'Cannot be started', '']);
});

test('Jupyter’s own list of kernels can be shown as well', () => {
  const spec = { name: 'ir', display_name: 'R', language: 'R', argv: [] };
  const [made, ...more] = kernelsOf({ ir: spec, gone: undefined });

  assert.deepEqual(more, []);
  assert.equal(made?.display_name, 'R');
  assert.equal(made?.visibility, 'shown');
});
