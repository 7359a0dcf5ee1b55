import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ListCommandsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from '@jest/globals';
import { productEnvironment, withoutAwsSettings } from '../../src/pod/environment.ts';
import { OPERATOR_SETTINGS } from './operator-settings.ts';

const HOSTILE = {
  ...OPERATOR_SETTINGS,
  AWS_SESSION_TOKEN: 'real',
  AWS_SHARED_CREDENTIALS_FILE: '/home/operator/.aws/credentials',
  AWS_USE_FIPS_ENDPOINT: 'true',
};
const NOTHING_FOUND = {
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
};
const LOCAL = { awsUrl: 'http://127.0.0.1:4566', region: 'us-west-2' };

describe("the operator's AWS settings", () => {
  const mine = { ...process.env };
  afterEach(() => {
    process.env = mine;
  });

  it('are dropped, and all else is kept', () => {
    expect(withoutAwsSettings({ PATH: '/bin', AWSOME: '1', ...HOSTILE })).toEqual({
      PATH: '/bin',
      AWSOME: '1',
      ...NOTHING_FOUND,
    });
  });

  it('give way to the local endpoint for the product', () => {
    expect(productEnvironment({ PATH: '/bin', ...HOSTILE }, LOCAL)).toEqual({
      PATH: '/bin',
      NO_COLOR: '1',
      ...NOTHING_FOUND,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_REGION: 'us-west-2',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    });
  });

  it('do not reach a client of the product', async () => {
    const asked: (string | undefined)[] = [];
    const aws = createServer((request, response) => {
      asked.push(request.headers.authorization, String(request.headers['x-amz-security-token']));
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end('{}');
    }).listen(0, '127.0.0.1');
    await once(aws, 'listening');
    const awsUrl = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
    process.env = productEnvironment({ ...mine, ...HOSTILE }, { ...LOCAL, awsUrl });
    const client = new SSMClient({ maxAttempts: 1 });
    await client.send(new ListCommandsCommand({})).finally(() => {
      client.destroy();
      aws.closeAllConnections();
      aws.close();
    });
    expect(asked).toEqual([
      expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=local\/\d{8}\/us-west-2\/ssm\//),
      'undefined',
    ]);
  });

  it('do not reach these tests', () => {
    expect(
      Object.entries(process.env)
        .filter(([name]) => name.startsWith('AWS_'))
        .sort(),
    ).toEqual(Object.entries(NOTHING_FOUND).sort());
  });
});
