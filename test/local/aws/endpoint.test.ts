import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeInstancesCommand, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeRuleCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  ChangeResourceRecordSetsCommand,
  DeleteHostedZoneCommand,
  ListHostedZonesCommand,
} from '@aws-sdk/client-route-53';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetDocumentCommand, ListCommandsCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startEndpoint } from '../../../local/aws/endpoint.ts';
import { EMPTY_STACK } from '../../../local/aws/stack.ts';
import { RATES } from '../../../local/aws/throttle.ts';
import { type Bench, BUCKET, refusalOf, startBench, ZONE_ID } from './bench.ts';

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
    bench = await startBench({ rates: RATES, maxAttempts: 5 });
    const answers = await Promise.all(
      Array.from({ length: 7 }, () => bench.route53.send(new ListHostedZonesCommand({}))),
    );
    expect(answers.map((answer) => answer.HostedZones?.length)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(
      bench.events.filter((event) => event.kind === 'refused' && event.code === 'Throttling').length,
    ).toBeGreaterThanOrEqual(2);
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

describe('what the endpoint does not have', () => {
  it("is refused in each service's own words", async () => {
    bench = await startBench();
    const refusals = await Promise.all([
      refusalOf(bench.route53.send(new DeleteHostedZoneCommand({ Id: ZONE_ID }))),
      refusalOf(bench.ssm.send(new GetDocumentCommand({ Name: 'x' }))),
      refusalOf(bench.ec2.send(new RunInstancesCommand({ MinCount: 1, MaxCount: 1 }))),
      refusalOf(bench.eventbridge.send(new DescribeRuleCommand({ Name: 'x' }))),
    ]);
    expect(refusals.map(({ name, status }) => [name, status])).toEqual([
      ['InvalidAction', 400],
      ['UnknownOperationException', 400],
      ['InvalidAction', 400],
      ['UnknownOperationException', 400],
    ]);
  });

  it('as a service is said too', async () => {
    bench = await startBench();
    const response = await fetch(bench.endpoint.url, {
      method: 'POST',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=A/20260101/us-west-2/iam/aws4_request' },
    });
    expect([response.status, await response.text()]).toEqual([
      404,
      expect.stringContaining('<Code>UnknownService</Code>'),
    ]);
  });
});

describe('a request without credentials', () => {
  it.each<[string, string, RequestInit, number, string]>([
    ['Route 53', '/2013-04-01/hostedzone', {}, 403, '<Code>MissingAuthenticationToken</Code>'],
    [
      'SSM',
      '/',
      { method: 'POST', headers: { 'x-amz-target': 'AmazonSSM.ListCommands' } },
      400,
      '"__type":"MissingAuthenticationTokenException"',
    ],
    [
      'EventBridge',
      '/',
      { method: 'POST', headers: { 'x-amz-target': 'AWSEvents.PutEvents' } },
      400,
      '"__type":"MissingAuthenticationTokenException"',
    ],
    [
      'CloudWatch',
      '/',
      { method: 'POST', body: new URLSearchParams({ Action: 'ListMetrics', Version: '2010-08-01' }) },
      403,
      '<Code>MissingAuthenticationToken</Code>',
    ],
    [
      'EC2',
      '/',
      { method: 'POST', body: new URLSearchParams({ Action: 'DescribeInstances', Version: '2016-11-15' }) },
      401,
      '<Code>AuthFailure</Code>',
    ],
    ['S3', `/${BUCKET}/k`, {}, 403, '<Code>AccessDenied</Code>'],
  ])("gets %s's own error", async (_service, path, init, status, body) => {
    bench = await startBench();
    const response = await fetch(bench.endpoint.url + path, init);
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(body)]);
  });
});

describe('a malformed request', () => {
  const signed = (service: string) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=A/20260101/us-west-2/${service}/aws4_request`,
  });
  it.each<[string, string, RequestInit, string]>([
    [
      'no JSON',
      '/',
      { method: 'POST', headers: { ...signed('ssm'), 'x-amz-target': 'AmazonSSM.SendCommand' }, body: '{' },
      'SerializationException',
    ],
    [
      'JSON that is no object',
      '/',
      { method: 'POST', headers: { ...signed('ssm'), 'x-amz-target': 'AmazonSSM.SendCommand' }, body: '[]' },
      'SerializationException',
    ],
    [
      'a number for a name',
      '/',
      {
        method: 'POST',
        headers: { ...signed('ssm'), 'x-amz-target': 'AmazonSSM.SendCommand' },
        body: '{"DocumentName":1}',
      },
      'SerializationException',
    ],
    [
      'data that is no list',
      '/',
      {
        method: 'POST',
        headers: { ...signed('monitoring'), 'x-amz-target': 'GraniteServiceVersion20100801.PutMetricData' },
        body: '{"Namespace":"X","MetricData":{}}',
      },
      'InvalidParameterValueException',
    ],
    [
      'entries that are no list',
      '/',
      {
        method: 'POST',
        headers: { ...signed('events'), 'x-amz-target': 'AWSEvents.PutEvents' },
        body: '{"Entries":7}',
      },
      'ValidationException',
    ],
    [
      'no XML',
      `/2013-04-01/hostedzone/${ZONE_ID}/rrset/`,
      { method: 'POST', headers: signed('route53'), body: '<ChangeResource' },
      'MalformedInput',
    ],
    [
      'other XML',
      `/2013-04-01/hostedzone/${ZONE_ID}/rrset/`,
      { method: 'POST', headers: signed('route53'), body: '<Other/>' },
      'MalformedInput',
    ],
    [
      'no body',
      `/2013-04-01/hostedzone/${ZONE_ID}/rrset/`,
      { method: 'POST', headers: signed('route53') },
      'MalformedInput',
    ],
    [
      'gzip that is none',
      '/',
      {
        method: 'POST',
        headers: { ...signed('ssm'), 'x-amz-target': 'AmazonSSM.ListCommands', 'content-encoding': 'gzip' },
        body: 'plain',
      },
      'SerializationException',
    ],
  ])('(%s) is a fault of the client', async (_what, path, init, code) => {
    bench = await startBench();
    const response = await fetch(bench.endpoint.url + path, init);
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(code)]);
    expect(bench.events.filter((event) => event.kind === 'fault of the endpoint')).toEqual([]);
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
