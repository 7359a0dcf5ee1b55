import { type Pod, TIERS, type Tier } from '../fleet/fleet.ts';
import type { HostReport, Report } from './report.ts';
import { isStopped } from './standing.ts';
import { isLate } from './verdict.ts';

/*
 * Which alarms a report speaks of, by the key that infra/monitoring gives them: they ring once it has lasted for as long as docs/alarms.md
 * says. Alarms look at published metrics, and this at the rows of one report: what of the two differs is an alarm named a tick early.
 */

type Row = Pick<HostReport, 'tier' | 'state' | 'measures'> & { stale?: unknown };

interface HostAlarm {
  /** Without its tier. */
  name: string;
  tiers: readonly Tier[];
  counts: (row: Row, pod: Pod) => boolean;
  /** So many of a tier ring. */
  atLeast: (pod: Pod) => number;
}

const isOver = (measured: number | undefined, limit: number) => measured !== undefined && Math.abs(measured) > limit;
const isFarFromAws = ({ measures }: Row, { thresholds }: Pod) =>
  isOver(measures.timeServiceOffsetMs, thresholds.timeServiceOffsetMs);

const HOST_ALARMS: readonly HostAlarm[] = [
  {
    name: 'contradicted',
    tiers: ['boundary'],
    counts: ({ state }) => state === 'contradicted',
    atLeast: () => 1,
  },
  {
    name: 'adrift',
    tiers: TIERS,
    // just below the limit a state stays as it was
    counts: (row, pod) =>
      isOver(row.measures.offsetMs, pod.thresholds.offsetMs) || (row.state === 'adrift' && !isFarFromAws(row, pod)),
    atLeast: ({ alarms }) => alarms.adriftHosts,
  },
  {
    name: 'adrift-from-time-service',
    tiers: TIERS,
    counts: isFarFromAws,
    atLeast: ({ alarms }) => alarms.adriftFromTimeServiceHosts,
  },
  {
    name: 'unsynchronised',
    tiers: TIERS,
    counts: ({ state }) => state === 'unsynchronised' || state === 'no-daemon',
    atLeast: ({ alarms }) => alarms.unsynchronisedHosts,
  },
  {
    name: 'holdover',
    tiers: TIERS,
    counts: ({ state }) => state === 'holdover',
    atLeast: ({ alarms }) => alarms.holdoverHosts,
  },
  {
    name: 'uncertain',
    tiers: TIERS,
    counts: ({ state }) => state === 'uncertain',
    atLeast: ({ alarms }) => alarms.uncertainHosts,
  },
  {
    name: 'stale',
    tiers: ['client'],
    counts: ({ stale }) => stale !== undefined && stale !== null,
    atLeast: ({ alarms }) => alarms.staleHosts,
  },
];

/** Keys of the alarms that one host is counted in, such as `client-adrift`; of one that is silent `client-coverage`. */
export function alarmsOfHost(row: Row, pod: Pod): string[] {
  if (row.state === 'unknown') return [`${row.tier}-coverage`];
  return HOST_ALARMS.filter(({ tiers, counts }) => tiers.includes(row.tier) && counts(row, pod)).map(
    ({ name }) => `${row.tier}-${name}`,
  );
}

/** Keys of the alarms that ring for what the report says, what is most urgent first. Once podtime looks no more, that alone. */
export function alarmsOf(report: Report, pod: Pod, nowMs: number): string[] {
  if (isLate(report, pod, nowMs)) return ['watchdog-silent'];
  const { hosts, clocks } = report;
  const known = hosts.filter(({ state }) => state !== 'unknown');
  const ofHosts = HOST_ALARMS.flatMap(({ name, tiers, counts, atLeast }) =>
    tiers
      .filter((tier) => known.filter((row) => row.tier === tier && counts(row, pod)).length >= atLeast(pod))
      .map((tier) => `${tier}-${name}`),
  );
  const isRefused = [...report.changes, ...report.cycles].some(({ outcome }) => outcome.startsWith('failed'));
  return [
    ...ofHosts,
    ...serverAlarms(report, pod),
    ...TIERS.filter((tier) => isUncovered(hosts, tier, pod)).map((tier) => `${tier}-coverage`),
    ...(clocks && clocks.contradicted.length > 0 ? ['watchdog-upstream-contradicted'] : []),
    ...TIERS.filter((tier) => isStopped(report, tier)).map((tier) => `${tier}-roll-out-stopped`),
    ...(isRefused ? ['watchdog-refused'] : []),
  ];
}

/** Of the boundary servers: too few are confident, or hear too few. */
function serverAlarms({ hosts, clocks }: Report, pod: Pod): string[] {
  const { cycling, alarms } = pod;
  const confident = hosts.filter((row) => row.tier === 'boundary' && row.confident).length;
  const votes = clocks?.votes?.find(({ tier }) => tier === 'boundary');
  const lossesRing = !isOneVotesAlarm(pod) && votes !== undefined && votes.lossesLeft.votes < alarms.lossesLeft;
  return [
    ...(hosts.length > 0 && confident < cycling.floor ? ['boundary-below-floor'] : []),
    ...(votes && votes.liesLeft.votes < alarms.liesLeft ? ['boundary-lies-left'] : []),
    ...(lossesRing ? ['boundary-losses-left'] : []),
  ];
}

/**
 * Of n clocks floor((n - 1) / 2) is below `liesLeft` where n < 2 x liesLeft + 1, n - confidentSources below `lossesLeft` where
 * n < confidentSources + lossesLeft. Where that is one and the same, as by default, one alarm says both.
 */
export function isOneVotesAlarm({ alarms: { liesLeft, lossesLeft }, thresholds: { confidentSources } }: Pod): boolean {
  return liesLeft > 0 && lossesLeft > 0 && 2 * liesLeft + 1 === confidentSources + lossesLeft;
}

function isUncovered(hosts: Report['hosts'], tier: Tier, { alarms }: Pod): boolean {
  const all = hosts.filter((row) => row.tier === tier);
  return all.filter(({ state }) => state !== 'unknown').length < alarms.coverageShare * all.length;
}

/** As CloudWatch has it; without a key the alarm, and the dashboard, of the whole pod. */
export function alarmName(stage: string, pod: string, key?: string): string {
  return ['podtime', stage, pod, key].filter((part) => part !== undefined).join('-');
}
