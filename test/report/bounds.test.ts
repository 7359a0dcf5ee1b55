import { describe, expect, it } from '@jest/globals';
import { MOST_ENTRIES, MOST_LIST_BYTES, MOST_SENTENCE_BYTES } from '../../src/fleet/gathering.ts';
import { boundedReport } from '../../src/report/bounds.ts';
import { hostsReportOf, summaryOf } from '../../src/report/compose.ts';
import { PAGE_BYTES, pageOf } from '../../src/report/paging.ts';
import type { Report } from '../../src/report/report.ts';
import { sentencesOf, waveReportsOf } from '../../src/report/sentences.ts';
import { textOf } from '../../src/report/texts.ts';
import { emptyReport } from '../builders/empty-report.ts';
import { judgement } from '../builders/judgements.ts';

const MANY = 10_000;
const idOf = (index: number) => `i-${index.toString(16).padStart(17, '0')}`;
const many = <T>(make: (index: number) => T) => Array.from({ length: MANY }, (_, index) => make(index));
const bytesOf = (part: unknown) => Buffer.byteLength(JSON.stringify(part));
/** A CloudWatch Logs event (CloudWatch Logs quotas): Lambda cuts a longer line. */
const LOG_EVENT_BYTES = 262_144;

/** Each of ten thousand another cause, and each text of quotes, which JSON doubles. */
const WORST: Report = {
  ...emptyReport('blue'),
  ...hostsReportOf(
    many((index) =>
      judgement(idOf(index), 'client', 'b', {
        state: 'adrift',
        confident: false,
        sentence: `offset ${index}.25 ms "${'"'.repeat(250)}".`,
        cause: `their offsets are ${index}`,
      }),
    ),
  ),
  changes: many((index) => ({
    action: 'UPSERT' as const,
    name: 'ntp.az-b.pod',
    type: 'A' as const,
    setIdentifier: idOf(index),
    address: '10.0.2.5',
    ttlSeconds: 30,
    reason: `${idOf(index)} runs at 10.0.2.5`,
    outcome: index % 10 === 9 ? (`failed: changing ntp.az-b.pod: AccessDenied (log entry ${index})` as const) : 'done',
  })),
  refusals: many((index) => ({
    rule: index % 2 ? 'held' : 'floor',
    count: 2,
    subjects: [idOf(index)],
    sentence: `${idOf(index)} waits: ${'"'.repeat(900)}.`,
  })),
  verdicts: many((index) => ({
    hosts: 1,
    instanceIds: [idOf(index)],
    tier: 'client' as const,
    kind: 'failed' as const,
    reason: `r${index}`,
    sentence: `${idOf(index)} failed when asked to cycle: r${index}.`,
  })),
  faults: many((index) => `${index} ${'"'.repeat(3000)}.`),
};

describe('what a tick has done, refused and heard, whatever hosts, tags and records say', () => {
  const report = boundedReport(WORST);

  it('is bounded list by list, and what is left out is counted', () => {
    expect(report.changes).toEqual(WORST.changes.slice(0, report.changes.length));
    expect(report.changes.length).toBeGreaterThan(100);
    const left = MANY - report.changes.length;
    const failed = WORST.changes.slice(report.changes.length).filter(({ outcome }) => outcome !== 'done').length;
    expect(report.faults[0]).toBe(`${left} more record changes are not listed; ${failed} of them are not done.`);
    const counted = report.refusals.reduce((sum, { count }) => sum + count, 0);
    expect(counted).toBe(2 * MANY);
    const sums = report.refusals.slice(-2).toSorted((a, b) => a.rule.localeCompare(b.rule));
    expect(sums.map(({ rule }) => rule)).toEqual(['floor', 'held']);
    expect(sums[1]?.sentence).toMatch(/^\d+ more by rule held are not listed \(i-.*, i-.* and \d+ more\)\.$/);
    expect(report.verdicts.length).toBe(MOST_ENTRIES + 1);
    expect(report.verdicts.at(-1)).toMatchObject({ hosts: MANY - MOST_ENTRIES, kind: 'failed', tier: 'client' });
    expect(report.faults.at(-1)).toMatch(/^\d+ more sentences are left out\.$/);
    for (const list of [report.changes, report.refusals, report.verdicts]) {
      expect(bytesOf(list)).toBeLessThan(MOST_LIST_BYTES + 2000);
    }
    expect(bytesOf(report.faults)).toBeLessThanOrEqual(MOST_SENTENCE_BYTES + 100);
  });

  it('leaves a report as it is that is of a usual size', () => {
    const usual = { ...WORST, changes: WORST.changes.slice(0, 50), refusals: [], verdicts: [], faults: ['A fault.'] };
    expect(boundedReport(usual)).toEqual(usual);
  });

  it("is a line of the log, in the words of the watchdog's answer", () => {
    const { summary, changes, cycles, refusals } = report;
    const answer = { sentences: sentencesOf(report), summary, changes, cycles: waveReportsOf(cycles), refusals };
    expect(bytesOf(answer)).toBeLessThan(LOG_EVENT_BYTES);
  });

  it('counts changes of one kind that are more than some', () => {
    const changes = WORST.changes.slice(0, 50);
    const said = sentencesOf({ ...emptyReport('blue'), changes });
    expect(said.slice(1)).toEqual([
      `45 records to register: done (ntp.az-b.pod A 10.0.2.5 (${idOf(0)}), ntp.az-b.pod A 10.0.2.5 (${idOf(1)}) and 43 more; of ntp.az-b.pod A 10.0.2.5 (${idOf(0)}): ${idOf(0)} runs at 10.0.2.5: done).`,
      ...[9, 19, 29, 39, 49].map(
        (index) =>
          `Register ntp.az-b.pod A 10.0.2.5 (${idOf(index)}), ${idOf(index)} runs at 10.0.2.5: failed: changing ntp.az-b.pod: AccessDenied (log entry ${index}).`,
      ),
    ]);
  });
});

