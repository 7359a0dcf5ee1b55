import {
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandInput,
  PutMetricDataCommand,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSteppedClock } from '../src/clock.ts';
import { readCompositeAlarm, readMetricAlarm } from '../src/cloudwatch/alarms/definition.ts';
import { type Bench, refusalOf, STACK, startBench } from '../src/testing/index.ts';
import { DIMENSIONS } from './metrics.ts';

const MINUTE_MS = 60_000;
const properties = (more = {}) => ({
  Namespace: 'Podtime',
  MetricName: 'HostsAdrift',
  Dimensions: DIMENSIONS,
  Unit: 'Count',
  Statistic: 'Maximum',
  Period: 60,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  Threshold: 1,
  EvaluationPeriods: 3,
  DatapointsToAlarm: 2,
  TreatMissingData: 'ignore',
  ...more,
});
const query = (Id: string, MetricName: string) => ({
  Id,
  MetricStat: { Metric: { Namespace: 'Podtime', MetricName, Dimensions: DIMENSIONS }, Period: 60, Stat: 'Maximum' },
  ReturnData: false,
});
const { Namespace, MetricName, Dimensions, Unit, Statistic, Period, ...comparison } = properties();
const ALARMS = [
  readMetricAlarm(
    'adrift',
    properties({ AlarmDescription: 'clocks', AlarmActions: ['arn:aws:sns:us-west-2:123456789012:t'] }),
  ),
  readMetricAlarm('share', {
    ...comparison,
    Threshold: 50,
    Metrics: [
      query('part', 'HostsAdrift'),
      query('whole', 'HostsExpected'),
      { Id: 'share', Expression: 'IF(whole > 0, 100 * part / whole, 0)', Label: 'percent' },
    ],
  }),
  readMetricAlarm('silent', properties({ TreatMissingData: 'breaching', Threshold: 99 })),
  readCompositeAlarm('pod', { AlarmRule: 'ALARM("adrift") OR ALARM("share")' }),
];
const stack = { ...STACK, alarms: ALARMS };

/** Why an alarm that is composed of this one stands as it does, in AWS's words. */
const changed = (alarm: string, state: string) =>
  expect.stringMatching(
    new RegExp(
      `^arn:aws:cloudwatch:us-west-2:123456789012:alarm:${alarm} transitioned to ${state} at ([A-Z][a-z]+day) \\d{2} [A-Z][a-z]+, 20\\d{2} [\\d:]{8} UTC$`,
    ),
  );

let bench: Bench;
beforeEach(async () => {
  bench = await startBench({ stack });
});
afterEach(() => bench.close());

const put = (values: Record<string, number>, more = {}) =>
  bench.cloudwatch.send(
    new PutMetricDataCommand({
      Namespace: 'Podtime',
      MetricData: Object.entries(values).map(([name, Value]) => ({
        MetricName: name,
        Dimensions: DIMENSIONS,
        Unit: 'Count' as const,
        Timestamp: new Date(bench.clock.nowMs()),
        Value,
        ...more,
      })),
    }),
  );
/** A minute with these numbers in it. */
async function minute(values: Record<string, number>, more = {}) {
  await put(values, more);
  await bench.clock.advance(MINUTE_MS);
}
const describeAlarms = (input: DescribeAlarmsCommandInput = {}) =>
  bench.cloudwatch.send(new DescribeAlarmsCommand(input));
const states = () => Object.fromEntries(bench.endpoint.alarms().map(({ name, state }) => [name, state]));

