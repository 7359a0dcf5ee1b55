import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Bench, BUCKET } from '@podtime/aws-endpoint/testing';
import { s3Reports } from '../../src/aws/reports.ts';
import type { Judgement, Measures } from '../../src/diagnosis/judgement.ts';
import { hostsReportOf, summaryOf } from '../../src/report/compose.ts';
import type { Report } from '../../src/report/report.ts';
import { loggedCalls } from '../builders/aws-call.ts';
import { emptyReport } from '../builders/empty-report.ts';
import { judgement, MEASURES } from '../builders/judgements.ts';
import { CONTEXT, fromVpc, type HttpHandler, OPERATOR_VPC, proxyEvent } from './gateway.ts';
import { localAws } from './local-aws.ts';
import { holding } from './openapi.ts';

// `GET /{pod}/status.json` over a report in a bucket, read by the function's own client.

/** Lambda's limit on what a function answers (AWS Lambda quotas). */
const LAMBDA_BYTES = 6 * 1024 * 1024;

let bench: Bench;
let close: () => Promise<void>;
let status: (pod: string, after?: string, parameter?: string) => ReturnType<HttpHandler>;
let byHand: (payload: unknown) => Promise<unknown>;

beforeAll(async () => {
  ({ bench, close } = await localAws());
  const { handler } = await import('../../handlers/status.ts');
  byHand = (payload) => handler(payload, CONTEXT);
  const held = holding(handler as HttpHandler);
  status = (pod, after, parameter = 'after') => {
    const event = proxyEvent('GET', { pod }, {}, '/{pod}/status.json');
    const queryStringParameters = after === undefined ? null : { [parameter]: after };
    return held(fromVpc(OPERATOR_VPC, { ...event, queryStringParameters }), CONTEXT);
  };
});
afterAll(() => close());

/** A pod of three AZs and both families, as large ones are: of a hundred clients one is adrift, one silent, and three are stale. */
function reportOf(pod: string, hosts: number, kindOf = (index: number) => index % 100): Report {
  const judgements = Array.from({ length: hosts }, (_, index) => judgedHost(pod, index, kindOf(index)));
  return { ...emptyReport(pod), ...hostsReportOf(judgements), summary: summaryOf(judgements) };
}

const NOT_HEARD = 'SSM has no answer from it (DeliveryTimedOut).';
const NOTHING = Object.fromEntries(Object.keys(MEASURES).map((name) => [name, null])) as unknown as Measures;

function judgedHost(pod: string, index: number, kind: number): Judgement {
  const [high, low] = [index >> 8, index & 255];
  const host = { pod, ipv4: `10.120.${high}.${low}`, ipv6: [`2001:db8:1234:5600:${index.toString(16)}:89ab:cdef:123`] };
  const id = `i-${index.toString(16).padStart(17, '0')}`;
  const names = ['ntp.az-b.pod'];
  const kinds: Record<number, Parameters<typeof judgement>[3]> = {
    99: {
      state: 'adrift',
      confident: false,
      sentence: ADRIFT,
      cause: 'their offsets are over the limit of 50 ms',
      confidence: 'not confident: offset 80.25 ms (limit 50 ms).',
    },
    98: {
      state: 'unknown',
      confident: false,
      sentence: NOT_HEARD,
      cause: 'SSM has no answer from them (DeliveryTimedOut)',
      confidence: `not confident: ${NOT_HEARD}`,
      measures: NOTHING,
      polled: [],
    },
    ...Object.fromEntries(
      [95, 96, 97].map((place) => [
        place,
        { stale: { rule: 'left-behind' as const, names, addresses: ['10.120.1.5'], sentence: LEFT } },
      ]),
    ),
  };
  return judgement(id, 'client', 'b', {
    polled: POLLED,
    measures: {
      ...MEASURES,
      offsetMs: -0.123456,
      errorBoundMs: 12.345678,
      jitterMs: 0.054321,
      delayMs: 0.654321,
      timeServiceOffsetMs: 0.098765,
      ageSeconds: 1_234_567,
      reachRatio: 23 / 24,
    },
    ...kinds[kind],
    host,
  });
}

const POLLED = ['10.120.0.5', '10.121.0.5', '10.122.0.5', '169.254.169.123', '2001:db8:1234:5601::5', 'fd00:ec2::123'];
const ADRIFT = 'offset 80.25 ms is over the limit of 50 ms: the clock is behind its reference.';
const LEFT =
  'polls 10.120.1.5, which no record of pod holds, nor has a running boundary server; ntp.az-b.pod is 10.120.1.9 now.';

