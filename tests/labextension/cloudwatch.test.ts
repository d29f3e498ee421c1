import assert from 'node:assert/strict';
import { test } from 'node:test';

import { consoleUrl } from '../../labextension/src/cloudwatch.ts';

const GROUP = '/aws/sagemaker/studio';
const STREAM = 'd-1/ana/JupyterLab/default';

test('names are encoded twice, with a dollar for each per cent', () => {
  assert.equal(
    consoleUrl('eu-west-1', GROUP, STREAM),
    'https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1' +
      '#logsV2:log-groups/log-group/$252Faws$252Fsagemaker$252Fstudio' +
      '/log-events/d-1$252Fana$252FJupyterLab$252Fdefault'
  );
});

test('a dollar in a name is encoded as the console does', () => {
  assert.match(consoleUrl('eu-west-1', GROUP, 'a/[$LATEST]') ?? '', /\/a\$252F\$255B\$2524LATEST\$255D$/);
});

test('other partitions have their own console', () => {
  const host = (region: string): string => new URL(consoleUrl(region, GROUP, STREAM) ?? '').host;

  assert.equal(host('cn-north-1'), 'console.amazonaws.cn');
  assert.equal(host('us-gov-west-1'), 'console.amazonaws-us-gov.com');
  assert.equal(host('ap-southeast-2'), 'ap-southeast-2.console.aws.amazon.com');
});

for (const region of [null, '', 'local', 'us-iso-east-1', 'eusc-de-east-1', 'evil.example#x-1', 'a-1/@x']) {
  test(`there is no link for the region ${region}`, () => {
    assert.equal(consoleUrl(region, GROUP, STREAM), null);
  });
}

test('there is no link without a group and a stream', () => {
  assert.equal(consoleUrl('eu-west-1', null, STREAM), null);
  assert.equal(consoleUrl('eu-west-1', GROUP, null), null);
});
