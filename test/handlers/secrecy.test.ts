import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createScaledClock } from '@podtime/aws-endpoint';
import { addHost, type Bench, hostId } from '@podtime/aws-endpoint/testing';
import type { Context } from 'aws-lambda';
import { startPod, type TestedPod } from '../builders/endpoint-pod.ts';
import { queued, stateChange } from '../builders/queued.ts';
import { CONTEXT, proxyEvent } from './gateway.ts';
import { localAws } from './local-aws.ts';

// What AWS says of a call that it refuses names the role and the account: that is for the log.

const ACCOUNT = '123456789012';
const ROLE = `arn:aws:sts::${ACCOUNT}:assumed-role/podtime-dev-us-west-2-register/podtime-dev-register`;
const SECRET = /arn:|123456789012|assumed-role/;
const DENIED = { times: 99, message: `User: ${ROLE} is not authorized to perform this action` };

const READS = ['DescribeInstances', 'ListResourceRecordSets', 'GetParameters', 'GetObject'];
const WRITES = ['ChangeResourceRecordSets', 'PutEvents', 'PutObject', 'PutMetricData'];
const COMMANDS = ['SendCommand', 'ListCommands', 'ListCommandInvocations'];

/** As each service refuses who may not call. */
function codeOf(operation: string): string {
  if (operation === 'DescribeInstances') return 'UnauthorizedOperation';
  return /Command|Parameters$|Events/.test(operation) ? 'AccessDeniedException' : 'AccessDenied';
}

describe('the role and the account of a refused call', () => {
  let bench: Bench;
  let logged: string[];
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ bench, close } = await localAws({ clock: createScaledClock(60) }));
    addHost(bench, hostId(1), { 'ntp-pod': 'blue', 'ntp-tier': 'boundary' });
  });
  beforeEach(() => {
    logged = [];
    for (const level of ['info', 'warn', 'error'] as const) {
      jest.spyOn(console, level).mockImplementation((line) => void logged.push(JSON.stringify(line)));
    }
  });
  afterEach(() => {
    jest.restoreAllMocks();
    bench.endpoint.faults.clear();
  });
  afterAll(async () => {
    await close();
  });

  /** All that the caller gets: the answer, or what Lambda makes of the error. */
  async function answer(handler: unknown, event: unknown): Promise<string> {
    try {
      return JSON.stringify(
        await (handler as (event: unknown, context: Context) => unknown)(event, {
          ...CONTEXT,
          getRemainingTimeInMillis: () => 120_000,
        } as Context),
      );
    } catch (error) {
      const { name, message, stack } = error as Error;
      return JSON.stringify({ name, message, stack });
    }
  }
  const functions: [string, () => Promise<string>][] = [
    [
      'register',
      async () => answer((await import('../../handlers/register.ts')).handler, proxyEvent('POST', { pod: 'blue' })),
    ],
    [
      'status.json',
      async () =>
        answer(
          (await import('../../handlers/status.ts')).handler,
          proxyEvent('GET', { pod: 'blue' }, {}, '/{pod}/status.json'),
        ),
    ],
    ['status by hand', async () => answer((await import('../../handlers/status.ts')).handler, { pod: 'blue' })],
    [
      'instances',
      async () =>
        answer((await import('../../handlers/instances.ts')).handler, queued(stateChange(hostId(1), 'running'))),
    ],
    ['watchdog', async () => answer((await import('../../handlers/watchdog.ts')).handler, { pod: 'blue' })],
    ['collect', async () => answer((await import('../../handlers/collect.ts')).handler, { pod: 'blue' })],
    ['cycle', async () => answer((await import('../../handlers/cycle.ts')).handler, { pod: 'blue', tier: 'client' })],
  ];

  it.each(functions)('are in no answer of %s, and in the log under the entry that the answer names', async (_, ask) => {
    let heard = 0;
    for (const operation of READS) {
      bench.endpoint.faults.clear();
      bench.endpoint.faults.next(operation, codeOf(operation), DENIED);
      logged.length = 0;
      const given = await ask();
      expect(given).not.toMatch(SECRET);
      // of several failures at once an answer names one
      const named = logged
        .map((line) => JSON.parse(line))
        .filter(({ entry }) => given.includes(`(log entry ${entry})`));
      heard += named.filter(({ code, text }) => code === codeOf(operation) && text.includes(ROLE)).length;
    }
    expect(heard).toBeGreaterThan(0);
  });
});

describe('a report', () => {
  let pod: TestedPod;
  beforeEach(async () => {
    pod = await startPod();
    pod.addHost(11, 'boundary', 'us-west-2b');
    pod.addHost(12, 'boundary', 'us-west-2c');
    pod.mode('act');
  });
  afterEach(() => pod.close());

  it.each([...READS, ...WRITES, ...COMMANDS])('has neither role nor account when %s is refused', async (operation) => {
    pod.endpoint.faults.next(operation, codeOf(operation), DENIED);
    const ticked = await pod.tick().catch((error: Error) => ({ failed: error.message }));
    pod.endpoint.faults.clear();
    const shown = JSON.stringify([ticked, pod.report()]);
    expect(shown).toMatch(new RegExp(`${codeOf(operation)} \\(log entry tick-1\\.\\d+\\)`));
    expect(shown).not.toMatch(SECRET);
  });
});
