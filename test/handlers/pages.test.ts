import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bench, BUCKET } from '@podtime/aws-endpoint/testing';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { s3Reports } from '../../src/aws/reports.ts';
import type { Seen } from '../../src/report/page/view.ts';
import { loggedCalls } from '../builders/aws-call.ts';
import { SCENARIOS } from '../builders/status-scenarios.ts';
import { CONTEXT, fromVpc, type HttpHandler, OPERATOR_VPC, proxyEvent } from './gateway.ts';
import { localAws } from './local-aws.ts';
import { holding } from './openapi.ts';

// The pages and who may see what of them, over a report in a bucket. What a browser makes of them: test/report/page/browser.test.ts.

const { report } = (SCENARIOS.drifting as () => Seen)();
const ADRIFT = report.hosts.find(({ state }) => state === 'adrift')?.instanceId ?? '';
const POD_VPC = 'vpc-0b0b0b0b0b0b0b0b0';
const BROWSER = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const CURL = { Accept: '*/*' };

let bench: Bench;
let close: () => Promise<void>;
let handler: HttpHandler;

beforeAll(async () => {
  ({ bench, close } = await localAws());
  handler = holding((await import('../../handlers/status.ts')).handler as HttpHandler);
  await s3Reports(bench.s3, BUCKET, loggedCalls().call).write(report);
});
afterAll(() => close());

interface Asked {
  headers?: Record<string, string>;
  vpc?: string | null;
  method?: string;
  id?: string;
  pod?: string;
}

function ask(
  resource: string,
  { headers = BROWSER, vpc = OPERATOR_VPC, method = 'GET', id, pod = 'blue' }: Asked = {},
) {
  const parameters = resource.includes('{pod}') ? { pod, ...(id !== undefined && { id }) } : null;
  const event: APIGatewayProxyEvent = proxyEvent(method, parameters, headers, resource);
  return handler(vpc === null ? event : fromVpc(vpc, event), CONTEXT);
}

const PATHS = ['/{pod}/status', '/{pod}/status.json', '/{pod}/hosts/{id}', '/', '/metrics'];
const ofOperators = PATHS.slice(2);

describe('hosts of a pod', () => {
  it.each([
    ["a caller of the pod's VPC", POD_VPC, {}],
    ['a caller of whom the gateway says nothing', null, {}],
    [
      'a caller who says that it is an operator',
      POD_VPC,
      { 'x-amzn-vpc-id': OPERATOR_VPC, 'x-amzn-vpce-id': OPERATOR_VPC },
    ],
    ['a caller who says so, of whom the gateway says nothing', null, { 'x-amzn-vpc-id': OPERATOR_VPC }],
  ])('are in no answer to %s', async (_, vpc, headers) => {
    for (const resource of PATHS) {
      for (const accept of [BROWSER, CURL]) {
        const { statusCode, body } = await ask(resource, { vpc, headers: { ...accept, ...headers }, id: ADRIFT });
        expect(statusCode).toBe(ofOperators.includes(resource) ? 403 : 200);
        for (const { instanceId, addresses } of report.hosts) {
          for (const own of [instanceId, ...addresses]) expect(body).not.toContain(own);
        }
      }
    }
  });

  it('are in what an operator sees', async () => {
    for (const resource of PATHS.slice(0, 3)) {
      const { statusCode, body } = await ask(resource, { id: ADRIFT });
      expect([statusCode, body.includes(ADRIFT)]).toEqual([200, true]);
    }
  });

  it("are counted for the pod's VPC: whether its time is good, skew, bound, the last day", async () => {
    const page = await ask('/{pod}/status', { vpc: POD_VPC });
    expect(page.body).toContain('Hosts are shown to operators');
    expect(page.body).toContain('The last 24 hours');
    const { sentences, summary, clocks, day, hosts } = JSON.parse(
      (await ask('/{pod}/status.json', { vpc: POD_VPC })).body,
    );
    expect(sentences[0]).toBe('Pod blue, mode act: 63 hosts of 63 answered, 62 confident, 0 stale, 0 unknown.');
    expect([summary, clocks.skew, day, hosts]).toEqual([report.summary, report.clocks?.skew, report.day, []]);
  });
});

