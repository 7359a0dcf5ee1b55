import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ChangeResourceRecordSetsCommand, ListHostedZonesCommand } from '@aws-sdk/client-route-53';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { ListCommandsCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startEndpoint } from '../src/endpoint.ts';
import { EMPTY_STACK } from '../src/stack.ts';
import { type Bench, BUCKET, refusalOf, startBench, ZONE_ID } from '../src/testing/index.ts';
import { RATES } from '../src/throttle.ts';

let bench: Bench;
afterEach(() => bench.close());

const upsert = (address: string) =>
  new ChangeResourceRecordSetsCommand({
    HostedZoneId: ZONE_ID,
    ChangeBatch: {
      Changes: [
        {
          Action: 'UPSERT',
          ResourceRecordSet: { Name: 'a.pod', Type: 'A', TTL: 30, ResourceRecords: [{ Value: address }] },
        },
      ],
    },
  });

describe('throttling', () => {
  it.each<[string, string, number, (bench: Bench) => Promise<unknown>]>([
    ['route53:*', 'Throttling', 400, ({ route53 }) => route53.send(new ListHostedZonesCommand({}))],
    ['ssm:*', 'ThrottlingException', 400, ({ ssm }) => ssm.send(new ListCommandsCommand({}))],
    [
      'monitoring:PutMetricData',
      'Throttling',
      400,
      ({ cloudwatch }) =>
        cloudwatch.send(new PutMetricDataCommand({ Namespace: 'X', MetricData: [{ MetricName: 'Y', Value: 1 }] })),
    ],
    ['ec2:*', 'RequestLimitExceeded', 503, ({ ec2 }) => ec2.send(new DescribeInstancesCommand({}))],
    [
      'events:PutEvents',
      'ThrottlingException',
      400,
      ({ eventbridge }) =>
        eventbridge.send(new PutEventsCommand({ Entries: [{ Source: 'podtime', DetailType: 'x', Detail: '{}' }] })),
    ],
    ['s3:*', 'SlowDown', 503, ({ s3 }) => s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'x' }))],
  ])('%s answers %s (%i) above its rate', async (key, name, status, call) => {
    bench = await startBench({ rates: { [key]: { perSecond: 0.001, burst: 2 } } });
    await call(bench);
    await call(bench);
    expect(await refusalOf(call(bench))).toMatchObject({ name, status });
  });

  it('of Route 53 lets five a second through by default, and a client that retries gets through', async () => {
    let nowMs = 0;
    let throttled = 0;
    bench = await startBench({ rates: RATES, ratesNowMs: () => nowMs, maxAttempts: 5 });
    // the second of the bucket is over when two were refused
    bench.endpoint.on((event) => {
      if (event.kind === 'refused' && event.code === 'Throttling' && ++throttled === 2) nowMs = 1000;
    });
    const answers = await Promise.all(
      Array.from({ length: 7 }, () => bench.route53.send(new ListHostedZonesCommand({}))),
    );
    expect(answers.map((answer) => answer.HostedZones?.length)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(throttled).toBe(2);
  });
});

