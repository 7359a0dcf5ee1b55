import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { loadFleet } from '../../../../src/fleet/load.ts';
import { greeting } from '../../src/pod/greeting.ts';

const fleet = loadFleet(readFileSync('packages/lab/fleet.yml', 'utf8'), 'packages/lab/fleet.yml');

it('shows a whole command for each place that a pod is reached at', () => {
  const lines = greeting(fleet, { api: 3100, aws: 4566 }, 3102);
  expect(lines.slice(0, 3)).toEqual([
    '  API      http://127.0.0.1:3100   try: curl http://127.0.0.1:3100/blue/client/az-b/ntp.conf',
    '  AWS      http://127.0.0.1:4566   Route 53, SSM, CloudWatch, EC2, EventBridge, S3, SQS, Lambda, STS',
    '  Lambda   http://127.0.0.1:3102   try: aws lambda invoke --endpoint-url http://127.0.0.1:3102 --function-name podtime-local-watchdog ' +
      `--cli-binary-format raw-in-base64-out --payload '{"pod":"blue"}' /dev/stdout`,
  ]);
  expect(lines[3]).toMatch(/^ {2}pods {5}blue \(zone pod, Z\w+\), green \(zone green\.pod, Z\w+\)$/);
});
