import { clockJudge, judgeFollowing } from '../../src/diagnosis/judge.ts';
import type { Sighting, State } from '../../src/diagnosis/judgement.ts';
import { podClocksOf } from '../../src/diagnosis/pod-clocks.ts';
import type { Host, Pod } from '../../src/fleet/fleet.ts';
import type { Source } from '../../src/ntp/source.ts';
import { plan } from '../../src/plan/plan.ts';
import { clocksReportOf, hostsReportOf, plannedReport, summaryOf } from '../../src/report/compose.ts';
import type { Seen } from '../../src/report/page/view.ts';
import type { Report } from '../../src/report/report.ts';
import type { DayPoint } from '../../src/state/day.ts';
import { emptyReport } from './empty-report.ts';
import { client, input, NOW, POD, record, server } from './plan-input.ts';
import fleet from './shipped-fleet.ts';
import { collected, context, source } from './sightings.ts';

/*
 * Pods as operators meet them, for the pages: judged, planned and composed as a tick does it. Three AZs, a boundary server in each.
 */

const LETTERS = ['a', 'b', 'c'];
const TICK_MS = 300_000;

const SERVERS = [server('a1', 'a'), server('b1', 'b'), server('c1', 'c')];
const ADDRESSES = SERVERS.map(({ ipv4 }) => ipv4 ?? '');
const UPSTREAMS = ['192.0.2.11', '192.0.2.12', '192.0.2.13'];

/** The same numbers in every run, between -1 and 1, most of them small. */
function wobble(seed: number): number {
  const sine = Math.sin(seed * 12.9898) * 43_758.5453;
  return (sine - Math.floor(sine)) ** 3 * (seed % 2 === 0 ? 1 : -1);
}

interface Told {
  offsetMs?: number;
  dispersionMs?: number;
  rows?: (rows: Source[]) => Source[];
  silent?: boolean;
  noDaemon?: boolean;
  ageSeconds?: number;
}

function serverSighting(host: Host, index: number, told: Told = {}): Sighting {
  const rows = [
    ...UPSTREAMS.map((address, at) =>
      source(address, {
        tally: at === index ? '*' : '+',
        stratum: 2,
        refid: `198.51.100.${at}`,
        offsetMs: 0.01 * (at + 1),
        delayMs: 8.5 + at,
        jitterMs: 0.08,
      }),
    ),
    source('169.254.169.123', { stratum: 1, refid: '.AWS.', offsetMs: 0.004, delayMs: 0.3 }),
  ];
  return sightingOf(host, rows, { offsetMs: 0.02 * (index + 1), ...told });
}

function clientSighting(host: Host, index: number, told: Told = {}): Sighting {
  const own = told.offsetMs ?? wobble(index) * 0.9;
  const rows = [
    ...ADDRESSES.map((address, at) =>
      source(address, { tally: at === index % 3 ? '*' : '+', offsetMs: own + wobble(index + at) * 0.05, delayMs: 0.6 }),
    ),
    source('169.254.169.123', { stratum: 1, refid: '.AWS.', offsetMs: own, delayMs: 0.3 }),
  ];
  return sightingOf(host, rows, { ...told, offsetMs: own });
}

function sightingOf(host: Host, rows: Source[], told: Told): Sighting {
  const {
    offsetMs = 0,
    dispersionMs = 1.2,
    rows: changed = (same) => same,
    silent = false,
    noDaemon = false,
    ageSeconds = 86_400,
  } = told;
  if (silent) return { host, collected: null, status: 'DeliveryTimedOut' };
  const answer = collected({
    ...(noDaemon && { daemon: null }),
    ageSeconds,
    sources: changed(rows),
    configNames: LETTERS.map((letter) => `ntp.az-${letter}.pod`),
    system: { offsetMs, rootDispersionMs: dispersionMs, rootDelayMs: 0.9, stratum: host.tier === 'boundary' ? 3 : 4 },
  });
  return { host, collected: answer, status: 'Success', judgedAt: { nowMs: NOW, ageSeconds: 4 } };
}

const clientHost = (index: number) =>
  client((0x1000 + index).toString(16), LETTERS[index % 3] ?? 'a', { ipv4: `10.0.${4 + (index >> 8)}.${index & 255}` });

interface PodTold {
  servers?: Told[];
  clients: number;
  /** What the clients say that differ. */
  client?: (index: number) => Told | undefined;
  pod?: Partial<Pod>;
  mode?: Report['mode'];
  /** Servers that DNS knows; all by default. */
  published?: Host[];
  report?: Partial<Report>;
}

