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
  ["Jupyter's own token alone", `it is ${TOKEN} today`, 'it is <secret> today'],
  ["Jupyter's own token after a colon", `id:${TOKEN}`, 'id:<secret>'],
  ["Jupyter's own token in capitals", `it is ${TOKEN.toUpperCase()} today`, 'it is <secret> today'],
  ['a token in an address within an address', '/login?next=%2Flab%3Ftoken%3Dabc1', '/login?next=%2Flab%3Ftoken%3D<secret>'],
  ['a token that was encoded twice', 'token%253Dabc1', 'token%253D<secret>'],
  ['a member of JSON in JSON', '{\\"token\\": \\"abc1\\"}', '{\\"token\\": \\"<secret>\\"}'],
  ['an option', 'jupyter lab --token abc1 --port 8888', 'jupyter lab --token <secret> --port 8888'],
  ['an option of a class', '--IdentityProvider.token abc1', '--IdentityProvider.token <secret>'],
  ['an option with a quoted value', "--password 'abc 1' x", "--password '<secret>' x"],
  ['an option in a list', "['--token', 'abc1']", "['--token', '<secret>']"],
  ['a secret key', 'SECRET_KEY=abc1', 'SECRET_KEY=<secret>'],
  ['a private key', 'private_key: abc1', 'private_key: <secret>'],
  ['a whole private key', '-----BEGIN RSA PRIVATE KEY-----\nab\ncd\n-----END RSA PRIVATE KEY-----', '<secret>'],
  ['a passphrase', 'passphrase=abc1', 'passphrase=<secret>'],
  ['a short password', 'Uid=me;Pwd=abc1;', 'Uid=me;Pwd=<secret>;'],
  ['a key of an API', 'X-Api-Key: abc1', 'X-Api-Key: <secret>'],
  ['an authorization without a scheme', 'Authorization: abc1', 'Authorization: <secret>'],
  ['a quoted authorization', "{'Authorization': 'Basic YTpi'}", "{'Authorization': 'Basic <secret>'}"],
  ['a header of a list', "('Authorization', 'token abc1')", "('Authorization', 'token <secret>')"],
  ['a header of bytes', "(b'x-api-key', b'abc1')", "(b'x-api-key', b'<secret>')"],
  ['cookies', 'Cookie: a=2|1:0; _xsrf=2|ab', 'Cookie: <secret>'],
  ['a cookie in a list', "('Cookie', 'a=1; b=2')", "('Cookie', '<secret>')"],
  ['the token of a form', '/x?_xsrf=2|ab|cd&y=1', '/x?_xsrf=<secret>&y=1'],
  ['a value with spaces', 'password="ab cd, ef" x', 'password="<secret>" x'],
  ['a value with a quote', `password='ab\\'cd' x`, `password='<secret>' x`],
  ['a value in Markdown code', '`password=abc1`', '`password=<secret>`'],
  ['a value that is Markdown code', 'token: `abc1`', 'token: `<secret>`'],
  ['a password with an @', 'http://ana:p@ss@host/@scope', 'http://<credentials>@host/@scope'],
  ['an account in groups', 'account 1234-5678-9012.', 'account <account>.'],
  ['an account within a name', `bucket.${ACCOUNT}.eu`, 'bucket.<account>.eu'],
  ['a token of another code host', 'glpat-abcdefghij1234567890', '<secret>'],
  ['a token of a package index', 'pypi-AgEIcHlwaS5vcmcCJDAx', '<secret>'],
  ['a bare secret', 'the secret is wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY now', 'the secret is <secret> now']
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
  'runs as 1000:100',
  'the server asks for no token: anybody who reaches this machine can run code',
  'a share of 0.123456789012',
  'https://host/@scope/x and https://host/?mail=a@b',
  'commit 0123456789012345678901234567890123456789ab'
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