describe('injected faults', () => {
  it('meet the next calls of an operation, then no more', async () => {
    bench = await startBench();
    bench.endpoint.faults.next('ChangeResourceRecordSets', 'PriorRequestNotComplete', { times: 2 });
    for (const _ of [1, 2])
      expect(await refusalOf(bench.route53.send(upsert('10.0.0.1')))).toMatchObject({
        name: 'PriorRequestNotComplete',
        status: 400,
      });
    expect((await bench.route53.send(upsert('10.0.0.1'))).ChangeInfo?.Status).toBe('PENDING');
    expect(bench.endpoint.records().map((record) => record.name)).toEqual(['pod.', 'pod.', 'a.pod.']);
  });

  it('can come after the deed, with an error or with no answer at all', async () => {
    bench = await startBench();
    const put = (value: string) =>
      bench.ssm.send(new PutParameterCommand({ Name: '/mode', Value: value, Type: 'String', Overwrite: true }));
    bench.endpoint.faults.next('PutParameter', 'InternalServerError', { when: 'after' });
    expect(await refusalOf(put('one'))).toMatchObject({ name: 'InternalServerError', status: 500 });
    expect(bench.endpoint.parameters.get('/mode')?.value).toBe('one');
    bench.endpoint.faults.next('PutParameter', 'cut', { when: 'answer lost' });
    await expect(put('two')).rejects.toThrow();
    expect(bench.endpoint.parameters.get('/mode')?.value).toBe('two');
    bench.endpoint.faults.next('PutParameter', 'cut', { when: 'no answer' });
    await expect(put('three')).rejects.toThrow();
    expect(bench.endpoint.parameters.get('/mode')?.value).toBe('two');
  });

  it('are forgotten when cleared', async () => {
    bench = await startBench();
    bench.endpoint.faults.next('PutObject', 'ConditionalRequestConflict');
    bench.endpoint.faults.clear();
    expect(
      (await bench.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'x' }))).$metadata.httpStatusCode,
    ).toBe(200);
    bench.endpoint.faults.next('PutObject', 'ConditionalRequestConflict');
    expect(await refusalOf(bench.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'x' })))).toMatchObject(
      { name: 'ConditionalRequestConflict', status: 409 },
    );
  });
});

describe('the endpoint', () => {
  it('says that its port is taken', async () => {
    bench = await startBench();
    const { port } = bench.endpoint;
    const again = startEndpoint({
      port,
      region: 'us-west-2',
      clock: bench.clock,
      agents: new Map(),
      stack: EMPTY_STACK,
      zones: [],
      invoke: async () => {},
    });
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('ends its timers and connections when closed', async () => {
    bench = await startBench();
    await bench.route53.send(upsert('10.0.0.1'));
    const before = bench.events.length;
    await bench.endpoint.close();
    await bench.clock.advance(600_000);
    expect(bench.events.length).toBe(before);
    await expect(fetch(bench.endpoint.url)).rejects.toThrow();
  });

  it('keeps a listener that throws from silencing the others', async () => {
    bench = await startBench();
    const heard: string[] = [];
    bench.endpoint.on(() => {
      throw new Error('narrator');
    });
    const off = bench.endpoint.on((event) => void heard.push(event.kind));
    await bench.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'x' }));
    off();
    await bench.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'k' }));
    await refusalOf(bench.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'none' })));
    expect(heard).toEqual(['object put']);
  });
});

describe('an intercept', () => {
  const put = () => bench.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'x' }));

  it('hears of each call, and lets it through', async () => {
    const heard: string[] = [];
    bench = await startBench({
      intercept({ service, operation, handle }) {
        heard.push(`${service}:${operation}`);
        return handle();
      },
    });
    await put();
    expect(await refusalOf(bench.s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'none' })))).toMatchObject({
      name: 'NoSuchKey',
    });
    expect(heard).toEqual(['s3:PutObject', 's3:GetObject']);
  });

  it("refuses in the service's own shape, nothing done", async () => {
    bench = await startBench({ intercept: async ({ refuse }) => refuse('InternalError', 'Try again.', 500) });
    expect(await refusalOf(put())).toEqual({ name: 'InternalError', message: 'Try again.', status: 500 });
    expect(bench.endpoint.object(BUCKET, 'k')).toBeNull();
  });

  it('throttles as the service does', async () => {
    bench = await startBench({ intercept: async ({ throttled }) => throttled() });
    expect(await refusalOf(put())).toMatchObject({ name: 'SlowDown', status: 503 });
  });

  it('cuts the connection after the effect', async () => {
    bench = await startBench({
      async intercept({ handle, outgoing }) {
        await handle();
        outgoing.destroy();
        return null;
      },
    });
    await expect(put()).rejects.toThrow('socket hang up');
    expect(bench.endpoint.object(BUCKET, 'k')?.body.toString()).toBe('x');
  });
});
