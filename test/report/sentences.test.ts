import { describe, expect, it } from '@jest/globals';
import type { State } from '../../src/diagnosis/judgement.ts';
import type { Tier } from '../../src/fleet/fleet.ts';
import { MOST_SENTENCE_BYTES, MOST_SENTENCES } from '../../src/fleet/gathering.ts';
import type { CycleOutcome } from '../../src/host/verdict.ts';
import { cycleReportOf, hostsReportOf, refusalReportsOf, verdictReportsOf } from '../../src/report/compose.ts';
import type { Outcome, Report } from '../../src/report/report.ts';
import { hostSentences, lookSentences, sentencesOf, waveReportsOf } from '../../src/report/sentences.ts';
import { faultsOf } from '../../src/watchdog/apply.ts';
import { emptyReport } from '../builders/empty-report.ts';
import { judgement } from '../builders/judgements.ts';

const HOSTS = 10_000;
const idOf = (index: number) => `i-${index.toString(16).padStart(17, '0')}`;
const IDS = Array.from({ length: HOSTS }, (_, index) => idOf(index));

/** A CloudWatch Logs event (CloudWatch Logs quotas): Lambda cuts a longer line. */
const LOG_EVENT_BYTES = 262_144;

function cyclesOf(outcomeOf: (index: number) => Outcome): Report['cycles'] {
  return Array.from({ length: HOSTS / 50 }, (_, index) => {
    const instanceIds = IDS.slice(index * 50, index * 50 + 50);
    const limits = { maxConcurrency: 5, maxErrors: 1, force: false, coolDownSeconds: 600, waveId: 'tick-1-client' };
    const records = 'az-b=10.0.1.5';
    const command = { tier: 'client' as const, instanceIds, ...limits, records, reason: 'left behind by ntp.az-b.pod' };
    return cycleReportOf(command, [`command-${index}`], outcomeOf(index));
  });
}

describe('what is said of hosts', () => {
  const row = (id: string, tier: Tier, state: State, stale = false) => ({
    instanceId: id,
    tier,
    az: 'us-west-2a',
    state,
    sentence: 'so it is.',
    cause: 'so they are',
    stale: stale ? { rule: 'unjoined' as const, names: ['ntp.az-b.pod'], addresses: [], sentence: 'so.' } : null,
  });

  it('begins with the most urgent, whatever the order of the hosts', () => {
    const hosts = [
      ...IDS.slice(0, 6).map((id) => row(id, 'client', 'degraded')),
      row('i-7', 'client', 'starting'),
      row('i-8', 'client', 'unknown'),
      row('i-9', 'client', 'no-daemon', true),
      row('i-a', 'client', 'adrift'),
      row('i-b', 'client', 'unsynchronised'),
      row('i-c', 'boundary', 'adrift'),
      row('i-d', 'client', 'healthy'),
    ];
    expect(hostSentences(hosts)).toEqual([
      'i-c (boundary, us-west-2a) is adrift: so it is.',
      'i-a (client, us-west-2a) is adrift: so it is.',
      'i-b (client, us-west-2a) is unsynchronised: so it is.',
      'i-9 (client, us-west-2a) is unsynchronised (no daemon): so it is.',
      'i-9 (client, us-west-2a) is stale: so.',
      'i-8 (client, us-west-2a) is unknown: so it is.',
      `6 clients are degraded: so they are (${idOf(0)}, ${idOf(1)} and 4 more).`,
      'i-7 (client, us-west-2a) is starting: so it is.',
    ]);
  });
});

