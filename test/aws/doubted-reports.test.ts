import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Bench, BUCKET, startBench } from '@podtime/aws-endpoint/testing';
import { s3Reports } from '../../src/aws/reports.ts';
import type { Report } from '../../src/report/report.ts';
import { ReportConflict, type Reports } from '../../src/watchdog/ports.ts';
import { leaving, loggedCalls } from '../builders/aws-call.ts';
import { emptyReport } from '../builders/empty-report.ts';
import { type ScriptedAnswer, type ScriptedAws, startScriptedAws } from '../builders/scripted-aws.ts';

const REPORT: Report = { ...emptyReport('blue'), tickId: 'tick-1', endedAtMs: null };
const ENDED: Report = { ...REPORT, endedAtMs: REPORT.startedAtMs + 5000 };
const LOST: [string, { code: string; when: 'answer lost' | 'after' }][] = [
  ['is cut off', { code: 'x', when: 'answer lost' }],
  ['is an error of S3’s own', { code: 'InternalError', when: 'after' }],
];

describe.each([1, 3])(
  'a report that was written while the answer was lost, by a client of %i attempts',
  (maxAttempts) => {
    let bench: Bench;
    let reports: Reports;
    beforeEach(async () => {
      bench = await startBench({ maxAttempts });
      reports = s3Reports(bench.s3, BUCKET, loggedCalls().call);
    });
    afterEach(() => bench.close());

    it.each(LOST)('is this tick’s own, and it goes on with its version: the answer %s', async (_, { code, when }) => {
      const first = await reports.write(REPORT, null);
      bench.endpoint.faults.next('PutObject', code, { when });
      const second = await reports.write(ENDED, first);
      expect(await reports.read('blue')).toMatchObject({ report: ENDED, etag: second });
      await reports.write(REPORT, second);
    });

    it('the first ever too', async () => {
      bench.endpoint.faults.next('PutObject', 'x', { when: 'answer lost' });
      const etag = await reports.write(REPORT, null);
      expect(await reports.read('blue')).toMatchObject({ report: REPORT, etag });
    });

    it('is a conflict where another tick has written meanwhile', async () => {
      const first = await reports.write(REPORT, null);
      await reports.write({ ...REPORT, tickId: 'tick-2' }, first);
      bench.endpoint.faults.next('PutObject', 'x', { when: 'answer lost' });
      await expect(reports.write(ENDED, first)).rejects.toThrow(ReportConflict);
    });

    it('is a failure, and no other run’s doing, where it cannot be read back either', async () => {
      const first = await reports.write(REPORT, null);
      bench.endpoint.faults.next('PutObject', 'x', { when: 'answer lost' });
      bench.endpoint.faults.next('GetObject', 'AccessDenied');
      await expect(reports.write(ENDED, first)).rejects.toThrow(/^writing the report of pod blue: /);
    });

    it('is gone on over, once it can be read back', async () => {
      bench.endpoint.faults.next('PutObject', 'x', { when: 'answer lost' });
      bench.endpoint.faults.next('GetObject', 'AccessDenied');
      await expect(reports.write(REPORT, null)).rejects.toThrow(/^writing the report of pod blue: /);
      const etag = await reports.write(ENDED, null);
      expect(await reports.read('blue')).toMatchObject({ report: ENDED, etag });
    });

    it('is a conflict where another run of the same id has written it', async () => {
      await reports.write({ ...REPORT, startedAtMs: REPORT.startedAtMs - 1 }, null);
      await expect(reports.write(ENDED, null)).rejects.toThrow(ReportConflict);
    });

    it('is not written where S3 did nothing, and that is no conflict', async () => {
      const first = await reports.write(REPORT, null);
      bench.endpoint.faults.next('PutObject', 'InternalError', { times: 3 });
      await expect(reports.write(ENDED, first)).rejects.toThrow(
        'writing the report of pod blue: InternalError (log entry tick-1.1)',
      );
      bench.endpoint.faults.clear();
      expect((await reports.read('blue')).report).toEqual(REPORT);
    });

    it('is not asked for where S3 refused', async () => {
      bench.endpoint.faults.next('PutObject', 'AccessDenied', { times: 3 });
      bench.endpoint.faults.next('GetObject', 'AccessDenied', { times: 3 });
      await expect(reports.write(REPORT, null)).rejects.toThrow('writing the report of pod blue: AccessDenied');
    });
  },
);

describe('a report answered by', () => {
  let aws: ScriptedAws;
  let client: S3Client;
  afterEach(async () => {
    client.destroy();
    await aws.close();
  });
  const given = async (script: readonly ScriptedAnswer[]) => {
    aws = await startScriptedAws(script, { maxAttempts: 1 });
    client = new S3Client({ ...aws.config, forcePathStyle: true });
    return s3Reports(client, BUCKET, loggedCalls('tick-1', leaving(10_000)).call);
  };
  const PAGE = { body: '<html><body>Sign in</body></html>', headers: { 'content-type': 'text/html' } };

  it.each<[string, ScriptedAnswer]>([
    ['a page of HTML', PAGE],
    ['nothing', { body: '' }],
    ['an empty object', { body: '', headers: { etag: '"1"' } }],
    ['a head and no body', 'head only'],
    ['half a body', 'half a body'],
    ['a body that is cut off', 'cut'],
    ['nothing, for ever', 'hang'],
  ])('%s is not taken for a lost one', async (_, answer) => {
    const reports = await given([answer]);
    await expect(reports.read('blue')).rejects.toThrow(
      /^reading the last report of pod blue: (UnreadableAnswer: .*|TimeoutError|ECONNRESET) \(log entry tick-1\.1\)$/,
    );
  });

  it('an object of no bytes, by its ETag, is a lost report, which the next tick writes anew', async () => {
    const reports = await given([{ body: '', headers: { etag: '"d41d8cd98f00b204e9800998ecf8427e"' } }]);
    expect(await reports.read('blue')).toMatchObject({ report: null, lost: true });
  });

  it.each<ScriptedAnswer>(['half a body', 'cut', 'head only'])('%s is asked for again', async (answer) => {
    const reports = await given([answer, { body: JSON.stringify(REPORT), headers: { etag: '"2"' } }]);
    expect(await reports.read('blue')).toMatchObject({ report: REPORT, etag: '"2"' });
  });

  it.each<[string, ScriptedAnswer]>([
    ['a page of HTML', PAGE],
    ['nothing', { body: '' }],
  ])('%s is not taken for written', async (_, answer) => {
    const reports = await given([answer]);
    await expect(reports.write(REPORT, null)).rejects.toThrow('UnreadableAnswer');
  });
});