describe('an alarm at the endpoint', () => {
  it('begins without data, and is raised when two of three periods breach', async () => {
    expect(states()).toEqual({
      adrift: 'INSUFFICIENT_DATA',
      share: 'INSUFFICIENT_DATA',
      silent: 'INSUFFICIENT_DATA',
      pod: 'INSUFFICIENT_DATA',
    });
    for (const adrift of [0, 0, 1, 0, 0]) await minute({ HostsAdrift: adrift, HostsExpected: 4 });
    expect(states()).toMatchObject({ adrift: 'OK', pod: 'OK' });
    for (const adrift of [1, 1]) await minute({ HostsAdrift: adrift, HostsExpected: 4 });
    await bench.clock.advance(MINUTE_MS);
    expect(states()).toEqual({ adrift: 'ALARM', share: 'OK', silent: 'OK', pod: 'ALARM' });
    expect(bench.events.filter(({ kind }) => kind === 'alarm state').slice(-2)).toEqual([
      {
        kind: 'alarm state',
        alarm: 'adrift',
        state: 'ALARM',
        was: 'OK',
        reason: expect.stringMatching(
          /^\[1 \([\d:]{8}\), 1 \([\d:]{8}\)\] were greater than or equal to 1 \(2 of 3 raise it\)$/,
        ),
      },
      { kind: 'alarm state', alarm: 'pod', state: 'ALARM', was: 'OK', reason: changed('adrift', 'ALARM') },
    ]);
  });

  it('composed of others tells which of them changed it last, and when', async () => {
    const toldOf = async () => {
      const [pod] = (await describeAlarms({ AlarmTypes: ['CompositeAlarm'] })).CompositeAlarms ?? [];
      const { StateValue, StateReason, StateUpdatedTimestamp, StateTransitionedTimestamp } = pod ?? {};
      return {
        told: [StateValue, StateReason],
        isNewer: Number(StateUpdatedTimestamp) > Number(StateTransitionedTimestamp),
      };
    };
    const minutes = async (adrift: number, expected: number) => {
      for (let n = 0; n < 4; n += 1) await minute({ HostsAdrift: adrift, HostsExpected: expected });
      return toldOf();
    };
    expect((await toldOf()).told).toEqual(['INSUFFICIENT_DATA', 'Unchecked: Initial alarm creation']);
    // the minute that began before it, the whole one after that, and until their data can be read
    await bench.clock.advance(3 * MINUTE_MS);
    expect((await toldOf()).told).toEqual([
      'OK',
      'arn:aws:cloudwatch:us-west-2:123456789012:alarm:pod was created and its alarm rule evaluates to OK',
    ]);
    await minutes(0, 4);
    expect(await minutes(1, 4)).toEqual({ told: ['ALARM', changed('adrift', 'ALARM')], isNewer: false });
    // the one is still in alarm, and the other is now too
    expect(await minutes(3, 4)).toEqual({ told: ['ALARM', changed('share', 'ALARM')], isNewer: true });
    expect(await minutes(1, 4)).toEqual({ told: ['ALARM', changed('adrift', 'ALARM')], isNewer: true });
    expect(await minutes(0, 4)).toEqual({ told: ['OK', changed('adrift', 'OK')], isNewer: false });
    expect(bench.events.filter((event) => event.kind === 'alarm state' && event.alarm === 'pod')).toHaveLength(3);
  });

  it('computes shares by metric math, period by period', async () => {
    for (let n = 0; n < 4; n += 1) await minute({ HostsAdrift: 3, HostsExpected: 4 });
    expect(states()).toMatchObject({ share: 'ALARM', pod: 'ALARM' });
    for (let n = 0; n < 4; n += 1) await minute({ HostsAdrift: 0, HostsExpected: 0 });
    expect(states()).toMatchObject({ share: 'OK', pod: 'OK' });
  });

  it('does not see data of another unit', async () => {
    for (let n = 0; n < 4; n += 1) await minute({ HostsAdrift: 3 }, { Unit: 'None' });
    expect(states().adrift).toBe('INSUFFICIENT_DATA');
  });

  it('stands still without data, or breaches, as it is told', async () => {
    for (let n = 0; n < 4; n += 1) await minute({ HostsAdrift: 1, HostsExpected: 4 });
    expect(states()).toMatchObject({ adrift: 'ALARM', silent: 'OK' });
    await bench.clock.advance(10 * MINUTE_MS);
    expect(states()).toMatchObject({ adrift: 'ALARM', silent: 'ALARM' });
  });

  it('has periods that are shorter where the pod is told so', async () => {
    await bench.close();
    bench = await startBench({ stack, alarmFactor: 3 });
    for (let n = 0; n < 4; n += 1) {
      await put({ HostsAdrift: 1, HostsExpected: 4 });
      await bench.clock.advance(MINUTE_MS / 3);
    }
    expect(states()).toMatchObject({ adrift: 'ALARM', pod: 'ALARM' });
  });

  it("hears of a function's errors", async () => {
    await bench.close();
    const alarm = readMetricAlarm('errors', {
      ...properties({
        Namespace: 'AWS/Lambda',
        MetricName: 'Errors',
        Statistic: 'Sum',
        EvaluationPeriods: 1,
        DatapointsToAlarm: 1,
      }),
      Dimensions: [{ Name: 'FunctionName', Value: 'podtime-local-watchdog' }],
      TreatMissingData: 'notBreaching',
    });
    let fails = false;
    bench = await startBench({
      invoke: async () => {
        if (fails) throw new Error('no');
      },
      stack: {
        ...STACK,
        alarms: [alarm],
        invokeConfigs: { 'podtime-local-watchdog': { maximumRetryAttempts: 0, maximumEventAgeSeconds: 60 } },
        schedules: [
          {
            name: 's',
            enabled: true,
            expression: 'rate(1 minute)',
            windowMinutes: 0,
            target: { functionName: 'podtime-local-watchdog', input: '{}', inputPath: null },
          },
        ],
      },
    });
    bench.endpoint.startSchedules();
    await bench.clock.advance(5 * MINUTE_MS);
    expect(states()).toEqual({ errors: 'OK' });
    fails = true;
    await bench.clock.advance(3 * MINUTE_MS);
    expect(states()).toEqual({ errors: 'ALARM' });
  });
});

