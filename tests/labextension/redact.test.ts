import assert from 'node:assert/strict';
import { test } from 'node:test';

import { redact } from '../../labextension/src/redact.ts';

const ACCOUNT = '123456789012';
const TOKEN = '0123456789abcdef'.repeat(3);

const SECRETS: [string, string, string][] = [
  ['an account id', `in account ${ACCOUNT}.`, 'in account <account>.'],
  ['the account of a registry', `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/i:7`, '<account>.dkr.ecr.eu-west-1.amazonaws.com/i:7'],
  ['an ARN', `"arn:aws:iam::${ACCOUNT}:role/service-role/A",`, '"<ARN of iam>",'],
  ['an ARN of another partition', `arn:aws-cn:sagemaker:cn-north-1:${ACCOUNT}:app/d-1/u/JupyterLab/default`, '<ARN of sagemaker>'],
  ['an ARN in Markdown code', `\`arn:aws:s3:::bucket/key\``, '`<ARN of s3>`'],
  ['a token in an address', `http://h:8888/lab?token=${TOKEN}&x=1`, 'http://h:8888/lab?token=<secret>&x=1'],
  ['credentials in an address', 'https://ana:pass@host/simple', 'https://<credentials>@host/simple'],
  ['an authorization header', 'Authorization: token abc123', 'Authorization: token <secret>'],
  ['a bearer', 'sent Bearer abcdefgh12345678==', 'sent Bearer <secret>'],
  ['a password', "PASSWORD='s3cret'", "PASSWORD='<secret>'"],
  ['a quoted member', '{"aws_secret_access_key": "wJalr/XUtn"}', '{"aws_secret_access_key": "<secret>"}'],
  ['an access key', 'key AKIAIOSFODNN7EXAMPLE here', 'key <access key> here'],
  ['a signed address', 'https://b/k?X-Amz-Signature=ab12&X-Amz-Date=1', 'https://b/k?X-Amz-Signature=<secret>&X-Amz-Date=1'],
  ['a JSON web token', 'eyJhbGciOi.eyJzdWIi.c2ln', '<secret>'],
  ['a token of a code host', 'ghp_abcdefghijklmnop1234', '<secret>'],
  ["Jupyter's own token alone", `it is ${TOKEN} today`, 'it is <secret> today']
];

for (const [name, given, wanted] of SECRETS) {
  test(`${name} is taken out`, () => {
    assert.equal(redact(given), wanted);
  });
}

const HARMLESS = [
  'd-abc123def456/ana-lopez/JupyterLab/default',
  '2026-11-20T09:28:00.000Z, 1795166880000 ms, pid 1234567',
  'kernel 3f2a1c58-8d0e-4b5f-9d0a-2f6c1f8e7a11',
  'image sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'GPU-00000000-90ab-cdef-1234-567890abcdef',
  'http://localhost:8888/ and /opt/conda/envs/token-bench/bin/python',
  'runs as 1000:100'
];

for (const text of HARMLESS) {
  test(`nothing is taken out of: ${text}`, () => {
    assert.equal(redact(text), text);
  });
}

test('a text that was cleaned stays as it is', () => {
  const once = redact(SECRETS.map(([, given]) => given).join('\n'));

  assert.equal(redact(once), once);
});
