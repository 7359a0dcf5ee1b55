import { describe, expect, it } from '@jest/globals';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import { MOST_LIST_BYTES, MOST_SENTENCE_BYTES } from '../../src/fleet/gathering.ts';
import { hostsReportOf, summaryOf } from '../../src/report/compose.ts';
import type { Report } from '../../src/report/report.ts';
import { statusOf } from '../../src/report/status.ts';
import { emptyReport } from '../builders/empty-report.ts';
import { judgement, MEASURES } from '../builders/judgements.ts';

const POD = { intervalSeconds: 300, thresholds: { errorBoundMs: 200, offsetMs: 50, timeServiceOffsetMs: 100 } };

type Given = Partial<Pick<Judgement, 'state' | 'confident' | 'confidence'>> & { errorBoundMs?: number | null };

function reportOf(hosts: Given[], rest: Partial<Report> = {}): Report {
  const judgements = hosts.map(({ errorBoundMs = 10, ...given }, index) =>
    judgement(`i-${index.toString(16).padStart(17, '0')}`, 'client', 'b', {
      confident: true,
      ...given,
      measures: { ...MEASURES, errorBoundMs },
    }),
  );
  return { ...emptyReport('blue'), ...hostsReportOf(judgements), summary: summaryOf(judgements), ...rest };
}

const WELL: Given = {};
const ADRIFT: Given = { state: 'adrift', confident: false, errorBoundMs: 900 };
describe('the status of a pod', () => {
  const refusal = {
    rule: 'floor',
    count: 1,
    subjects: ['blue'],
    sentence: 'Nothing is cycled: too few servers stand.',
  };
  const clocks = { contradicted: ['us-west-2b is off.'], unwitnessed: [], skew: { skewMs: 3, hosts: 2, of: 2 } };
  const report = reportOf([WELL, ADRIFT], { refusals: [refusal], clocks });

  it('is its sentences, the verdict first, and beside them what they are made of, without rows of hosts', () => {
    const { sentences, ...rest } = statusOf(report, POD, report.endedAtMs + 7000);
    expect(sentences.slice(0, 5)).toEqual([
      'Time in pod blue is good on 1 of 2 hosts: none of these is wrong by more than 10 ms (limit 200 ms). 1 host needs somebody: 1 adrift.',
      'podtime looked 7 s ago.',
      'Pod blue, mode act: 2 hosts of 2 answered, 1 confident, 0 stale, 0 unknown.',
      'us-west-2b is off.',
      'Nothing is cycled: too few servers stand.',
    ]);
    expect(rest).toEqual({
      pod: 'blue',
      level: 'attention',
      summary: report.summary,
      mode: 'act',
      tickId: 'tick-1',
      startedAtMs: report.startedAtMs,
      endedAtMs: report.endedAtMs,
      clocks: { unwitnessed: [], skew: { skewMs: 3, hosts: 2, of: 2 } },
      changes: [],
      cycles: [],
      refusals: [{ rule: 'floor', count: 1, subjects: ['blue'] }],
      verdicts: [],
    });
  });

  it.each([
    ['act', 'Next: podtime looks at least every 5 min, and in mode act does what its rules allow.'],
    ['observe', 'Next: podtime looks at least every 5 min, and in mode observe changes nothing.'],
    [
      'hold',
      'Next: podtime looks at least every 5 min, and in mode hold does nothing but withdraw servers that EC2 says are gone.',
    ],
  ] as const)('ends with what comes next in mode %s', (mode, sentence) => {
    expect(statusOf({ ...report, mode }, POD, report.endedAtMs).sentences.at(-1)).toBe(sentence);
  });

  it('says why a host that is healthy is not confident', () => {
    const confidence = 'not confident: 1 usable source (at least 2 wanted).';
    const doubtful = reportOf([WELL, { confident: false, confidence }]);
    expect(statusOf(doubtful, POD, doubtful.endedAtMs).sentences).toContain(
      `i-00000000000000001 (client, us-west-2b) is ${confidence}`,
    );
  });

  it('takes a clock that is behind that of the report for none', () => {
    expect(statusOf(report, POD, report.endedAtMs - 5000).sentences[1]).toBe('podtime looked 0 s ago.');
  });

  it('says nothing twice', () => {
    const { sentences, ...rest } = statusOf(report, POD, report.endedAtMs);
    const beside = JSON.stringify(rest);
    expect(sentences.filter((sentence) => beside.includes(JSON.stringify(sentence)))).toEqual([]);
  });

  it('is bounded, whatever the fleet and what is refused', () => {
    const many = reportOf(Array(5000).fill(ADRIFT), {
      refusals: Array.from({ length: 5000 }, (_, index) => ({
        ...refusal,
        sentence: `Refusal ${index} of very many. ${'x'.repeat(500)}`,
      })),
    });
    const bytes = Buffer.byteLength(JSON.stringify(statusOf(many, POD, many.endedAtMs)));
    expect(bytes).toBeLessThan(MOST_SENTENCE_BYTES + 3 * MOST_LIST_BYTES);
  });
});
