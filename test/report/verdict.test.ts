import { describe, expect, it } from '@jest/globals';
import type { Judgement } from '../../src/diagnosis/judgement.ts';
import type { Tier } from '../../src/fleet/fleet.ts';
import { hostsReportOf, summaryOf } from '../../src/report/compose.ts';
import type { Report } from '../../src/report/report.ts';
import { statusOf } from '../../src/report/status.ts';
import { type Verdict, verdictOf, verdictWithoutReport } from '../../src/report/verdict.ts';
import { emptyReport } from '../builders/empty-report.ts';
import { judgement, MEASURES } from '../builders/judgements.ts';

const POD = { intervalSeconds: 300, thresholds: { errorBoundMs: 200, offsetMs: 50, timeServiceOffsetMs: 100 } };

type Given = Partial<Pick<Judgement, 'state' | 'confident' | 'stale'>> & {
  tier?: Tier;
  errorBoundMs?: number | null;
  offsetMs?: number;
};

function reportOf(hosts: Given[], rest: Partial<Report> = {}): Report {
  const judgements = hosts.map(({ errorBoundMs = 10, offsetMs = 0.25, tier = 'client', ...given }, index) =>
    judgement(`i-${index.toString(16).padStart(17, '0')}`, tier, 'b', {
      ...given,
      measures: { ...MEASURES, errorBoundMs, offsetMs },
    }),
  );
  return { ...emptyReport('blue'), ...hostsReportOf(judgements), summary: summaryOf(judgements), ...rest };
}

const WELL: Given = {};
const SERVER: Given = { tier: 'boundary', errorBoundMs: 4.5 };
const ill = (state: Judgement['state'], errorBoundMs: number | null = null): Given => ({
  state,
  confident: false,
  errorBoundMs,
});
const many = (count: number, given: Given): Given[] => Array(count).fill(given);
const STALE: Judgement['stale'] = {
  rule: 'left-behind',
  names: ['ntp.az-b.pod'],
  addresses: [],
  sentence: 'is left.',
};

const CASES: [string, Given[], Verdict['level'], string][] = [
  [
    'all are well',
    [SERVER, WELL, { errorBoundMs: 12.5 }],
    'good',
    'Time in pod blue is good: no clock is wrong by more than 12.5 ms (limit 200 ms).',
  ],
  [
    'some only start',
    [SERVER, WELL, ill('starting', 500), ill('starting')],
    'good',
    'Time in pod blue is good: no clock is wrong by more than 10 ms (limit 200 ms); 2 only start.',
  ],
  [
    'no bound is known',
    [{ errorBoundMs: null }],
    'good',
    'Time in pod blue is good: no bound is known (limit 200 ms).',
  ],
  [
    'some bounds are not known',
    [SERVER, { errorBoundMs: null }],
    'good',
    'Time in pod blue is good: no clock whose bound is known is wrong by more than 4.5 ms (limit 200 ms).',
  ],
  [
    'nobody is confident yet',
    [ill('starting'), ill('starting', 20)],
    'attention',
    'Time in pod blue is in doubt: 0 of 2 hosts are confident (2 starting).',
  ],
  [
    'one is healthy and not confident',
    [SERVER, { confident: false }],
    'attention',
    'Time in pod blue is good on 1 of 2 hosts: none of these is wrong by more than 4.5 ms (limit 200 ms). 1 host needs somebody: 1 not confident.',
  ],
  [
    'all clocks are right, and some need a look',
    [SERVER, { state: 'degraded' }, { stale: STALE }],
    'attention',
    'Time in pod blue is good on 3 of 3 hosts: none of these is wrong by more than 10 ms (limit 200 ms). 1 host needs somebody: 1 degraded. podtime is at work on 1 stale host.',
  ],
  [
    'one client is wrong',
    [SERVER, ...many(12, WELL), ill('adrift', 900)],
    'attention',
    'Time in pod blue is good on 13 of 14 hosts: none of these is wrong by more than 10 ms (limit 200 ms). 1 host needs somebody: 1 adrift.',
  ],
  [
    'three of more than sixty clients are wrong',
    [SERVER, ...many(60, WELL), ...many(3, ill('no-daemon'))],
    'attention',
    'Time in pod blue is good on 61 of 64 hosts: none of these is wrong by more than 10 ms (limit 200 ms). 3 hosts need somebody: 3 no daemon.',
  ],
  [
    'more than one in twenty are wrong',
    [SERVER, ...many(55, WELL), ...many(2, ill('adrift')), ill('unsynchronised')],
    'bad',
    'Time in pod blue is not good: 2 of 58 clients are wrong (2 adrift), and 1 of 58 clients is unsynchronised. It is good on 56 of 59 hosts: none of these is wrong by more than 10 ms (limit 200 ms).',
  ],
  [
    'more than half of a few are wrong',
    [SERVER, ...many(2, ill('adrift'))],
    'bad',
    'Time in pod blue is not good: 2 of 2 clients are wrong (2 adrift). It is good on 1 of 3 hosts: none of these is wrong by more than 4.5 ms (limit 200 ms).',
  ],
  [
    'one server is wrong',
    [{ ...SERVER, ...ill('contradicted', 3) }, SERVER, ...many(40, WELL)],
    'bad',
    'Time in pod blue is not good: 1 of 2 boundary servers is wrong (1 contradicted). It is good on 41 of 42 hosts: none of these is wrong by more than 10 ms (limit 200 ms).',
  ],
  [
    'a server and a client are wrong, and nobody else is there',
    [{ ...SERVER, ...ill('no-daemon') }, ill('adrift')],
    'bad',
    'Time in pod blue is not good: 1 of 1 client is wrong (1 adrift), and 1 of 1 boundary server has no daemon running.',
  ],
  [
    'one server has no daemon',
    [{ ...SERVER, ...ill('no-daemon') }, SERVER, ...many(9, WELL)],
    'bad',
    'Time in pod blue is not good: 1 of 2 boundary servers has no daemon running. It is good on 10 of 11 hosts: none of these is wrong by more than 10 ms (limit 200 ms).',
  ],
  [
    'podtime cycles who is stale, and some start',
    [SERVER, ...many(9, WELL), { stale: STALE }, { ...ill('degraded'), stale: STALE }, ill('starting')],
    'good',
    'Time in pod blue is good on 11 of 13 hosts: none of these is wrong by more than 10 ms (limit 200 ms). podtime is at work on 2 stale hosts. 1 only starts.',
  ],
  [
    'one that starts is over its limit',
    [SERVER, WELL, { ...ill('starting', 90), offsetMs: -80 }],
    'attention',
    'Time in pod blue is good on 2 of 3 hosts: none of these is wrong by more than 10 ms (limit 200 ms). 1 host starts, and is 80 ms off (limit 50 ms).',
  ],
  [
    'of some that start two are over a limit',
    [SERVER, WELL, ill('starting'), { ...ill('starting'), offsetMs: 60 }, { ...ill('starting'), offsetMs: -80 }],
    'attention',
    'Time in pod blue is good on 2 of 5 hosts: none of these is wrong by more than 10 ms (limit 200 ms). 3 hosts start, 2 of them up to 80 ms off (limit 50 ms).',
  ],
  [
    'a server is silent',
    [{ ...SERVER, ...ill('unknown') }, SERVER, WELL],
    'attention',
    'Time in pod blue is good on 2 of 3 hosts: none of these is wrong by more than 10 ms (limit 200 ms). 1 host needs somebody: 1 unknown.',
  ],
  [
    'nobody answered',
    many(1200, ill('unknown')),
    'unknown',
    'Nobody knows how the time of pod blue is: none of its 1,200 hosts answered.',
  ],
  ['no host is there', [], 'unknown', 'Nobody knows how the time of pod blue is: no host runs.'],
];