describe('a page', () => {
  it.each(['/{pod}/status', '/{pod}/hosts/{id}', '/'])(
    'of %s may run nothing, be framed by nobody, and is kept nowhere',
    async (resource) => {
      const { headers } = await ask(resource, { id: ADRIFT });
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        vary: 'accept',
      });
      const policy = String(headers?.['content-security-policy']).split('; ');
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy.join()).not.toMatch(/unsafe|\*|https?:/);
    },
  );

  it('is not sent again to who has it, and HEAD sends none', async () => {
    const { headers } = await ask('/{pod}/hosts/{id}', { id: ADRIFT });
    const again = await ask('/{pod}/hosts/{id}', {
      id: ADRIFT,
      headers: { ...BROWSER, 'If-None-Match': String(headers?.etag) },
    });
    expect([again.statusCode, again.body]).toEqual([304, '']);
    const head = await ask('/{pod}/hosts/{id}', { id: ADRIFT, method: 'HEAD' });
    expect([head.statusCode, head.body, head.headers?.etag]).toEqual([200, '', headers?.etag]);
  });

  it('shows commands to copy, of the stage that it is', async () => {
    const { body } = await ask('/{pod}/hosts/{id}', { id: ADRIFT });
    expect(body).toContain('npx sls invoke --stage test -f collect -d ');
  });

  it.each([
    ['/{pod}/status', { pod: 'red' }, 404, 'There is no such pod; the pods are blue, green.'],
    ['/{pod}/status', { pod: 'green' }, 404, 'Pod green has no report yet: its watchdog has not run.'],
    [
      '/{pod}/hosts/{id}',
      { id: 'i-0123456789abcdef0' },
      404,
      'The last report of pod blue has no host i-0123456789abcdef0; /blue/status lists its 63 hosts.',
    ],
    [
      '/{pod}/hosts/{id}',
      { id: '<script>' },
      404,
      'The last report of pod blue has no host of that id; /blue/status lists its 63 hosts.',
    ],
    [
      '/metrics',
      { vpc: POD_VPC },
      403,
      'This is for operators: callers in a VPC that operatorVpcs of fleet.yml names.',
    ],
  ] as [string, Asked, number, string][])(
    'of what cannot be shown, %s of %j, is a %i to a browser, and a problem to others',
    async (resource, asked, status, detail) => {
      const page = await ask(resource, asked);
      expect([page.statusCode, page.headers?.['content-type']]).toEqual([status, 'text/html; charset=utf-8']);
      expect(page.body).toContain(detail);
      const problem = await ask(resource, { ...asked, headers: CURL });
      expect([problem.statusCode, problem.headers?.['content-type']]).toEqual([status, 'application/problem+json']);
      expect(JSON.parse(problem.body)).toMatchObject({ status, detail });
    },
  );
});

describe('what to do', () => {
  const ALARM =
    'https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2#alarmsV2:alarm/podtime-test-blue-client-adrift';
  const linksOf = async (path: string, id?: string) => {
    const { body } = await ask(path, id === undefined ? {} : { id });
    return [...body.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
  };

  it('is on the page of a pod and of a host by the alarm, and its section of the runbook', async () => {
    // who looks at an old report is told that alone
    const { startedAtMs, endedAtMs, ...rest } = report;
    const now = { startedAtMs: Date.now() - (endedAtMs - startedAtMs), endedAtMs: Date.now() };
    await s3Reports(bench.s3, BUCKET, loggedCalls().call).write({ ...rest, ...now });
    process.env.RUNBOOK_URL = 'https://git.example.com/runbook.md';
    for (const links of [await linksOf('/{pod}/status'), await linksOf('/{pod}/hosts/{id}', ADRIFT)]) {
      expect(links).toEqual(expect.arrayContaining([ALARM, 'https://git.example.com/runbook.md#adrift']));
    }
    delete process.env.RUNBOOK_URL;
    expect((await ask('/{pod}/status')).body).toContain('<code>docs/runbook.md#adrift</code>');
    await s3Reports(bench.s3, BUCKET, loggedCalls().call).write(report);
  });
});

describe('programs', () => {
  it('get a host whole', async () => {
    const { body } = await ask('/{pod}/hosts/{id}', { id: ADRIFT, headers: CURL });
    expect(JSON.parse(body)).toMatchObject({
      pod: 'blue',
      instanceId: ADRIFT,
      state: 'adrift',
      polled: ['10.0.1.161', '10.0.2.177', '10.0.3.193', '169.254.169.123'],
      sources: expect.arrayContaining([expect.objectContaining({ remote: '10.0.2.177', reach: 0o356 })]),
    });
  });

  it('get the pods, the worst first, also those without a report', async () => {
    const { pods } = JSON.parse((await ask('/', { headers: CURL })).body);
    expect(pods.map(({ pod, level }: { pod: string; level: string }) => `${pod} ${level}`).toSorted()).toEqual([
      'blue unknown',
      'green unknown',
    ]);
    expect(pods.find(({ pod }: { pod: string }) => pod === 'green').because).toBe(
      'Pod green has no report yet: its watchdog has not run.',
    );
  });

  it('get the metrics as OpenMetrics', async () => {
    const { headers, body } = await ask('/metrics', { headers: CURL });
    expect(headers?.['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(body).toContain('podtime_hosts{pod="blue",tier="client",state="adrift"} 1\n');
    expect(body).toContain('podtime_report_read{pod="green"} 0\n');
  });
});
