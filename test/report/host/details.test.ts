import { describe, expect, it } from '@jest/globals';
import { HISTORY_STATES, type HistoryRow } from '../../../src/history/columns.ts';
import { hourOfHost } from '../../../src/history/host-hours.ts';
import { DAY_MS, dayKey, HOUR_MS } from '../../../src/history/keys.ts';
import { type DetailPorts, hostDetails } from '../../../src/report/host/details.ts';
import { fileAgainstPolls } from '../../../src/report/host/file.ts';
import { gapsOf, runsWith, seriesOfHours, seriesOfRows } from '../../../src/report/host/series.ts';
import { findClock, hostPage } from '../../../src/report/page/host-page.ts';
import { historyRow } from '../../builders/history-rows.ts';
import fleet from '../../builders/shipped-fleet.ts';
import { collected } from '../../builders/sightings.ts';
import { SCENARIOS } from '../../builders/status-scenarios.ts';

const END = Date.UTC(2026, 10, 24, 12);
const MINUTE_MS = 60_000;

const rowAt = (minutesAgo: number, given: Partial<HistoryRow> = {}) =>
  historyRow({ time: new Date(END - minutesAgo * MINUTE_MS), ...given });

describe('a clock over 24 hours', () => {
  const silent = { state: 'unknown' as const, sampled: false, offset_ms: null, error_bound_ms: null };
  const rows = [
    ...[600, 595, 590].map((ago) => rowAt(ago)),
    rowAt(585, silent),
    rowAt(540, { state: 'no-tick', sampled: false, seconds: 2700, offset_ms: null }),
    ...[535, 530].map((ago, index) =>
      rowAt(ago, { offset_ms: 60 + index, state: 'adrift', cycled_at: new Date(END - 536 * MINUTE_MS + index * 900) }),
    ),
    ...Array.from({ length: 106 }, (_, index) => rowAt(525 - index * 5)),
  ];
  const series = seriesOfRows(rows, END - DAY_MS, END);
  const minutesAgo = (ms: number) => Math.round((END - ms) / MINUTE_MS);

  it('shows as gaps what is before its first row, silence, and time without a tick', () => {
    expect(gapsOf(series).map(({ fromMs, toMs }) => [minutesAgo(fromMs), minutesAgo(toMs)])).toEqual([
      [1440, 605],
      [590, 540],
    ]);
    const runs = runsWith(series, ({ offsetMs }) => offsetMs !== null);
    expect(runs.map((run) => run.length)).toEqual([3, 108]);
  });

  it('tells each cycle once, though the stamp is reckoned anew by each row, and how long each state lasted', () => {
    expect(series.cycledAtMs.map(minutesAgo)).toEqual([536]);
    expect(series.stateSeconds).toEqual({ healthy: 109 * 300, unknown: 300, 'no-tick': 2700, adrift: 600 });
  });

  it('goes on in the longer picture where the last folded day ends, and counts no hour twice', () => {
    const yesterday = END - (END % DAY_MS) - DAY_MS;
    const hours = [22, 23].map((hour) => hourOfHost([historyRow({ offset_ms: 7 })], yesterday + hour * HOUR_MS));
    const old = historyRow({ time: new Date(yesterday + 23 * HOUR_MS + MINUTE_MS), offset_ms: 9 });
    const month = seriesOfHours(hours, [old, ...rows], END - 30 * DAY_MS, END);
    expect(month.points.slice(0, 2).map(({ offsetMs }) => offsetMs)).toEqual([7, 7]);
    expect(month.points.slice(2).map(({ fromMs }) => minutesAgo(fromMs) / 60)).toEqual([
      10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
    ]);
    expect(month.points.find(({ state }) => state === 'adrift')).toMatchObject({ highestMs: 61, offsetMs: 0.4 });
    for (const { state } of month.points) expect(HISTORY_STATES).toContain(state);
  });
});

const PLACES = { stage: 'dev', runbookUrl: '', pagesUrl: '' };

const seen = SCENARIOS.drifting?.();
if (seen === undefined) throw new Error('there is no such scenario');
const { report, pod } = seen;
const instanceId = report.hosts.find(({ state }) => state === 'adrift')?.instanceId ?? '';
const clock = findClock({ report }, instanceId);
if (clock === null) throw new Error('there is no such host');