async function written(report: Report): Promise<void> {
  await s3Reports(bench.s3, BUCKET, loggedCalls().call).write(report);
}

describe('the status', () => {
  it('is 404 with a sentence before the first tick', async () => {
    const { statusCode, body } = await status('green');
    expect(statusCode).toBe(404);
    expect(JSON.parse(body).detail).toBe('Pod green has no report yet: its watchdog has not run.');
  });

  it('is 404 of a pod that there is not, in the words that a file has', async () => {
    const { statusCode, body } = await status('red');
    expect(statusCode).toBe(404);
    expect(JSON.parse(body).detail).toBe('There is no such pod; the pods are blue, green.');
  });

  it('is the last report, whole, with its sentences', async () => {
    const sentence = 'i-00000000000000001 did nothing when asked to cycle: it polls what DNS says.';
    const report: Report = {
      ...reportOf('blue', 100),
      verdicts: [
        {
          hosts: 1,
          instanceIds: ['i-00000000000000001'],
          tier: 'client',
          kind: 'nothing',
          reason: 'already-right',
          sentence,
        },
      ],
    };
    await written(report);
    const { statusCode, body, headers } = await status('blue');
    expect(statusCode).toBe(200);
    expect(headers).not.toHaveProperty('link');
    const { sentences, ...rest } = JSON.parse(body);
    expect(rest).toEqual(report);
    expect(sentences).toEqual([
      'Pod blue, mode act: 99 hosts of 100 answered, 98 confident, 3 stale, 1 unknown.',
      sentence,
      `i-00000000000000063 (client, us-west-2b) is adrift: ${ADRIFT}`,
      ...['5f', '60', '61'].map((id) => `i-000000000000000${id} (client, us-west-2b) is stale: ${LEFT}`),
      `i-00000000000000062 (client, us-west-2b) is unknown: ${NOT_HEARD}`,
    ]);
  });
});

describe('the status of 10,000 hosts', () => {
  const report = reportOf('green', 10_000);

  it('has rows of 450 bytes at the most', () => {
    const bytes = report.hosts.reduce((sum, host) => sum + Buffer.byteLength(JSON.stringify(host)), 0);
    expect(bytes / report.hosts.length).toBeLessThanOrEqual(450);
  });

  it('is one answer, with the sentences of each cause gathered', async () => {
    await written(report);
    const answer = await status('green');
    expect(answer.statusCode).toBe(200);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(LAMBDA_BYTES);
    const { sentences, ...rest } = JSON.parse(answer.body);
    expect(rest).toEqual(report);
    expect(sentences).toEqual([
      'Pod green, mode act: 9900 hosts of 10000 answered, 9800 confident, 300 stale, 100 unknown.',
      '100 clients are adrift: their offsets are over the limit of 50 ms (i-00000000000000063, i-000000000000000c7 and 98 more).',
      '300 clients are stale: left behind by ntp.az-b.pod (i-0000000000000005f, i-00000000000000060 and 298 more).',
      '100 clients are unknown: SSM has no answer from them (DeliveryTimedOut) (i-00000000000000062, i-000000000000000c6 and 98 more).',
    ]);
  });
});

describe('the status of 10,000 hosts that are all stale', () => {
  it('is one answer', async () => {
    await written(reportOf('green', 10_000, () => 95));
    const answer = await status('green');
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(LAMBDA_BYTES);
    const { next, hosts } = JSON.parse(answer.body);
    expect([next, hosts.length]).toEqual([undefined, 10_000]);
  });
});

