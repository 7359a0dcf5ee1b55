import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { addHost, type Bench, BUCKET, hostId } from '@podtime/aws-endpoint/testing';
import type { Context } from 'aws-lambda';
import { CONTEXT } from './gateway.ts';
import { localAws } from './local-aws.ts';

// The time of a function is up once its command is sent: no answer can be read.

const UP = 'The time of this run was up before its look was: the answers of 0 of 1 hosts were read in ';

describe('of a look that was cut off', () => {
  let bench: Bench;
  let leftMs: number;
  let stop: () => void;
  let kinds: string[];
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ bench, close } = await localAws());
    addHost(bench, hostId(1), { 'ntp-pod': 'blue', 'ntp-tier': 'boundary' });
  });
  beforeEach(() => {
    leftMs = 110_000;
    kinds = [];
    stop = bench.endpoint.on((event) => {
      kinds.push(event.kind);
      if (event.kind === 'command sent') leftMs = 40_000;
    });
    for (const level of ['info', 'warn', 'error'] as const) jest.spyOn(console, level).mockImplementation(() => {});
  });
  afterEach(() => {
    stop();
    jest.restoreAllMocks();
  });
  afterAll(async () => {
    await close();
  });

  const invoke = (handler: unknown, payload: object) =>
    (handler as (given: object, context: Context) => Promise<{ sentences: string[] }>)(payload, {
      ...CONTEXT,
      getRemainingTimeInMillis: () => leftMs,
    } as Context);

  it('collect says so first, and shows the hosts as not read', async () => {
    const { handler } = await import('../../handlers/collect.ts');
    const answer = await invoke(handler, { pod: 'blue' });
    expect(answer.sentences[0]).toContain(UP);
    expect(answer.sentences[0]).toMatch(/ Name fewer hosts by instanceIds\.$/);
    expect(answer).toMatchObject({
      summary: { expected: 1, sampled: 0 },
      clocks: { unwitnessed: [hostId(1)] },
      hosts: [{ instanceId: hostId(1), sentence: 'its answer was not read: the time of the look was up.' }],
    });
    // some of the hosts are no measure of what all say of each other: no skew, no votes
    leftMs = 110_000;
    expect(await invoke(handler, { pod: 'blue', instanceIds: [hostId(1)] })).toMatchObject({
      clocks: { unwitnessed: [hostId(1)] },
      hosts: [{ instanceId: hostId(1) }],
    });
  });

  it('cycle says so after its head, and that it does nothing', async () => {
    const { handler } = await import('../../handlers/cycle.ts');
    const answer = await invoke(handler, { pod: 'blue', instanceIds: [hostId(1)], force: true });
    expect(answer.sentences[1]).toContain(UP);
    expect(answer.sentences[1]).toMatch(
      / So nothing is cycled, published or reported\. Function watchdog has more time/,
    );
    expect(answer).toMatchObject({ cycles: [], refusals: [] });
    expect(bench.endpoint.object(BUCKET, 'blue/report.json')).toBeNull();
    expect(kinds).toContain('command sent');
    expect(kinds).not.toContain('metrics put');
  });
});