describe('pages of hosts that each poll addresses of their own', () => {
  const asBody = (part: unknown) => bytesOf(JSON.stringify(part));
  const addressesOf = (index: number) =>
    Array.from(
      { length: 30 },
      (_, place) => `2001:db8:1234:5600:89ab:cdef:${index.toString(16)}:${place.toString(16)}`,
    );
  const staleOf = (index: number) => ({
    ...{ rule: 'left-behind' as const, names: ['ntp.az-b.pod'], addresses: [addressesOf(index)[0] ?? ''] },
    sentence: `polls ${addressesOf(index)[0]}, which no record holds.`,
  });
  const causeOf = (index: number) => (index % 3 ? 'several' : `cause-${index}`);
  const remarksOf = (index: number) => [`remark-${index}.`, `source 10.0.2.5 heard ${index % 8} of its last 8 polls.`];
  const judgements = many((index) =>
    judgement(idOf(index), 'client', 'b', {
      ...{
        polled: ['10.0.2.5', ...addressesOf(index)],
        stale: staleOf(index),
        state: 'degraded',
        cause: causeOf(index),
      },
      remarks: remarksOf(index),
      ...{ confident: false, confidence: `not confident: ${index} points.` },
    }),
  );
  const report: Report = { ...emptyReport('blue'), ...hostsReportOf(judgements), summary: summaryOf(judgements) };

  it('are each an answer, with what their own hosts name alone, and lose nothing', () => {
    const polled: string[][] = [];
    const stale: unknown[] = [];
    const texts: unknown[] = [];
    let pages = 0;
    while (polled.length < MANY) {
      const page = pageOf(report, polled.length, PAGE_BYTES, asBody);
      expect(asBody(page)).toBeLessThanOrEqual(PAGE_BYTES);
      expect(new Set(page.polledAddresses).size).toBe(page.polledAddresses.length);
      expect(page.polledAddresses.length).toBe(1 + 30 * page.hosts.length);
      expect(page.staleness.length).toBe(page.hosts.length);
      expect(new Set(page.texts).size).toBe(page.texts.length);
      const places = page.hosts.flatMap(({ cause, remarks = [], confidence = [] }) => [
        cause,
        ...[...remarks, confidence].map(([text]) => text),
      ]);
      expect([...new Set(places)].toSorted((a = -1, b = -1) => a - b)).toEqual(page.texts.map((_, place) => place));
      for (const { cause = -1, remarks = [], confidence = [] } of page.hosts) {
        texts.push([page.texts[cause], ...[...remarks, confidence].map((text) => textOf(text, page.texts))]);
      }
      stale.push(...page.hosts.map((host) => page.staleness[host.stale ?? -1]));
      polled.push(...page.hosts.map((host) => (host.polled ?? []).map((place) => page.polledAddresses[place] ?? '')));
      pages += 1;
    }
    expect(stale).toEqual(many(staleOf));
    const textsOf = (index: number) => [causeOf(index), ...remarksOf(index), `not confident: ${index} points.`];
    expect(texts).toEqual(many(textsOf));
    expect(polled).toEqual(many((index) => ['10.0.2.5', ...addressesOf(index)]));
    expect(pages).toBeLessThan(10);
  });
});
