import { describe, expect, it } from '@jest/globals';
import type { PodClocks } from '../../src/diagnosis/pod-clocks.ts';
import { boundedReport } from '../../src/report/bounds.ts';
import { clocksReportOf, hostsReportOf } from '../../src/report/compose.ts';
import { readReport } from '../../src/report/read-report.ts';
import type { Report } from '../../src/report/report.ts';
import { sentencesOf } from '../../src/report/sentences.ts';
import { emptyReport } from '../builders/empty-report.ts';
import { judgement } from '../builders/judgements.ts';

const CONTRADICTED =
  "2 of 2 boundary servers see 192.0.2.3 30 ms ahead of where their other sources agree (limit 5 ms; so while each host's majority is honest).";
const CLOCKS: PodClocks = {
  skew: { skewMs: 3.21875, hosts: 12, of: 14 },
  contradicted: [{ clock: '192.0.2.3', sentence: CONTRADICTED }],
  unwitnessed: ['i-0a', 'i-0b'],
};
const NOTHING: PodClocks = { skew: null, contradicted: [], unwitnessed: [] };
const reportWith = (clocks: PodClocks): Report => ({
  ...emptyReport('blue'),
  faults: ['The zone could not be read.'],
  clocks: clocksReportOf(clocks, []),
});

describe('the clocks of a pod in its report', () => {
  it('are told with the skew and over how many hosts it is', () => {
    expect(clocksReportOf(CLOCKS, [])).toEqual({
      skew: { skewMs: 3.21875, hosts: 12, of: 14 },
      contradicted: [CONTRADICTED],
      unwitnessed: ['i-0a', 'i-0b'],
    });
    expect(clocksReportOf(NOTHING, [])).toEqual({ contradicted: [], unwitnessed: [] });
    expect(sentencesOf(reportWith(NOTHING)).slice(1)).toEqual(['The zone could not be read.']);
  });

  it('are said: an upstream that lies after what failed, the rest at the end', () => {
    expect(sentencesOf(reportWith(CLOCKS)).slice(1)).toEqual([
      'The zone could not be read.',
      CONTRADICTED,
      '2 boundary servers are unwitnessed (i-0a, i-0b): fewer than 3 clients, or fewer than a quarter of those that hear each, compare each with other sources.',
      "Skew: no two clocks differ by more than 3.219 ms (over 12 of 14 hosts), while each host's majority is honest.",
    ]);
    expect(sentencesOf(reportWith({ ...CLOCKS, contradicted: [], unwitnessed: ['i-0a'] })).slice(2)).toEqual([
      '1 boundary server is unwitnessed (i-0a): fewer than 3 clients, or fewer than a quarter of those that hear it, compare it with other sources.',
      "Skew: no two clocks differ by more than 3.219 ms (over 12 of 14 hosts), while each host's majority is honest.",
    ]);
  });

  it('are bounded whatever hosts say', () => {
    const many = Array.from({ length: 5000 }, (_, index) => `i-${index}`);
    const contradicted = many.map((clock) => ({ clock, sentence: `${clock} lies.` }));
    const { clocks } = boundedReport(reportWith({ skew: null, contradicted, unwitnessed: many }));
    expect(clocks?.contradicted).toHaveLength(200);
    expect(clocks?.contradicted.at(-1)).toBe('4801 more sentences are left out.');
    expect(clocks?.unwitnessed).toHaveLength(200);
  });

  it('are missing in the report of an older podtime, which is read as it is', () => {
    const written = JSON.stringify(emptyReport('blue'));
    expect(readReport(written, 'blue').report).toEqual(emptyReport('blue'));
    const withClocks = reportWith(CLOCKS);
    expect(readReport(JSON.stringify(withClocks), 'blue').report).toEqual(withClocks);
  });
});

describe('frequency and load', () => {
  it('stand in the rows of boundary servers, and not in those of thousands of clients', () => {
    const measures = { frequencyPpm: -12.345 };
    const rows = hostsReportOf([
      judgement('i-0a', 'boundary', 'a', { measures, packetsPerSecond: 41.66666 }),
      judgement('i-1', 'client', 'a', { measures }),
    ]).hosts.map(({ measures: { frequencyPpm, packetsPerSecond } }) => ({ frequencyPpm, packetsPerSecond }));
    expect(rows).toEqual([
      { frequencyPpm: -12.345, packetsPerSecond: 41.667 },
      { frequencyPpm: undefined, packetsPerSecond: undefined },
    ]);
  });
});

describe('votes left', () => {
  it('stand in the rows of boundary servers, and not in those of thousands of clients', () => {
    const votes = { votes: { liesLeft: 1, lossesLeft: 2 } };
    const { hosts } = hostsReportOf([
      judgement('i-0a', 'boundary', 'a', votes),
      judgement('i-1', 'client', 'a', votes),
    ]);
    expect(hosts.map(({ measures: { liesLeft, lossesLeft } }) => [liesLeft, lossesLeft])).toEqual([
      [1, 2],
      [undefined, undefined],
    ]);
  });

  it('that are the fewest of a tier are told with how many hosts have them and who, of clients in a sentence', () => {
    const hosts = [
      judgement('i-0a', 'boundary', 'a', { votes: { liesLeft: 1, lossesLeft: 2 } }),
      ...['i-5', 'i-4', 'i-3', 'i-2'].map((id) =>
        judgement(id, 'client', 'a', { votes: { liesLeft: 0, lossesLeft: 0 } }),
      ),
      judgement('i-1', 'client', 'a', { votes: { liesLeft: 0, lossesLeft: 1 } }),
      // nothing is known of it
      judgement('i-6', 'client', 'a', { votes: { liesLeft: null, lossesLeft: null } }),
    ];
    const { votes } = clocksReportOf(NOTHING, hosts);
    expect(votes).toEqual([
      {
        tier: 'boundary',
        hosts: 1,
        liesLeft: { votes: 1, hosts: 1, instanceIds: ['i-0a'] },
        lossesLeft: { votes: 2, hosts: 1, instanceIds: ['i-0a'] },
      },
      {
        tier: 'client',
        hosts: 5,
        liesLeft: { votes: 0, hosts: 5, instanceIds: ['i-1', 'i-2', 'i-3'] },
        lossesLeft: { votes: 0, hosts: 4, instanceIds: ['i-2', 'i-3', 'i-4'] },
      },
    ]);
    const report = { ...emptyReport('blue'), clocks: clocksReportOf(NOTHING, hosts) };
    expect(sentencesOf(report).slice(1)).toEqual([
      'Votes left, of the clients with the fewest: 0 clocks may lie (5 of 5), 0 may fall silent (4 of 5: i-2, i-3, i-4 and 1 more).',
    ]);
    expect(readReport(JSON.stringify(report), 'blue').report).toEqual(report);
  });

  it('of no host that is known are missing', () => {
    const unknown = judgement('i-6', 'client', 'a', { votes: { liesLeft: null, lossesLeft: null } });
    expect(clocksReportOf(NOTHING, [unknown])).toEqual({ contradicted: [], unwitnessed: [] });
  });
});
