import { GetParameterCommand, SendCommandCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CALL_LIMIT_MS } from '../../src/aws/call.ts';
import { ATTEMPT_TIMEOUT_MS, ssmClient, ssmClientThatAsksOnce } from '../../src/aws/clients.ts';
import { type ScriptedAnswer, type ScriptedAws, startScriptedAws } from '../builders/scripted-aws.ts';

const mine = { ...process.env };
let aws: ScriptedAws;
let client: SSMClient;
afterEach(async () => {
  client.destroy();
  await aws.close();
  process.env = mine;
});

async function given(make: () => SSMClient, script: readonly ScriptedAnswer[]): Promise<void> {
  aws = await startScriptedAws(script);
  const own = { AWS_REGION: 'us-west-2', AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
  process.env = { ...mine, ...own, AWS_ENDPOINT_URL: String(aws.config.endpoint) };
  client = make();
}
const read = () => client.send(new GetParameterCommand({ Name: 'mode' }));
const send = () => client.send(new SendCommandCommand({ DocumentName: 'podtime-cycle', InstanceIds: ['i-0'] }));
const failed = { status: 500, body: JSON.stringify({ __type: 'InternalServerError' }) };

describe('a client of the product', () => {
  it('gives up an attempt that hangs and makes another, twice within the limit of a call', async () => {
    await given(ssmClient, ['hang', { body: JSON.stringify({ Parameter: { Value: 'act' } }) }]);
    expect((await read()).Parameter?.Value).toBe('act');
    expect(2 * ATTEMPT_TIMEOUT_MS).toBeLessThan(CALL_LIMIT_MS);
  });

  it('repeats what AWS failed at', async () => {
    await given(ssmClient, [failed, failed, { body: JSON.stringify({ Parameter: { Value: 'act' } }) }]);
    expect((await read()).Parameter?.Value).toBe('act');
  });
});

describe('the clients of the product', () => {
  it.each([ssmClient, ssmClientThatAsksOnce])('have nothing copied for a log that nobody writes', async (make) => {
    await given(make, [{ body: JSON.stringify({ Parameter: { Value: 'act' } }) }, { ...failed, status: 400 }]);
    let copies = 0;
    const copied = (shape: unknown) => {
      copies += 1;
      return shape;
    };
    client.middlewareStack.add(
      (next, context) => (args) => {
        Object.assign(context, { inputFilterSensitiveLog: copied, outputFilterSensitiveLog: copied });
        return next(args);
      },
      { step: 'initialize', priority: 'high' },
    );
    expect((await read()).Parameter?.Value).toBe('act');
    await expect(read()).rejects.toThrow();
    expect(copies).toBe(0);
  });
});

describe('the client that asks once', () => {
  it.each<[string, ScriptedAnswer]>([
    ['fails', failed],
    ['closes the connection', 'reset'],
    ['throttles', { status: 400, body: JSON.stringify({ __type: 'ThrottlingException' }) }],
  ])('makes one attempt when AWS %s', async (_, answer) => {
    await given(ssmClientThatAsksOnce, [answer]);
    await expect(send()).rejects.toThrow();
    expect(aws.requests).toHaveLength(1);
  });

  it('keeps no connection, which could have died before the next command', async () => {
    await given(ssmClientThatAsksOnce, [{ body: JSON.stringify({ Command: { CommandId: 'c' } }) }]);
    await send();
    while ((await aws.openConnections()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});