describe('what a live look says', () => {
  const summary = { expected: 2, sampled: 2, confident: 1, stale: 0, unknown: 0 };
  const healthy = { instanceId: 'i-1', tier: 'client', az: 'us-west-2a', state: 'healthy', sentence: '' } as const;

  it('is what is wrong, and nothing else', () => {
    const faults = ['i-2 is stopped: not asked.'];
    expect(lookSentences('blue', summary, faults, [healthy])).toEqual(faults);
    expect(lookSentences('blue', summary, [], [healthy, { ...healthy, state: 'adrift', sentence: 'so.' }])).toEqual([
      'i-1 (client, us-west-2a) is adrift: so.',
    ]);
  });

  it('is of a whole pod what its clocks say together, first what is wrong', () => {
    const clocks = {
      skew: { skewMs: 2, hosts: 2, of: 2 },
      contradicted: ['2 of 2 boundary servers see 192.0.2.1 so.'],
      unwitnessed: ['i-1'],
    };
    const UNWITNESSED =
      '1 boundary server is unwitnessed (i-1): fewer than 3 clients, or fewer than a quarter of those that hear it, compare it with other sources.';
    const SKEW =
      "Skew: no two clocks differ by more than 2 ms (over 2 of 2 hosts), while each host's majority is honest.";
    expect(lookSentences('blue', summary, [], [healthy], clocks)).toEqual([...clocks.contradicted, UNWITNESSED, SKEW]);
    expect(lookSentences('blue', summary, [], [healthy], { ...clocks, contradicted: [] })).toEqual([
      'Pod blue: 2 hosts of 2 answered, 1 confident, and nothing is wrong.',
      UNWITNESSED,
      SKEW,
    ]);
  });

  it('is that nothing is wrong, where nothing is', () => {
    expect(lookSentences('blue', summary, [], [healthy])).toEqual([
      'Pod blue: 2 hosts of 2 answered, 1 confident, and nothing is wrong.',
    ]);
    expect(lookSentences('blue', { ...summary, expected: 0, sampled: 0 }, [], [])).toEqual([
      'Pod blue has no host that runs.',
    ]);
  });
});

describe('what a tick of 10,000 hosts says', () => {
  const outcomes = IDS.map((instanceId, index): { instanceId: string } & CycleOutcome => ({
    instanceId,
    kind: 'nothing',
    reason: 'cool-down',
    why: `${index} s of its cool-down are left`,
  }));
  const refused = IDS.map((instanceId, index) => ({
    instanceId,
    why: `Throttling (log entry tick-1.${index})`,
    cause: 'Throttling',
  }));
  const refusals = IDS.map((subject) => ({
    subject,
    rule: 'no-confident-server',
    sentence: `${subject} waits: no server published under ntp.az-b.pod is confident.`,
    cause: 'clients wait: no server published under ntp.az-b.pod is confident',
  }));
  const judgements = IDS.map((id, index) =>
    judgement(id, 'client', 'b', {
      state: 'degraded',
      // each another cause, as only hosts that lie can have
      sentence: `source 192.0.2.${index} heard 0 of its last 8 polls.`,
      cause: `they heard nothing of 192.0.2.${index} in the last 8 polls`,
    }),
  );
  const report: Report = {
    ...emptyReport('blue'),
    ...hostsReportOf(judgements),
    cycles: cyclesOf((index) => `failed: cycling 50 of pod blue: Throttling (log entry tick-1.${index})`),
    faults: faultsOf([{ commands: [], refused, unsure: [] }]),
    refusals: refusalReportsOf(refusals),
    verdicts: verdictReportsOf('client', outcomes),
  };
  const sentences = sentencesOf(report);

  it('is one sentence for each cause, with a count and a few names', () => {
    const named = `(${idOf(0)}, ${idOf(1)} and 9998 more)`;
    expect(sentences.slice(1, 5)).toEqual([
      `10000 hosts were not cycled: Throttling ${named.slice(0, -1)}; of ${idOf(0)}: Throttling (log entry tick-1.0)).`,
      `Cycle 10000 clients (${idOf(0)} and 9999 more) by 200 commands, left behind by ntp.az-b.pod: failed: cycling 50 of pod blue: Throttling (log entry tick-1.0).`,
      `10000 clients did nothing when asked to cycle: cool-down ${named}.`,
      `10000 clients wait: no server published under ntp.az-b.pod is confident ${named}.`,
    ]);
  });

  it('has an end, whatever hosts say', () => {
    expect(sentences).toHaveLength(MOST_SENTENCES);
    expect(Buffer.byteLength(sentences.join(''))).toBeLessThanOrEqual(MOST_SENTENCE_BYTES);
    expect(sentences.at(-1)).toMatch(/^\d+ more sentences are left out\.$/);
  });

  it('is a log line, with the waves in short', () => {
    const { summary, changes, cycles, refusals: gathered } = report;
    const answer = { sentences, summary, changes, cycles: waveReportsOf(cycles), refusals: gathered };
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(LOG_EVENT_BYTES);
    expect(answer.cycles).toMatchObject([{ hosts: HOSTS, commands: 200, tier: 'client' }]);
  });
});
