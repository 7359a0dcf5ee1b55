import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Bench, BUCKET, startBench } from '@podtime/aws-endpoint/testing';
import { s3Reports } from '../../src/aws/reports.ts';
import { hostReportOf, summaryOf } from '../../src/report/compose.ts';
import type { Report } from '../../src/report/report.ts';
import { loggedCalls } from '../builders/aws-call.ts';
import { emptyReport } from '../builders/empty-report.ts';
import { judgement } from '../builders/judgements.ts';
import { CONTEXT, type HttpHandler, proxyEvent } from './gateway.ts';
import { holding } from './openapi.ts';

// `GET /{pod}/status.json` over a report in a bucket, read by the function's own client.

/** Lambda's limit on what a function answers (AWS Lambda quotas). */
const LAMBDA_BYTES = 6 * 1024 * 1024;

let bench: Bench;
let status: (pod: string) => ReturnType<HttpHandler>;

beforeAll(async () => {
  bench = await startBench();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: bench.endpoint.url,
    AWS_REGION: 'us-west-2',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    REPORT_BUCKET: BUCKET,
  });
  const { handler } = await import('../../handlers/status.ts');
  const held = holding(handler as HttpHandler);
  status = (pod) => held(proxyEvent('GET', { pod }, {}, '/{pod}/status.json'), CONTEXT);
});
afterAll(() => bench.close());

function reportOf(pod: string, hosts: number): Report {
  const judgements = Array.from({ length: hosts }, (_, index) =>
    judgement(`i-${index.toString(16).padStart(17, '0')}`, 'client', 'b', {
      sentence: 'offset 0.25 ms (limit 50 ms), error bound 1.5 ms (limit 200 ms), 3 usable sources.',
      ...(index % 100 === 99 ? { state: 'adrift', confident: false, sentence: 'offset 80 ms is over the limit.' } : {}),
      polled: ['169.254.169.123', '10.0.1.5', '10.0.2.5'],
      host: { pod, ipv4: `10.0.${index >> 8}.${index & 255}` },
    }),
  );
  return { ...emptyReport(pod), hosts: judgements.map(hostReportOf), summary: summaryOf(judgements) };
}

describe('the status', () => {
  it('is 404 with a sentence before the first tick', async () => {
    const { statusCode, body } = await status('green');
    expect(statusCode).toBe(404);
    expect(JSON.parse(body).detail).toBe('Pod green has no report yet: its watchdog has not run.');
  });

  it('is the last report, whole, with its sentences', async () => {
    const sentence = 'i-00000000000000001 did nothing when asked to cycle: it polls what DNS says.';
    const report: Report = {
      ...reportOf('blue', 100),
      verdicts: [
        { instanceId: 'i-00000000000000001', tier: 'client', kind: 'nothing', reason: 'already-right', sentence },
      ],
    };
    await s3Reports(bench.s3, BUCKET, loggedCalls().call).write(report, null);
    const { statusCode, body } = await status('blue');
    expect(statusCode).toBe(200);
    const { sentences, ...rest } = JSON.parse(body);
    expect(rest).toEqual(report);
    expect(sentences).toEqual([
      'Pod blue, mode act: 100 hosts of 100 answered, 99 confident, 0 stale, 0 unknown.',
      sentence,
      'i-00000000000000063 (client, us-west-2b) is adrift: offset 80 ms is over the limit.',
    ]);
  });

  it('of 10,000 hosts is as much as Lambda may answer, those that are ill first, and says what it lacks', async () => {
    const report = reportOf('green', 10_000);
    await s3Reports(bench.s3, BUCKET, loggedCalls().call).write(report, null);
    const answer = await status('green');
    expect(answer.statusCode).toBe(200);
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(LAMBDA_BYTES);
    const { sentences, hosts, summary } = JSON.parse(answer.body) as Report & { sentences: string[] };
    expect(summary.expected).toBe(10_000);
    expect(hosts.filter(({ state }) => state === 'adrift')).toHaveLength(100);
    expect(hosts.length).toBeGreaterThan(5_000);
    expect(sentences[0]).toContain(`${10_000 - hosts.length} of 10000 hosts are left out, healthy ones first`);
    expect(sentences).toHaveLength(102);
  });
});
