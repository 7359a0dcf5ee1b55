import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Bench, BUCKET } from '@podtime/aws-endpoint/testing';
import type { Context } from 'aws-lambda';
import { s3Reports } from '../../src/aws/reports.ts';
import type { Seen } from '../../src/report/page/view.ts';
import { loggedCalls } from '../builders/aws-call.ts';
import { SCENARIOS } from '../builders/status-scenarios.ts';
import { CONTEXT } from './gateway.ts';
import { localAws } from './local-aws.ts';

// What CloudWatch's console gets of the function, over a report in a bucket.

const DAY_LATER = 86_400_000;
const { report } = (SCENARIOS.drifting as () => Seen)();
/** As CloudWatch hands it over (user guide, "Details about custom widgets"). */
const WIDGET_CONTEXT = {
  dashboardName: 'podtime-test-blue',
  widgetId: 'widget-16',
  accountId: '012345678901',
  locale: 'en',
  timezone: { label: 'UTC', offsetISO: '+00:00', offsetInMinutes: 0 },
  period: 300,
  isAutoPeriod: true,
  timeRange: { mode: 'relative', start: 1_627_236_199_729, end: 1_627_322_599_729, relativeStart: 86_400_012 },
  theme: 'dark',
  linkCharts: true,
  title: 'Status',
  forms: { all: {} },
  params: { pod: 'blue' },
  width: 588,
  height: 369,
};

let bench: Bench;
let close: () => Promise<void>;
let handler: (event: unknown, context: Context) => Promise<string>;
beforeAll(async () => {
  ({ bench, close } = await localAws());
  ({ handler } = await import('../../handlers/widget.ts'));
});
afterAll(() => close());
beforeEach(async () => {
  const endedAtMs = Date.now() - 60_000;
  const written = { ...report, startedAtMs: endedAtMs - 9000, endedAtMs };
  await s3Reports(bench.s3, BUCKET, loggedCalls().call).write(written);
});

const ask = (parameters: unknown, widgetContext: unknown = WIDGET_CONTEXT) =>
  handler({ ...(parameters as object), widgetContext }, CONTEXT as Context);
const textOf = (markup: string) => markup.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');

describe('the custom widget', () => {
  it('describes itself to who sets it up', async () => {
    const description = await handler({ describe: true }, CONTEXT as Context);
    expect(description).toMatch(/^## podtime: is this pod's time good\?/);
    expect(description).toContain('**pod** | One of blue, green.');
  });

  it('shows a pod as dark as its dashboard', async () => {
    const markup = await ask({ pod: 'blue' });
    expect(markup).toContain('background:#181e27');
    expect(textOf(markup)).toMatch(
      /Time in pod blue is good on 62 of 63 hosts: .* podtime looked \d+ s ago, in mode act\./,
    );
    expect(textOf(markup)).toContain('docs/runbook.md#adrift');
  });

  it('shows all pods without one, also those without a report', async () => {
    const text = textOf(await ask({}));
    expect(text).toMatch(/Nobody knows how the time of pod green is: .* Time in pod blue is good on 62 of 63 hosts/);
  });

  it.each([
    [{ pod: 'red' }, /pod must be one of the pods blue, green, not &quot;red&quot;\./],
    [{ pod: 7 }, /pod must be one of the pods blue, green, not 7\./],
    [{ pod: 'blue', theme: 'dark' }, /The payload has unknown field &quot;theme&quot;; there are pod\./],
    [{ pod: '<script>' }, /not &quot;&lt;script&gt;&quot;/],
  ])('says in itself what is wrong with %j', async (parameters, words) => {
    const text = textOf(await ask(parameters));
    expect(text).toContain('This widget cannot be shown as it is set.');
    expect(text).toMatch(words);
  });

  it.each([null, {}, 'dark', { theme: 3, width: 'wide' }])('takes a context such as %j', async (widgetContext) => {
    expect(await ask({ pod: 'blue' }, widgetContext)).toContain('background:#fff');
  });

  it('says what cannot be read', async () => {
    await bench.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'blue/report.json', Body: '{"version":99}' }));
    expect(textOf(await ask({ pod: 'blue' }))).toMatch(
      /there is no report to go by\. The last report of pod blue is of version 99/,
    );
    await bench.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'blue/report.json' }));
    expect(textOf(await ask({ pod: 'blue' }))).toContain('Pod blue has no report yet: its watchdog has not run.');
    jest.spyOn(console, 'error').mockImplementation(() => {});
    process.env.REPORT_BUCKET = 'podtime-no-such-bucket';
    expect(textOf(await ask({ pod: 'blue' }))).toContain(
      'could not be read from S3; the log of this request says why.',
    );
    process.env.REPORT_BUCKET = BUCKET;
    jest.restoreAllMocks();
  });

  it('is late as everything else is', async () => {
    await s3Reports(bench.s3, BUCKET, loggedCalls().call).write({ ...report, endedAtMs: Date.now() - DAY_LATER });
    const text = textOf(await ask({ pod: 'blue' }));
    expect(text).toMatch(
      /Nobody knows how the time of pod blue is: podtime last looked 24 h ago, and its interval is 5 min\./,
    );
    expect(text).toContain('podtime-test-blue-watchdog-silent');
  });
});