describe('the status of more hosts than an answer holds', () => {
  const { hosts, ...report } = reportOf('red', 1);
  const many: Report = { ...report, hosts: Array.from({ length: 25_000 }, () => hosts[0] as Report['hosts'][number]) };
  many.hosts = many.hosts.map((host, index) => ({ ...host, instanceId: `i-${index.toString(16).padStart(17, '0')}` }));

  it('comes in pages, each host on one of them, each named by the one before', async () => {
    await s3Reports(bench.s3, BUCKET, loggedCalls().call).write({ ...many, pod: 'blue' });
    const ids: string[] = [];
    let after: string | undefined;
    let pages = 0;
    do {
      const answer = await status('blue', after);
      expect(answer.statusCode).toBe(200);
      expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(LAMBDA_BYTES);
      const page = JSON.parse(answer.body) as Report & { next?: string };
      expect(answer.headers?.link).toBe(page.next === undefined ? undefined : `<?after=${page.next}>; rel="next"`);
      expect(page.summary).toEqual(many.summary);
      ids.push(...page.hosts.map(({ instanceId }) => instanceId));
      after = page.next;
      pages += 1;
    } while (after !== undefined);
    expect(pages).toBeLessThan(5);
    expect(ids).toEqual(many.hosts.map(({ instanceId }) => instanceId));
  });

  it.each([
    [
      '1795348800000.tick-0.5',
      410,
      'after is a page of tick tick-0; the last report is of tick tick-1. Begin again without after.',
    ],
    [
      '1795348800001.tick-1.5',
      410,
      'after is a page of tick tick-1; the last report is of tick tick-1. Begin again without after.',
    ],
    ['1795348800000.tick-1.25000', 400, 'after lies beyond the 25000 hosts of the report.'],
    ['<script>', 400, 'after is no token of this API: take it from next.'],
  ])('is refused after %s', async (after, code, detail) => {
    const { statusCode, body } = await status('blue', after);
    expect([statusCode, JSON.parse(body).detail]).toEqual([code, detail]);
  });

  it('is not begun anew where the token goes by a misspelt name, which would have no end', async () => {
    const { statusCode, body } = await status('blue', '1795348800000.tick-1.5', 'atfer');
    expect([statusCode, JSON.parse(body).detail]).toEqual([
      400,
      '"atfer" is no parameter: did you mean after? Of the query what may be asked with is after, state, tier, az, order, page.',
    ]);
  });
});

describe('the status, invoked by hand', () => {
  beforeEach(() => {
    for (const level of ['info', 'warn'] as const) jest.spyOn(console, level).mockImplementation(() => {});
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('says first how the time of the pod is, then why, and has no rows of hosts', async () => {
    await written({ ...reportOf('green', 100), startedAtMs: Date.now(), endedAtMs: Date.now() });
    const answer = (await byHand({ pod: 'green' })) as { sentences: string[]; summary: object };
    expect(Object.keys(answer).slice(0, 4)).toEqual(['pod', 'sentences', 'level', 'summary']);
    expect(answer).toMatchObject({
      pod: 'green',
      level: 'attention',
      summary: { expected: 100, sampled: 99, confident: 98, stale: 3, unknown: 1 },
      mode: 'act',
    });
    expect(answer.sentences[0]).toMatch(
      /^Time in pod green is good on 98 of 100 hosts: none of these is wrong by more than 12\.35 ms \(limit 200 ms\)\. \d+ hosts need somebody: 1 adrift, 1 unknown/,
    );
    expect(answer.sentences[2]).toBe(
      'Pod green, mode act: 99 hosts of 100 answered, 98 confident, 3 stale, 1 unknown.',
    );
    expect(answer).not.toHaveProperty('hosts');
  });

  it('fits into a log line and an answer, whatever the pod', async () => {
    await written(reportOf('green', 10_000, (index) => 95 + (index % 5)));
    expect(Buffer.byteLength(JSON.stringify(await byHand({ pod: 'green' })))).toBeLessThan(256_000);
  });

  it('says so where there is no report, or none that can be read', async () => {
    await bench.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'green/report.json' }));
    expect(await byHand({ pod: 'green' })).toEqual({
      pod: 'green',
      level: 'unknown',
      sentences: [
        'Nobody knows how the time of pod green is: there is no report to go by.',
        'Pod green has no report yet: its watchdog has not run.',
      ],
    });
    await bench.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'green/report.json', Body: '{"version":99}' }));
    expect(await byHand({ pod: 'green' })).toEqual({
      pod: 'green',
      level: 'unknown',
      sentences: [
        'Nobody knows how the time of pod green is: there is no report to go by.',
        expect.stringMatching(/^The last report of pod green is of version 99, this code reads up to /),
      ],
    });
  });

  it.each([
    [{ pod: 'red' }, ['pod must be one of the pods blue, green, not "red".']],
    [undefined, ['pod is missing; it must be one of the pods blue, green.']],
    [{ pod: 'blue', after: 'x' }, ['The payload has unknown field "after"; there are pod.']],
    [null, ['The payload must be an object with pod, not null.']],
  ])('refuses %j with each fault', async (payload, sentences) => {
    expect(await byHand(payload)).toEqual({ sentences, refused: true });
  });
});
