import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, BUCKET, startBench } from '@podtime/aws-endpoint/testing';
import { eventBridgeEvents } from '../../src/aws/events.ts';
import { cloudWatchMetrics } from '../../src/aws/metrics.ts';
import { ssmModes } from '../../src/aws/modes.ts';
import { s3Reports } from '../../src/aws/reports.ts';
import type { Mode } from '../../src/plan/plan.ts';
import { NO_REPORT } from '../../src/report/read-report.ts';
import { loggedCalls } from '../builders/aws-call.ts';
import { emptyReport } from '../builders/empty-report.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench({ maxAttempts: 2 });
});
afterEach(() => bench.close());

describe('the last report', () => {
  it('is none before the first, then what was written last, whatever stood there', async () => {
    const reports = s3Reports(bench.s3, BUCKET, loggedCalls().call);
    expect(await reports.read('blue')).toEqual(NO_REPORT);
    await bench.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/report.json', Body: 'not json' }));
    expect(await reports.read('blue')).toEqual({
      ...NO_REPORT,
      fault: 'The last report of pod blue is not JSON; the next tick writes a new one.',
    });
    const report = emptyReport('blue');
    await reports.write(report);
    expect(await reports.read('blue')).toEqual({ ...NO_REPORT, report });
  });
});

describe('the mode', () => {
  const put = (Value: string, Name = '/podtime/test/blue/mode') =>
    bench.ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));

  it.each(['observe', 'act', 'hold'])('%s is read', async (mode) => {
    await put(mode);
    expect(await ssmModes(bench.ssm, 'test', loggedCalls().call).read('blue')).toEqual({
      mode,
      fault: null,
      unread: null,
    });
  });

  it('is observe, with the reason, when it is missing, wrong or unreadable', async () => {
    const modes = ssmModes(bench.ssm, 'test', loggedCalls().call);
    const modeAndFault = async () => {
      const { mode, fault } = await modes.read('blue');
      return `${mode}: ${fault}`;
    };
    const end = 'podtime observes pod blue and changes nothing.';
    expect(await modeAndFault()).toBe(`observe: parameter /podtime/test/blue/mode does not exist; ${end}`);
    await put('destroy');
    expect(await modeAndFault()).toBe(
      `observe: parameter /podtime/test/blue/mode says 'destroy', not one of observe, act, hold; ${end}`,
    );
    bench.endpoint.faults.next('GetParameters', 'AccessDeniedException');
    expect(await modeAndFault()).toBe(
      'observe: parameters /podtime/test/mode and /podtime/test/blue/mode could not be read: ' +
        `AccessDeniedException (log entry tick-1.1); ${end}`,
    );
    bench.endpoint.faults.next('GetParameters', 'AccessDeniedException');
    expect((await modes.read('blue')).unread).toMatchObject({ name: 'AwsCallError', code: 'AccessDeniedException' });
    expect((await modes.read('blue')).unread).toBeNull();
    await put('x\u202e<b>\n');
    expect(await modeAndFault()).toBe(
      `observe: parameter /podtime/test/blue/mode says 'x\\u{202e}\\u{3c}b\\u{3e}', not one of observe, act, hold; ${end}`,
    );
  });

  it.each<[Mode, Mode, Mode]>([
    ['act', 'act', 'act'],
    ['act', 'hold', 'hold'],
    ['act', 'observe', 'observe'],
    ['hold', 'act', 'hold'],
    ['hold', 'observe', 'observe'],
    ['observe', 'act', 'observe'],
    ['observe', 'hold', 'observe'],
  ])('of a stage in %s and a pod in %s is %s: the stricter', async (ofStage, ofPod, mode) => {
    await put(ofStage, '/podtime/test/mode');
    await put(ofPod);
    expect(await ssmModes(bench.ssm, 'test', loggedCalls().call).read('blue')).toEqual({
      mode,
      fault: null,
      unread: null,
    });
  });

  it('of the stage, when it cannot be understood, is observe for every pod', async () => {
    await put('act');
    await put('Act', '/podtime/test/mode');
    expect(await ssmModes(bench.ssm, 'test', loggedCalls().call).read('blue')).toEqual({
      mode: 'observe',
      fault:
        "parameter /podtime/test/mode says 'Act', not one of observe, act, hold; podtime observes pod blue and changes nothing.",
      unread: null,
    });
  });
});

describe('publishing', () => {
  it('puts data as they were packed', async () => {
    const at = new Date();
    await cloudWatchMetrics(bench.cloudwatch, loggedCalls().call).put({
      Namespace: 'Podtime',
      MetricData: [
        {
          MetricName: 'Offset',
          Dimensions: [{ Name: 'Pod', Value: 'blue' }],
          Timestamp: at,
          Unit: 'Milliseconds',
          Values: [1, 2],
          Counts: [3, 1],
        },
      ],
    });
    await bench.clock.advance(10_000);
    expect(bench.endpoint.metrics()).toMatchObject([
      {
        namespace: 'Podtime',
        name: 'Offset',
        dimensions: { Pod: 'blue' },
        unit: 'Milliseconds',
        sampleCount: 4,
        average: 1.25,
        maximum: 2,
      },
    ]);
  });

  it('tells the bus that DNS changed, and fails when the bus took nothing', async () => {
    const events = eventBridgeEvents(bench.eventbridge, loggedCalls().call);
    await events.dnsChanged('blue', ['ntp.az-b.pod']);
    expect(bench.events).toContainEqual(
      expect.objectContaining({
        kind: 'event put',
        source: 'podtime',
        detailType: 'DNS changed',
        detail: { pod: 'blue', names: ['ntp.az-b.pod'] },
      }),
    );
    bench.endpoint.faults.nextEntry('InternalFailure');
    await expect(events.dnsChanged('blue', ['ntp.az-b.pod'])).rejects.toThrow(
      'telling that DNS changed in pod blue: InternalFailure (log entry tick-1.1)',
    );
  });
});
