import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetHostedZoneCountCommand } from '@aws-sdk/client-route-53';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { GetDocumentCommand } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Bench, BUCKET, refusalOf, startBench, ZONE_ID } from '../src/testing/index.ts';

let bench: Bench;
afterEach(() => bench.close());

describe('what the endpoint does not have', () => {
  it("is refused in each service's own words", async () => {
    bench = await startBench();
    const refusals = await Promise.all([
      refusalOf(bench.route53.send(new GetHostedZoneCountCommand({}))),
      refusalOf(bench.ssm.send(new GetDocumentCommand({ Name: 'x' }))),
      refusalOf(bench.ec2.send(new RunInstancesCommand({ MinCount: 1, MaxCount: 1 }))),
      refusalOf(bench.eventbridge.send(new DescribeRuleCommand({ Name: 'x' }))),
      refusalOf(bench.sqs.send(new PurgeQueueCommand({ QueueUrl: `${bench.endpoint.url}/123456789012/x` }))),
    ]);
    expect(refusals.map(({ name, status }) => [name, status])).toEqual([
      ['InvalidAction', 400],
      ['UnknownOperationException', 400],
      ['InvalidAction', 400],
      ['UnknownOperationException', 400],
      ['UnknownOperationException', 400],
    ]);
    const named = ['hostedzonecount', 'GetDocument', 'RunInstances', 'DescribeRule', 'PurgeQueue'];
    expect(refusals.map(({ message }) => message)).toEqual(named.map((name) => expect.stringContaining(name)));
  });

  it('is told with what it has, and what was meant', async () => {
    bench = await startBench();
    const signed = (service: string) => ({
      authorization: `AWS4-HMAC-SHA256 Credential=A/20260101/us-west-2/${service}/aws4_request`,
    });
    const form = (Action: string, Version: string) => ({
      method: 'POST',
      body: new URLSearchParams({ Action, Version }),
    });
    const target = (name: string) => ({ method: 'POST', headers: { 'x-amz-target': name }, body: '{}' });
    const answers = await Promise.all(
      (
        [
          ['ssm', '/', target('AmazonSSM.SendComand')],
          ['events', '/', target('AWSEvents.ListRule')],
          ['sqs', '/', target('AmazonSQS.SendMessages')],
          ['monitoring', '/', target('GraniteServiceVersion20100801.DescribeAlarm')],
          ['monitoring', '/', form('ListDashboard', '2010-08-01')],
          ['ec2', '/', form('DescribeInstance', '2016-11-15')],
          ['sts', '/', form('GetCallerIdentitty', '2011-06-15')],
          ['route53', '/2013-04-01/tags', {}],
          ['lambda', '/2015-03-31/functions/x', {}],
          ['s3', `/${BUCKET}?acl`, {}],
        ] as [string, string, RequestInit][]
      ).map(async ([service, path, init]) => {
        const headers = { ...signed(service), ...init.headers };
        return (await fetch(bench.endpoint.url + path, { ...init, headers })).text();
      }),
    );
    expect(answers.map((text) => /The local endpoint has no operation .*? It has \w+, /.exec(text)?.[0])).toEqual([
      'The local endpoint has no operation SendComand of Systems Manager. Did you mean SendCommand? It has CancelCommand, ',
      'The local endpoint has no operation ListRule of EventBridge. Did you mean ListRules? It has ListRules, ',
      'The local endpoint has no operation SendMessages of SQS. Did you mean SendMessage? It has ChangeMessageVisibility, ',
      'The local endpoint has no operation DescribeAlarm of CloudWatch. Did you mean DescribeAlarms? It has DescribeAlarms, ',
      'The local endpoint has no operation ListDashboard of CloudWatch. Did you mean ListDashboards? It has DescribeAlarms, ',
      'The local endpoint has no operation DescribeInstance of EC2. Did you mean DescribeInstances? It has CreateTags, ',
      undefined,
      'The local endpoint has no operation GET /2013-04-01/tags of Route 53. It has ChangeResourceRecordSets, ',
      'The local endpoint has no operation GET /2015-03-31/functions/x of Lambda. It has GetAccountSettings, ',
      'The local endpoint has no operation GetBucketAcl of S3. It has DeleteObject, ',
    ]);
    expect(answers[6]).toContain('of STS. Did you mean GetCallerIdentity? It has GetCallerIdentity.');
  });

  it.each<[string, RequestInit, string]>([
    ['iam', { method: 'POST', body: new URLSearchParams({ Action: 'ListUsers' }) }, '<Code>UnknownService</Code>'],
    ['dynamodb', { method: 'POST', headers: { 'x-amz-target': 'DynamoDB.X' } }, '{"__type":"UnknownService"'],
    ['apigateway', {}, '{"__type":"UnknownService"'],
    ['cloudfront', {}, '<Code>UnknownService</Code>'],
  ])('as a service is said too, in the protocol of %s', async (service, init, shape) => {
    bench = await startBench();
    const authorization = `AWS4-HMAC-SHA256 Credential=A/20260101/us-west-2/${service}/aws4_request`;
    const response = await fetch(bench.endpoint.url, { ...init, headers: { authorization, ...init.headers } });
    const text = await response.text();
    expect([response.status, text]).toEqual([404, expect.stringContaining(shape)]);
    expect(text).toContain(
      `The local endpoint has no service ${service}. It has cloudwatch, ec2, events, lambda, route53, s3, sqs, ssm, sts.`,
    );
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
    ['Lambda', '/2015-03-31/functions', {}, 403, '"message":"Missing Authentication Token"'],
    [
      'STS',
      '/',
      { method: 'POST', body: new URLSearchParams({ Action: 'GetCallerIdentity', Version: '2011-06-15' }) },
      403,
      '<Code>MissingAuthenticationToken</Code>',
    ],
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
