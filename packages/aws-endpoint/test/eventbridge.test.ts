import { PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { afterEach, describe, expect, it } from '@jest/globals';
import { compilePattern } from '../src/eventbridge/pattern.ts';
import { EMPTY_STACK, type Stack, type StackRule } from '../src/stack.ts';
import { addHost, type Bench, hostId, refusalOf, startBench } from '../src/testing/index.ts';

let bench: Bench;
afterEach(() => bench.close());

const rule = (more: Partial<StackRule> & { name: string }): StackRule => ({
  enabled: true,
  pattern: null,
  schedule: null,
  targets: [],
  ...more,
});
const to = (functionName: string, input: string | null = null, inputPath: string | null = null) => [
  { functionName, input, inputPath },
];
const RULES: Stack = {
  ...EMPTY_STACK,
  rules: [
    rule({
      name: 'states',
      pattern: {
        source: ['aws.ec2'],
        'detail-type': ['EC2 Instance State-change Notification'],
        detail: { state: ['running', 'terminated'] },
      },
      targets: to('podtime-local-instances'),
    }),
    rule({
      name: 'dns',
      pattern: { source: ['podtime'], 'detail-type': ['DNS changed'] },
      targets: to('podtime-local-watchdog', null, '$.detail'),
    }),
    rule({ name: 'minute', schedule: 'rate(1 minute)', targets: to('podtime-local-watchdog', '{"pod":"blue"}') }),
    rule({ name: 'off', enabled: false, schedule: 'rate(1 minute)', targets: to('podtime-local-off') }),
  ],
  invokeConfigs: { 'podtime-local-watchdog': { maximumRetryAttempts: 0, maximumEventAgeSeconds: 60 } },
};
const put = (...Entries: PutEventsRequestEntry[]) => bench.eventbridge.send(new PutEventsCommand({ Entries }));
const dnsChanged = (pod: string): PutEventsRequestEntry => ({
  Source: 'podtime',
  DetailType: 'DNS changed',
  Detail: JSON.stringify({ pod, names: ['ntp.az-a.pod'] }),
});

describe('PutEvents', () => {
  it('brings an event to the rules that match, a little later', async () => {
    bench = await startBench({ stack: RULES });
    const answer = await put(dnsChanged('blue'), { ...dnsChanged('green'), DetailType: 'other' });
    expect([answer.FailedEntryCount, answer.Entries?.map((entry) => typeof entry.EventId)]).toEqual([
      0,
      ['string', 'string'],
    ]);
    expect(bench.invoked).toEqual([]);
    await bench.clock.advance(1_000);
    expect(bench.invoked).toEqual([
      { functionName: 'podtime-local-watchdog', payload: { pod: 'blue', names: ['ntp.az-a.pod'] } },
    ]);
    expect(bench.events.flatMap((event) => (event.kind === 'event put' ? [event.fate] : []))).toEqual([
      'delivered',
      'unmatched',
    ]);
  });

  it('fails entries one by one', async () => {
    bench = await startBench({ stack: RULES });
    bench.endpoint.faults.nextEntry('InternalFailure');
    const answer = await put(
      dnsChanged('blue'),
      { ...dnsChanged('blue'), Detail: '[1]' },
      { ...dnsChanged('blue'), Source: 'aws.ec2' },
      { ...dnsChanged('blue'), Source: undefined },
      dnsChanged('green'),
    );
    expect(answer.FailedEntryCount).toBe(4);
    expect(answer.Entries?.map((entry) => entry.ErrorCode)).toEqual([
      'InternalFailure',
      'MalformedDetail',
      'NotAuthorizedForSourceException',
      'InvalidArgument',
      undefined,
    ]);
  });

  it('takes one to ten entries, of one megabyte together, one of them whole at least', async () => {
    bench = await startBench({ stack: RULES });
    expect(await refusalOf(put(...Array.from({ length: 11 }, () => dnsChanged('blue'))))).toMatchObject({
      name: 'ValidationException',
      status: 400,
    });
    expect(await refusalOf(put())).toMatchObject({ name: 'ValidationException' });
    expect(
      await refusalOf(put({ ...dnsChanged('blue'), Detail: JSON.stringify({ pod: 'x'.repeat(1_100_000) }) })),
    ).toMatchObject({ message: 'Total size of the entries in the request is over the limit.' });
    expect(await refusalOf(put({ Source: 'podtime' }))).toMatchObject({ name: 'ValidationException' });
  });
});

describe('instances', () => {
  it('tell their state changes, best effort', async () => {
    bench = await startBench({ stack: RULES });
    const { instanceId } = bench.endpoint.instances.run({
      instanceId: hostId(1),
      vpc: 'vpc-1',
      az: 'us-west-2a',
      ipv4: '10.0.0.1',
      tags: {},
    });
    await bench.clock.advance(12_000);
    expect(bench.invoked).toEqual([
      {
        functionName: 'podtime-local-instances',
        payload: expect.objectContaining({
          version: '0',
          source: 'aws.ec2',
          'detail-type': 'EC2 Instance State-change Notification',
          account: '123456789012',
          region: 'us-west-2',
          time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
          resources: [`arn:aws:ec2:us-west-2:123456789012:instance/${instanceId}`],
          detail: { 'instance-id': instanceId, state: 'running' },
        }),
      },
    ]);
    bench.endpoint.faults.loseNextEvent();
    bench.endpoint.faults.loseNextEvent();
    bench.endpoint.instances.terminate(instanceId);
    await bench.clock.advance(60_000);
    expect(bench.invoked).toHaveLength(1);
    addHost(bench, hostId(2));
    bench.endpoint.instances.terminate(hostId(2));
    await bench.clock.advance(9_000);
    bench.endpoint.faults.repeatNextEvent();
    await bench.clock.advance(10_000);
    expect(bench.invoked).toHaveLength(3);
  });
});

describe('schedules', () => {
  it('fire once a period from when they are started, not before', async () => {
    bench = await startBench({ stack: RULES });
    await bench.clock.advance(120_000);
    expect(bench.invoked).toEqual([]);
    bench.endpoint.startSchedules();
    await bench.clock.advance(180_000);
    expect(bench.invoked).toEqual(
      [1, 2, 3].map(() => ({ functionName: 'podtime-local-watchdog', payload: { pod: 'blue' } })),
    );
  });

  it('of EventBridge Scheduler come anywhere in their window, each run by itself', async () => {
    const turns = [0, 0.9, 0.1, 0.9];
    let turn = 0;
    const schedule = { name: 'blue', enabled: true, expression: 'rate(1 minute)', windowMinutes: 1 };
    const target = {
      functionName: 'podtime-local-watchdog',
      input: '{"pod":"blue","scheduled":true}',
      inputPath: null,
    };
    bench = await startBench({
      stack: { ...EMPTY_STACK, schedules: [{ ...schedule, target }] },
      random: () => turns[turn++ % turns.length] ?? 0,
    });
    bench.endpoint.startSchedules();
    const atSeconds: number[] = [];
    const startMs = bench.clock.nowMs();
    bench.endpoint.on((event) => {
      if (event.kind === 'function invoked') atSeconds.push((bench.clock.nowMs() - startMs) / 1000);
    });
    await bench.clock.advance(179_000);
    // Due at 0, 60 and 120 s, each late by a share of a minute.
    expect(atSeconds).toEqual([54, 66, 174]);
    expect(bench.invoked[0]).toEqual({
      functionName: 'podtime-local-watchdog',
      payload: { pod: 'blue', scheduled: true },
    });
  });

  it('that the endpoint cannot keep are an error at the start', async () => {
    bench = await startBench();
    const stack = { ...EMPTY_STACK, rules: [rule({ name: 'noon', schedule: 'cron(0 12 * * ? *)' })] };
    await expect(startBench({ stack })).rejects.toThrow(
      'schedule noon: the local endpoint does not keep cron(0 12 * * ? *), only rate(N minutes|hours|days)',
    );
  });
});

describe('an asynchronous invocation that fails', () => {
  it('is repeated after one and two minutes, unless the function says otherwise', async () => {
    let calls: string[] = [];
    bench = await startBench({
      stack: RULES,
      invoke: async (functionName) => {
        calls.push(functionName);
        throw new Error('it broke');
      },
    });
    bench.endpoint.instances.adopt({ instanceId: hostId(1), vpc: 'vpc-1', az: 'us-west-2a', ipv4: null, tags: {} });
    bench.endpoint.instances.terminate(hostId(1));
    await bench.clock.advance(600_000);
    expect(calls).toEqual(['podtime-local-instances', 'podtime-local-instances', 'podtime-local-instances']);
    calls = [];
    await put(dnsChanged('blue'));
    await bench.clock.advance(600_000);
    expect(calls).toEqual(['podtime-local-watchdog']);
    expect(bench.events).toContainEqual({
      kind: 'function failed',
      functionName: 'podtime-local-watchdog',
      cause: 'dns',
      attempt: 1,
      message: 'it broke',
      retried: false,
    });
  });
});

describe('event patterns', () => {
  const EVENT = {
    source: 'podtime',
    'detail-type': 'DNS changed',
    resources: ['a', 'b'],
    detail: { pod: 'blue', count: 3, empty: null },
  };
  it.each<[object, boolean]>([
    [{ source: ['podtime', 'other'] }, true],
    [{ source: ['other'] }, false],
    [{ resources: ['b'] }, true],
    [{ detail: { pod: [{ prefix: 'bl' }] } }, true],
    [{ detail: { pod: [{ suffix: 'bl' }] } }, false],
    [{ detail: { pod: [{ 'equals-ignore-case': 'BLUE' }] } }, true],
    [{ detail: { pod: [{ 'anything-but': ['green'] }] } }, true],
    [{ detail: { pod: [{ 'anything-but': { prefix: 'bl' } }] } }, false],
    [{ detail: { other: [{ exists: false }] } }, true],
    [{ detail: { pod: [{ exists: false }] } }, false],
    [{ detail: { count: [{ numeric: ['>', 1, '<=', 3] }] } }, true],
    [{ detail: { count: [{ numeric: ['=', 4] }] } }, false],
    [{ detail: { pod: [{ wildcard: 'b*e' }] } }, true],
    [{ detail: { empty: [null] } }, true],
    [{ other: { pod: ['blue'] } }, false],
  ])('%j: %s', async (pattern, matches) => {
    bench = await startBench();
    expect(compilePattern(pattern as never)(EVENT)).toBe(matches);
  });

  it('with a filter that the endpoint does not have are an error', async () => {
    bench = await startBench();
    expect(() => compilePattern({ source: [{ cidr: '10.0.0.0/8' }] })).toThrow(
      'the local endpoint has no content filter cidr',
    );
  });
});