/** A tick over the pod. */
function seenBy({
  servers = [],
  clients,
  client: told = () => undefined,
  pod: given,
  mode = 'act',
  published = SERVERS,
  report,
}: PodTold): Seen {
  const pod: Pod = { ...POD, ...given };
  const sightings = [
    ...SERVERS.map((host, index) => serverSighting(host, index, servers[index])),
    ...Array.from({ length: clients }, (_, index) => clientSighting(clientHost(index), index, told(index))),
  ];
  const hosts = sightings.map(({ host }) => host);
  const records = published.map((host) => record(host));
  const judging = { ...context({ pod, hosts, records }), isBrief: true };
  const alone = sightings.map(clockJudge(judging));
  const judgements = judgeFollowing(alone, judging);
  const clocks = podClocksOf(alone, pod.thresholds, { hosts, expected: hosts.length, tookSeconds: 6 });
  const decided = plan(input({ pod, hosts, records, judgements, mode }));
  const planned = plannedReport(decided);
  return {
    fleet,
    pod,
    nowMs: NOW + 95_000,
    fault: null,
    report: {
      ...emptyReport(pod.name),
      startedAtMs: NOW,
      endedAtMs: NOW + 9000,
      mode,
      ...hostsReportOf(judgements),
      summary: summaryOf(judgements),
      clocks: clocksReportOf(clocks, judgements),
      ...planned,
      changes: planned.changes.map((change) => ({ ...change, outcome: mode === 'act' ? 'done' : 'planned' })),
      cycles: planned.cycles.map((cycle) => ({ ...cycle, outcome: mode === 'act' ? 'sent' : 'planned' })),
      ...report,
    },
  };
}

interface Ailing {
  state: State;
  /** Of the day, 0 to 1. */
  from: number;
  to: number;
  hosts: number;
  /** The farthest offset while it lasts. */
  farthestMs?: number;
}

/** 24 hours of a pod, a point each five minutes: a gap of an hour in the night, and what ails it. */
export function dayOf(hosts: number, ailing: readonly Ailing[] = [], hasGap = true): DayPoint[] {
  return Array.from({ length: 288 }, (_, index): DayPoint[] => {
    const share = index / 288;
    if (hasGap && index > 60 && index < 73) return [];
    const atMs = NOW - (287 - index) * TICK_MS;
    const calm = 0.3 + 0.2 * Math.sin(share * 12) + Math.abs(wobble(index)) * 0.2;
    const now = ailing.filter(({ from, to }) => share >= from && share < to);
    const begun = ailing.filter(({ from }) => share >= from && share - 1 / 288 < from);
    const ended = ailing.filter(({ to }) => share >= to && share - 1 / 288 < to);
    const far = Math.max(
      calm * 2.6,
      ...now.map(({ farthestMs = 0 }) => farthestMs * (0.93 + 0.07 * Math.sin(index / 9))),
    );
    const states: DayPoint['states'] = { healthy: hosts - now.reduce((sum, each) => sum + each.hosts, 0) };
    for (const each of now) states[each.state] = (states[each.state] ?? 0) + each.hosts;
    const middle = 0.05 * Math.sin(share * 20);
    return [
      {
        atMs,
        ...(hasGap && index === 73 && { gapSeconds: 12 * 300 }),
        offsetMs: [-calm * 2, -calm, -calm / 3, middle, calm / 3 + middle, calm, far],
        errorBoundMs: [1.8 + calm, 3 + calm * 2, 4 + far],
        skewMs: 5 + far,
        states,
        ...(begun.length > 0 && { dnsChanges: 2 }),
        ...(ended.length > 0 && { cycled: ended.reduce((sum, each) => sum + each.hosts, 0) }),
      },
    ];
  }).flat();
}

/** A register that missed some polls. */
const missing = (reach: number) => (rows: Source[]) => rows.map((row, at) => (at === 1 ? { ...row, reach } : row));

const HEALTHY = seenBy({
  clients: 42,
  report: { day: dayOf(45, [{ state: 'starting', from: 0.6, to: 0.62, hosts: 2 }]) },
});

/** Of a hundred clients one is adrift, one silent, one low, one starts. */
const manyKinds = (index: number): Told | undefined => {
  const kinds: Record<number, Told> = {
    17: { offsetMs: 80 + (index % 7) * 13.37 },
    31: { silent: true },
    57: { rows: missing(0) },
    58: { rows: missing(0o356) },
    73: { dispersionMs: 260 + (index % 11) },
    91: { ageSeconds: 40, rows: (rows) => rows.map((row) => ({ ...row, reach: 1, tally: ' ' })) },
  };
  return kinds[index % 100];
};