describe("the verdict on a pod's time", () => {
  it.each(CASES)('where %s, is the same by hand and on the page', (_, hosts, level, sentence) => {
    const report = reportOf(hosts);
    const nowMs = report.endedAtMs + 7000;
    expect(verdictOf(report, POD, nowMs)).toMatchObject({ level, sentence });
    const byHand = statusOf(report, POD, nowMs);
    expect([byHand.level, byHand.sentences[0]]).toEqual([level, sentence]);
  });

  it('is unknown once podtime has not looked for three intervals and a minute', () => {
    const report = reportOf([WELL]);
    const later = (seconds: number) => verdictOf(report, POD, report.endedAtMs + seconds * 1000);
    expect(later(960).level).toBe('good');
    expect(later(961)).toEqual({
      level: 'unknown',
      sentence: 'Nobody knows how the time of pod blue is: podtime last looked 16 min ago, and its interval is 5 min.',
      because: 'A report is too old after 16 min: three intervals and a minute.',
    });
    expect(later(-5).level).toBe('good');
  });

  const refusal = (rule: string, count: number, subjects: string[]) => ({ rule, count, subjects, sentence: 'So.' });
  const IDS = ['i-00000000000000001', 'i-00000000000000002'];
  it.each<[string, Partial<Report>, string]>([
    ['nothing keeps podtime from it', {}, 'podtime is at work on 2 stale hosts.'],
    ['it only waits', { refusals: [refusal('cool-down', 1, IDS.slice(1))] }, 'podtime is at work on 2 stale hosts.'],
    ['podtime observes', { mode: 'observe' }, '2 hosts need somebody: 2 stale.'],
    ['podtime holds still', { mode: 'hold' }, '2 hosts need somebody: 2 stale.'],
    ['podtime runs dry', { dryRun: true }, '2 hosts need somebody: 2 stale.'],
    [
      'one was given up',
      { refusals: [refusal('given-up', 1, IDS.slice(1))] },
      '1 host needs somebody: 1 stale. podtime is at work on 1 stale host.',
    ],
    [
      'more were given up than are named',
      { refusals: [refusal('given-up', 2, IDS.slice(1))] },
      '2 hosts need somebody',
    ],
    [
      'their roll-out has stopped',
      { refusals: [{ ...refusal('roll-out-stopped', 1, ['blue']), sentence: 'Of the client tier so.' }] },
      '2 hosts need somebody',
    ],
  ])('says who mends what is stale: %s', (_, rest, words) => {
    const report = reportOf([SERVER, { stale: STALE }, { stale: STALE }], rest);
    expect(verdictOf(report, POD, report.endedAtMs).sentence).toContain(`(limit 200 ms). ${words}`);
  });

  it('rests on who answered, and on how far clocks are apart', () => {
    const skew = { skewMs: 3.25, hosts: 2, of: 3 };
    const report = reportOf([SERVER, WELL, ill('unknown')], { clocks: { contradicted: [], unwitnessed: [], skew } });
    expect(verdictOf(report, POD, report.endedAtMs).because).toBe(
      '2 of 3 hosts answered, and no two of 2 clocks differ by more than 3.25 ms.',
    );
  });

  it('is unknown where there is no report', () => {
    expect(verdictWithoutReport('blue', 'It is damaged.')).toEqual({
      level: 'unknown',
      sentence: 'Nobody knows how the time of pod blue is: there is no report to go by.',
      because: 'It is damaged.',
    });
  });
});