describe('DescribeAlarms', () => {
  it('tells metric alarms unless asked for composites', async () => {
    const { MetricAlarms, CompositeAlarms } = await describeAlarms();
    expect([MetricAlarms?.map(({ AlarmName }) => AlarmName), CompositeAlarms]).toEqual([
      ['adrift', 'share', 'silent'],
      [],
    ]);
    expect(MetricAlarms?.[0]).toMatchObject({
      AlarmName: 'adrift',
      AlarmArn: 'arn:aws:cloudwatch:us-west-2:123456789012:alarm:adrift',
      AlarmDescription: 'clocks',
      AlarmActions: ['arn:aws:sns:us-west-2:123456789012:t'],
      OKActions: [],
      StateValue: 'INSUFFICIENT_DATA',
      StateUpdatedTimestamp: expect.any(Date),
      ...properties(),
    });
    expect(MetricAlarms?.[1]?.Metrics?.[2]).toEqual({
      Id: 'share',
      Label: 'percent',
      Expression: 'IF(whole > 0, 100 * part / whole, 0)',
      ReturnData: true,
    });
    const composite = await describeAlarms({ AlarmTypes: ['CompositeAlarm'] });
    expect(composite.CompositeAlarms).toMatchObject([
      { AlarmName: 'pod', AlarmRule: 'ALARM("adrift") OR ALARM("share")' },
    ]);
  });

  it('comes in pages, by names, prefix and state', async () => {
    const names = [];
    const client = bench.cloudwatch;
    for await (const page of paginateDescribeAlarms({ client, pageSize: 2 }, {})) {
      names.push(page.MetricAlarms?.map(({ AlarmName }) => AlarmName));
    }
    expect(names).toEqual([['adrift', 'share'], ['silent']]);
    const named = async (input: DescribeAlarmsCommandInput) =>
      (await describeAlarms(input)).MetricAlarms?.map(({ AlarmName }) => AlarmName);
    expect(await named({ AlarmNamePrefix: 's' })).toEqual(['share', 'silent']);
    expect(await named({ AlarmNames: ['silent', 'nobody'] })).toEqual(['silent']);
    expect(await named({ StateValue: 'ALARM' })).toEqual([]);
  });

  it.each<[DescribeAlarmsCommandInput, RegExp]>([
    [{ AlarmNames: ['a'], AlarmNamePrefix: 'a' }, /mutually exclusive/],
    [{ MaxRecords: 101 }, /from 1 to 100/],
    [{ StateValue: 'FINE' as 'OK' }, /must be one of OK, ALARM, INSUFFICIENT_DATA/],
    [{ ActionPrefix: 'arn' }, /has no ActionPrefix/],
  ])('%j is refused', async (input, message) => {
    expect((await refusalOf(describeAlarms(input))).message).toMatch(message);
  });

  it('speaks the query protocol too', async () => {
    const response = await fetch(bench.endpoint.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization:
          'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/us-west-2/monitoring/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: 'Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=adrift',
    });
    const text = await response.text();
    expect(text).toContain('<DescribeAlarmsResult><MetricAlarms><member><AlarmName>adrift</AlarmName>');
    expect(text).toContain('<StateValue>INSUFFICIENT_DATA</StateValue>');
    expect(text).toMatch(/<StateUpdatedTimestamp>\d{4}-\d\d-\d\dT[\d:.]+Z<\/StateUpdatedTimestamp>/);
  });
});

