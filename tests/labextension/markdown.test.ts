import assert from 'node:assert/strict';
import { test } from 'node:test';

import { report } from '../../labextension/src/markdown.ts';
import { answered, failed, LOADING } from '../../labextension/src/view.ts';
import * as answers from './answers.ts';

const AROUND = { app: 'JupyterLab 4.6.6', kernel: 'python3', now: 0 };

function reportOf(more: Record<string, unknown>, gateway: string | null = null): string {
  return report(answered(answers.overview(more), gateway, 0), AROUND);
}

test('every problem is in it, worst first, with its remedy', () => {
  const text = reportOf(
    answers.report(
      answers.problem('error', { id: 'first', remedy: 'do this' }),
      answers.problem('warning', { id: 'second', wanted: 'that' })
    )
  );

  assert.match(text, /\*\*error\*\* `first`: it is so\n {2}- remedy: do this\n {2}- source: \/etc\/x\n.*`second`/s);
});

test('no account, ARN or token leaves the machine', () => {
  const arn = 'arn:aws:iam::123456789012:role/A';
  const text = reportOf({
    metadata: { present: true, identity: { kind: 'studio-app', execution_role_arn: { value: arn, source: 'R' } } },
    logs: { events: [{ timestamp: 0, level: 'INFO', logger: 'x', message: '/?token=abc', traceback: arn }] }
  });

  assert.doesNotMatch(text, /123456789012|role\/A|abc/);
  assert.match(text, /execution_role_arn: `<ARN of iam> \(R\)`/);
});

test('a log that holds a fence does not end the fence around it', () => {
  const message = '```\n# not a heading of ours';
  const text = reportOf({ logs: { events: [{ timestamp: 0, level: '', logger: '', message, traceback: '' }] } });

  assert.match(text, /\n````text\n[^]*\n````\n$/);
});

test('values cannot break out of their code', () => {
  const text = reportOf({ image: { user: 'a`b', group: '<img>', uid: 0, gid: 0 } });

  assert.match(text, /User and group: ``a`b:<img> \(0:0\)``/);
});

test('problems cannot hold HTML', () => {
  assert.match(reportOf(answers.report(answers.problem('error', { seen: '<b>&' }))), /&lt;b>&amp;/);
});

test('the gateway is named, and credentials in its address are not', () => {
  assert.match(reportOf({}, 'http://u:p@g:8888'), /gateway at http:\/\/<credentials>@g:8888/);
});

test('a time that is none is no reason not to report', () => {
  const text = reportOf({ logs: { events: [{ timestamp: 1e300, message: 'm' }] } });

  assert.match(text, /\n\?   m\n/);
});

test('a part that cannot be read does not cost the others', () => {
  const view = answered(answers.overview({ api: 2 }), null, 0);
  Object.assign(view.overview ?? {}, { kernels: 7, cuda: { status: 'visible' } });
  const text = report(view, AROUND);

  assert.match(text, /State of the panel: `newer`/);
  assert.match(text, /## Kernels\n\nThis part could not be read: .*\n\n## GPU\n\nThis part could not be read/);
  assert.match(text, /## Logs/);
});

test('without an answer it says so', () => {
  const refused = { status: 0, code: '', message: 'The server does not answer', hint: '' };
  const text = report(failed(LOADING, refused, null), AROUND);

  assert.match(text, /State of the panel: `error`/);
  assert.match(text, /Failure: `no answer: The server does not answer`/);
  assert.doesNotMatch(text, /##/);
});

test('kernels and GPUs are in it', () => {
  const text = reportOf({
    kernels: { kernels: [answers.kernel('python3'), answers.kernel('r', { visibility: 'missing', reason: 'not found' })] },
    cuda: {
      status: 'degraded',
      reasons: [{ code: 'c', text: 't', evidence: '', remedy: 'm' }],
      devices: [{ uuid: 'u', name: 'A10G', memory_total: 2 ** 34, memory_used: 2 ** 30, utilization_gpu: 7 }],
      driver_version: '550',
      checked_at: ''
    }
  });

  assert.match(text, /- `python3` shown \(current\)\n- `r` missing: not found\n/);
  assert.match(text, /- `c`: t; remedy: m\n- A10G, memory 1.0 GiB of 16.0 GiB, load 7 %\n/);
});
