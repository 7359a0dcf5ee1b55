import { describe, expect, it } from '@jest/globals';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import { MOST_LIST_BYTES, MOST_SENTENCE_BYTES } from '../../src/fleet/gathering.ts';
import { hostsReportOf, summaryOf } from '../../src/report/compose.ts';
import type { Report } from '../../src/report/report.ts';
import { podTimeOf, statusOf } from '../../src/report/status.ts';
import { emptyReport } from '../builders/empty-report.ts';
import { judgement, MEASURES } from '../builders/judgements.ts';

const POD = { intervalSeconds: 300, thresholds: { errorBoundMs: 200 } };

type Given = Partial<Pick<Judgement, 'state' | 'confident'>> & { errorBoundMs?: number | null };

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

const told = (report: Report, secondsAgo = 7) => podTimeOf(report, POD, report.endedAtMs + secondsAgo * 1000);

const WELL: Given = {};
const ADRIFT: Given = { state: 'adrift', confident: false, errorBoundMs: 900 };
const NO_DAEMON: Given = { state: 'no-daemon', confident: false, errorBoundMs: null };
const STARTING: Given = { state: 'starting', confident: false, errorBoundMs: 500 };

describe("a pod's time", () => {
  it.each<[string, Given[], string, string]>([
    [
      'every host is confident',
      [WELL, { errorBoundMs: 12.5 }, { state: 'degraded' }],
      'good',
      'The time of pod blue is good: no clock is wrong by more than 12.5 ms (limit 200 ms); podtime looked 7 s ago.',
    ],
    [
      'no clock of a host that is confident has a bound',
      [{ errorBoundMs: null }],
      'good',
      'The time of pod blue is good: no bound is known; podtime looked 7 s ago.',
    ],
    [
      'some are not confident',
      [WELL, STARTING, STARTING, { state: 'healthy', confident: false }],
      'in doubt',
      'The time of pod blue is in doubt on 3 of 4 hosts (2 starting, 1 not confident); of the others no clock is wrong by more than 10 ms (limit 200 ms); podtime looked 7 s ago.',
    ],
    [
      'some are wrong',
      [WELL, ADRIFT, NO_DAEMON, STARTING],
      'not good',
      'The time of pod blue is not good on 2 of 4 hosts (1 adrift, 1 no daemon) and in doubt on 1 of 4 hosts (1 starting); of the others no clock is wrong by more than 10 ms (limit 200 ms); podtime looked 7 s ago.',
    ],
    [
      'all are wrong',
      [ADRIFT],
      'not good',
      'The time of pod blue is not good on 1 of 1 host (1 adrift); podtime looked 7 s ago.',
    ],
    ['no host is known', [], 'in doubt', 'The time of pod blue is in doubt: no host is known; podtime looked 7 s ago.'],
  ])('where %s', (_, hosts, time, sentence) => {
    expect(told(reportOf(hosts))).toEqual({ time, sentence });
  });

  it('is in doubt once podtime has not looked for three intervals and a minute', () => {
    expect(told(reportOf([WELL]), 960).time).toBe('good');
    expect(told(reportOf([WELL]), 961)).toEqual({
      time: 'in doubt',
      sentence: 'The time of pod blue is in doubt: podtime looked 16 min ago, its interval is 5 min.',
    });
  });

  it('is no matter of a clock that is behind that of the report', () => {
    expect(told(reportOf([WELL]), -5).sentence).toMatch(/podtime looked 0 s ago\.$/);
  });
});

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
    const { sentences, ...rest } = statusOf(report, POD, report.endedAtMs);
    expect(sentences.slice(0, 4)).toEqual([
      'The time of pod blue is not good on 1 of 2 hosts (1 adrift); of the others no clock is wrong by more than 10 ms (limit 200 ms); podtime looked 0 s ago.',
      'Pod blue, mode act: 2 hosts of 2 answered, 1 confident, 0 stale, 0 unknown.',
      'us-west-2b is off.',
      'Nothing is cycled: too few servers stand.',
    ]);
    expect(rest).toEqual({
      pod: 'blue',
      time: 'not good',
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