const RTL = '\u202e';
export const HOSTILE_TEXTS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  `${RTL}dorp${RTL}`,
  "' onmouseover='alert(1)",
  'a'.repeat(600),
  '</style><script>alert(2)</script>',
];

function hostile(): Seen {
  const seen = seenBy({ clients: 6, client: (index) => (index < 3 ? { offsetMs: 75 + index } : undefined) });
  const [script = '', image = '', turned = '', handler = '', long = '', style = ''] = HOSTILE_TEXTS;
  const { hosts, ...report } = seen.report;
  const bad = hosts.map((host, index) => ({
    ...host,
    ...(index === 3 && { instanceId: script, az: style, sentence: image, addresses: [handler] }),
    ...(index === 4 && { instanceId: long, sentence: turned, sources: [{ remote: image, tally: style, reach: 0o17 }] }),
    ...(index === 5 && { instanceId: `${turned}i-1`, sentence: long, addresses: [long] }),
  }));
  return {
    ...seen,
    report: {
      ...report,
      hosts: bad,
      tickId: script,
      texts: report.texts.map(() => image),
      faults: [script, long],
      refusals: [{ rule: style, count: 1, subjects: [script], sentence: `${turned} ${handler}` }],
    },
  };
}

const leftBehind: Told = {
  rows: (rows) =>
    rows.map((row, at) => (at === 1 ? source('10.0.2.99', { reach: 0, tally: ' ', offsetMs: null }) : row)),
};
const young: Told = { ageSeconds: 40, rows: (rows) => rows.map((row) => ({ ...row, reach: 1 })) };
/** Some are stale, some start, one of these far off. */
const replacing: Readonly<Record<number, Told>> = {
  2: leftBehind,
  5: leftBehind,
  8: young,
  9: young,
  10: young,
  11: { ...young, offsetMs: -80 },
};

/** A server that is 400 ms off, as its clients see it; they outvote it. */
const lying = (rows: Source[]) =>
  rows.map((row) =>
    row.address === ADDRESSES[2] ? { ...row, offsetMs: 400 + (row.offsetMs ?? 0), tally: 'x' as const } : row,
  );

export const SCENARIOS: Readonly<Record<string, () => Seen>> = {
  healthy: () => HEALTHY,
  drifting: () =>
    seenBy({
      clients: 60,
      client: (index) => (index === 7 ? { offsetMs: 182.4, rows: missing(0o356) } : undefined),
      report: { day: dayOf(63, [{ state: 'adrift', from: 0.82, to: 2, hosts: 1, farthestMs: 182 }]) },
    }),
  stale: () =>
    seenBy({
      clients: 24,
      client: (index) =>
        index % 3 === 0
          ? {
              rows: (rows) =>
                rows.map((row, at) => (at === 1 ? source('10.0.2.99', { reach: 0, tally: ' ', offsetMs: null }) : row)),
            }
          : undefined,
      report: { day: dayOf(27, [{ state: 'degraded', from: 0.95, to: 2, hosts: 8 }]) },
    }),
  replaced: () =>
    seenBy({
      servers: [{}, { noDaemon: true }, {}],
      clients: 24,
      client: (index) => replacing[index],
      report: { day: dayOf(27).slice(-4) },
    }),
  lying: () =>
    seenBy({
      clients: 30,
      client: () => ({ rows: lying }),
      report: { day: dayOf(33, [{ state: 'contradicted', from: 0.97, to: 2, hosts: 1 }]) },
    }),
  empty: () => ({ ...HEALTHY, report: { ...emptyReport('blue'), startedAtMs: NOW, endedAtMs: NOW + 2000 } }),
  'no-day': () => seenBy({ clients: 6, mode: 'observe' }),
  hundreds: () =>
    seenBy({
      clients: 497,
      client: manyKinds,
      report: {
        day: dayOf(500, [
          { state: 'adrift', from: 0.4, to: 2, hosts: 5, farthestMs: 140 },
          { state: 'unknown', from: 0.1, to: 0.5, hosts: 12 },
          { state: 'uncertain', from: 0.7, to: 2, hosts: 5 },
          { state: 'degraded', from: 0.5, to: 0.9, hosts: 20 },
        ]),
      },
    }),
  thousands: () =>
    seenBy({
      clients: 9997,
      client: manyKinds,
      report: {
        day: dayOf(10_000, [
          { state: 'adrift', from: 0.4, to: 2, hosts: 100, farthestMs: 140 },
          { state: 'unknown', from: 0.1, to: 2, hosts: 100 },
          { state: 'uncertain', from: 0.7, to: 2, hosts: 100 },
        ]),
      },
    }),
  hostile,
};