describe('a new alarm', () => {
  it.each([0, 1, 30, 59.9])(
    'has a minute for its first data, whenever it is made: %s s past the minute',
    async (past) => {
      const clock = createSteppedClock(Date.UTC(2026, 10, 22, 21, 0, 0) + past * 1000);
      const fresh = await startBench({ stack, clock });
      const stateOf = (name: string) => fresh.endpoint.alarms().find((alarm) => alarm.name === name)?.state;
      try {
        await clock.advance(MINUTE_MS);
        expect(stateOf('silent')).toBe('INSUFFICIENT_DATA');
        await clock.advance(2 * MINUTE_MS);
        expect(stateOf('silent')).toBe('ALARM');
      } finally {
        await fresh.close();
      }
    },
  );
});

describe('alarms that wait', () => {
  it('are not evaluated, and raised by nothing that is missing, until they are started', async () => {
    await bench.close();
    bench = await startBench({ stack, alarmsWait: true });
    await bench.clock.advance(10 * MINUTE_MS);
    expect(states()).toMatchObject({ silent: 'INSUFFICIENT_DATA', adrift: 'INSUFFICIENT_DATA' });
    bench.endpoint.startAlarms();
    await bench.clock.advance(3 * MINUTE_MS);
    expect(states()).toMatchObject({ silent: 'ALARM' });
  });
});

describe('a template whose alarm the endpoint cannot carry out', () => {
  const start = (alarm: (typeof ALARMS)[number]) =>
    startBench({ stack: { ...STACK, alarms: [alarm] }, clock: createSteppedClock() });
  const math = (Expression: string) => ({ ...comparison, Metrics: [query('a', 'X'), { Id: 'e', Expression }] });

  it.each([
    [() => readMetricAlarm('bad', properties({ Period: 30 })), /alarm bad: .*one period of whole minutes/],
    [() => readMetricAlarm('bad', properties({ DatapointsToAlarm: 4 })), /alarm bad: DatapointsToAlarm 4/],
    [() => readMetricAlarm('bad', properties({ ComparisonOperator: 'Odd' })), /alarm bad: .*no comparison Odd/],
    [
      () => readMetricAlarm('bad', properties({ TreatMissingData: 'never' })),
      /alarm bad: TreatMissingData cannot be never/,
    ],
    [() => readMetricAlarm('bad', math('RATE(a)')), /alarm bad: .*does not understand 'RATE\(a\)'/],
    [() => readCompositeAlarm('bad', { AlarmRule: 'ALARM("x")' }), /alarm bad: the rule names alarm x/],
  ])('stops the start (%#)', async (alarm, message) => {
    await expect((async () => start(alarm()))()).rejects.toThrow(message);
  });
});