describe('the page of a host', () => {
  const broken = async () => {
    throw new Error('S3 refused: AccessDenied');
  };
  const asked = { fleet, pod, report: { ...report, collectCommandIds: ['c-1'] }, clock };

  it('comes where neither history nor SSM can be read, with a sentence in the place of each', async () => {
    const ports: DetailPorts = {
      history: { list: broken, rowsOfHost: broken, hoursOfHost: broken },
      answers: { collected: broken, cycled: broken },
    };
    const details = await hostDetails(ports, asked);
    expect(details.history).toEqual({
      day: null,
      month: null,
      days: 30,
      sentences: [
        'Its last 24 hours could not be read: S3 refused: AccessDenied.',
        'Its last 30 days could not be read: S3 refused: AccessDenied.',
      ],
    });
    expect(details.unprinted).toBe('SSM did not tell what it printed: S3 refused: AccessDenied.');
    expect(details.cycling).toContain('SSM did not tell how it was cycled: S3 refused: AccessDenied.');
    const page = hostPage({ pod, report }, clock, details, PLACES);
    for (const sentence of [...details.history.sentences, details.unprinted as string])
      expect(page).toContain(sentence);
    expect(page).toContain('--command-id c-1');
    expect(page).toContain('182.4 ms is over the limit of 50 ms');
  });

  it('names a day that is damaged, and shows the others; rows that are kept for a day alone are no month', async () => {
    const dayMs = report.endedAtMs - (report.endedAtMs % DAY_MS) - DAY_MS;
    const keys = [dayKey('blue', dayMs - DAY_MS), dayKey('blue', dayMs)];
    const ports: DetailPorts = {
      history: {
        list: async (prefix) => keys.filter((key) => key.startsWith(prefix)).map((key) => ({ key, bytes: 1 })),
        rowsOfHost: async () => [],
        hoursOfHost: async ({ key }) => {
          if (key === keys[0]) throw new Error('no rows');
          return [hourOfHost([historyRow()], dayMs + 5 * HOUR_MS)];
        },
      },
      answers: { collected: async () => null, cycled: async () => [] },
    };
    const { history, unprinted } = await hostDetails(ports, asked);
    expect(history.month?.points).toHaveLength(1);
    expect(history.sentences).toEqual([
      'Nothing of it is kept of the last 24 hours: podtime keeps a row of it at each look.',
      `Of it reading ${keys[0]}: no rows: its rows are missing.`,
    ]);
    expect(unprinted).toBe('SSM lists no answer of it to the last look; it keeps answers for 30 days.');
    const short = { ...asked, pod: { ...pod, history: { ...pod.history, days: 1 } } };
    expect((await hostDetails(ports, short)).history).toMatchObject({
      month: null,
      sentences: [expect.any(String), 'Longer times are not shown: rows are kept for 1 day (history.days).'],
    });
  });
});

describe('the file of a host against what it polls', () => {
  const [server] = report.hosts.filter(({ tier }) => tier === 'boundary');
  const address = server?.addresses[0] ?? '';

  it('tells names that it polls, names that it does not, and addresses that come from none', () => {
    const host = {
      tier: 'client' as const,
      az: 'us-west-2a',
      polled: ['169.254.169.123', address, '10.0.2.99', '203.0.113.7'],
      leftBehind: ['10.0.2.99'],
    };
    const own = collected({ configNames: ['ntp.az-a.pod', 'ntp.az-b.pod'], configRevision: 'a1b2c3d4e5f60718' });
    const { names, polled, revision, servedRevision, file } = fileAgainstPolls({ fleet, pod, report }, host, own);
    expect([file, revision, servedRevision]).toEqual([
      'ntpsec.conf',
      'a1b2c3d4e5f60718',
      expect.stringMatching(/^[0-9a-f]{16}$/),
    ]);
    expect(names.slice(0, 3)).toMatchObject([
      { name: 'ntp.az-a.pod', inItsFile: true, inServedFile: true, addresses: [address], polled: [address] },
      { name: 'ntp.az-b.pod', inItsFile: true, polled: [] },
      { name: 'ntp.az-c.pod', inItsFile: false, inServedFile: true, polled: [] },
    ]);
    expect(polled).toEqual([
      { address: '169.254.169.123', from: 'the AWS time service', isLeftBehind: false },
      { address, from: 'ntp.az-a.pod', isLeftBehind: false },
      { address: '10.0.2.99', from: null, isLeftBehind: true },
      { address: '203.0.113.7', from: null, isLeftBehind: false },
    ]);
  });

  it('of a boundary server says that its daemon does not tell which upstream an address is of', () => {
    const host = { tier: 'boundary' as const, az: 'us-west-2a', polled: ['192.0.2.11'], leftBehind: [] };
    const { names, polled, revision } = fileAgainstPolls({ fleet, pod, report }, host, null);
    expect(names.map(({ name }) => name)).toEqual(fleet.upstreams.map((upstream) => upstream.host).toSorted());
    expect(names.every((name) => name.polled === null && name.inItsFile === null)).toBe(true);
    expect([revision, polled[0]?.from]).toEqual([
      null,
      expect.stringMatching(/^one of .*: its daemon does not tell which$/),
    ]);
  });
});
