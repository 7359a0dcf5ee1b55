import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Bench, hostId, VPC } from '@podtime/aws-endpoint/testing';
import type { Context } from 'aws-lambda';
import { queued, stateChange } from '../builders/queued.ts';
import { CONTEXT } from './gateway.ts';
import { localAws } from './local-aws.ts';

const RUNNING = stateChange(hostId(1), 'running');
const NO_CHANGE = { source: 'aws.s3' };

describe('what SQS is to hand over again', () => {
  let bench: Bench;
  let logged: string[];
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ bench, close } = await localAws());
    const tags = { 'ntp-pod': 'blue', 'ntp-tier': 'boundary' };
    bench.endpoint.instances.adopt({ instanceId: hostId(1), vpc: VPC, az: 'us-west-2a', ipv4: '10.20.0.5', tags });
  });
  beforeEach(() => {
    logged = [];
    for (const level of ['info', 'error'] as const) {
      jest.spyOn(console, level).mockImplementation((line) => void logged.push(JSON.stringify(line)));
    }
    bench.endpoint.faults.next('GetParameters', 'AccessDeniedException', { times: 99 });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    bench.endpoint.faults.clear();
  });
  afterAll(async () => {
    await close();
  });

  async function handOver(...events: unknown[]): Promise<unknown> {
    const { handler } = await import('../../handlers/instances.ts');
    return handler(queued(...events), { ...CONTEXT, getRemainingTimeInMillis: () => 20_000 } as Context);
  }

  it('is all, by an error, when nothing is done: here the mode cannot be read', async () => {
    await expect(handOver(RUNNING)).rejects.toThrow(
      /could not be read: AccessDeniedException .*does not register ntp\./,
    );
  });

  it('is no message that cannot be read, also when nothing of the others is done', async () => {
    expect(await handOver(NO_CHANGE, RUNNING)).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-2' }] });
    expect(logged.join('\n')).toContain("Message message-1 is no state change of EC2's: ");
  });

  it('is all but what cannot be read when EC2 says nothing', async () => {
    bench.endpoint.faults.next('DescribeInstances', 'UnauthorizedOperation', { times: 2 });
    expect(await handOver(RUNNING, NO_CHANGE)).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-1' }] });
    const failure = /reading the boundary servers of pods .* from EC2: UnauthorizedOperation \(log entry \w+\.1\)/;
    expect(logged.at(-1)).toMatch(failure);
    await expect(handOver(RUNNING)).rejects.toThrow(failure);
  });

  it('is nothing when no message can be read', async () => {
    expect(await handOver(NO_CHANGE)).toEqual({ batchItemFailures: [] });
  });
});
