import { NOTHING_MEASURED } from '../diagnosis/facts.ts';
import type { Judgement, Measures } from '../diagnosis/judgement.ts';
import type { PodClocks } from '../diagnosis/pod-clocks.ts';
import { UNREAD_CAUSE, UNREAD_SENTENCE } from '../diagnosis/unread.ts';
import { type Host, TIER_PLURALS, type Tier } from '../fleet/fleet.ts';
import { gather, SAID_ONE_BY_ONE } from '../fleet/gathering.ts';
import { type CycleOutcome, outcomeOfSeveral, outcomeSentence } from '../host/verdict.ts';
import type { CycleCommand, Plan, RecordChange, Refusal } from '../plan/plan.ts';
import type { HostReport, HostRows, HostVerdict, Outcome, RefusalReport, Report, Staleness } from './report.ts';
import { sourceReportOf, toldWithSources } from './sources.ts';
import { Table } from './table.ts';
import { withoutNumbers } from './texts.ts';
import { tierVotesOf } from './votes.ts';

/** How many hosts a pod has, how many answered, and how they are. */
export function summaryOf(judgements: readonly Judgement[]): Report['summary'] {
  const unknown = judgements.filter((judgement) => judgement.state === 'unknown').length;
  return {
    expected: judgements.length,
    sampled: judgements.length - unknown,
    confident: judgements.filter((judgement) => judgement.confident).length,
    stale: judgements.filter((judgement) => judgement.stale).length,
    unknown,
  };
}

/** What the clocks of a pod say together. */
export function clocksReportOf(
  { skew, contradicted, unwitnessed }: PodClocks,
  judgements: readonly Judgement[],
): NonNullable<Report['clocks']> {
  const votes = tierVotesOf(judgements);
  return {
    ...(skew && { skew }),
    contradicted: contradicted.map(({ sentence }) => sentence),
    unwitnessed,
    ...(votes.length > 0 && { votes }),
  };
}

/**
 * The same of a look at some hosts, by those and the servers and witnesses that were asked with them: of all say how far two clocks are apart,
 * and how many votes are left.
 */
export function clocksOfSome(
  { contradicted, unwitnessed }: PodClocks,
  judgements: readonly Judgement[],
): NonNullable<Report['clocks']> {
  const shown = new Set(judgements.map(({ host }) => host.instanceId));
  return {
    contradicted: contradicted.map(({ sentence }) => sentence),
    unwitnessed: unwitnessed.filter((id) => shown.has(id)),
  };
}

/** Hosts that were judged, as rows; and hosts that EC2 did not describe this time, though they may live. */
export function hostsReportOf(judgements: readonly Judgement[], unread: readonly UnreadHost[] = []): HostRows {
  const tables = new RowTables();
  const withSources = toldWithSources(judgements);
  const rows = judgements.map((judgement) => hostRow(judgement, tables, withSources));
  const hosts = [...rows, ...unread.map((row) => unreadHostReportOf(row, tables))];
  return { hosts, polledAddresses: tables.addresses.all, staleness: tables.staleness.all, texts: tables.texts.all };
}

/** As the last ticks knew it. */
export type UnreadHost = Pick<HostReport, 'instanceId' | 'tier' | 'az' | 'addresses'>;

/** What rows have in common. */
class RowTables {
  readonly addresses = new Table<string>();
  readonly staleness = new Table<Staleness>();
  readonly texts = new Table<string>();
  // many hosts have one list
  readonly #known = new Map<readonly string[], number[]>();

  polled(addresses: readonly string[]): number[] {
    const places = this.#known.get(addresses) ?? addresses.map((address) => this.addresses.placeOf(address, address));
    this.#known.set(addresses, places);
    return places;
  }

  stale(stale: Staleness): number {
    return this.staleness.placeOf(JSON.stringify(stale), stale);
  }

  /** What has no number of a host's own. */
  whole(text: string): number {
    return this.texts.placeOf(text, text);
  }

  text(said: string): number[] {
    const { text, numbers } = withoutNumbers(said);
    return [this.texts.placeOf(text, text), ...numbers];
  }
}

function hostRow(judgement: Judgement, tables: RowTables, withSources: ReadonlySet<Judgement>): HostReport {
  const { host, state, sentence, cause, remarks, confident, confidence, stale, cycledSecondsAgo } = judgement;
  return {
    instanceId: host.instanceId,
    tier: host.tier,
    az: host.az,
    addresses: addressesOf(host),
    state,
    ...(state !== 'healthy' && { sentence }),
    ...(state !== 'healthy' && cause !== null && { cause: tables.whole(cause) }),
    ...(remarks.length > 0 && { remarks: remarks.map((remark) => tables.text(remark)) }),
    confident,
    ...(!(confident || isSaid(confidence, [sentence, ...remarks])) && { confidence: tables.text(confidence) }),
    measures: knownMeasures(judgement),
    ...(stale && { stale: tables.stale(stale) }),
    ...(judgement.unjoinedNames.length > 0 && { unjoinedNames: judgement.unjoinedNames }),
    ...(judgement.unmanaged && { unmanaged: true as const }),
    ...(judgement.leapAnnounced && { leapAnnounced: true as const }),
    ...(judgement.polled.length > 0 && { polled: tables.polled(judgement.polled) }),
    ...(withSources.has(judgement) && judgement.sources && { sources: judgement.sources.map(sourceReportOf) }),
    ...(cycledSecondsAgo !== null && { cycledSecondsAgo }),
  };
}

/** Whether a host's other texts say each point that it lacks for confidence: `offset 80 ms (limit 50 ms)` is over a limit. */
function isSaid(confidence: string, texts: readonly string[]): boolean {
  const lacking = confidence.replace(/^not confident: /, '').replace(/\.$/, '');
  const isIn = (point: string) => texts.some((text) => text.includes(point));
  return (
    isIn(lacking) ||
    lacking.split(/[;,] /).every((point) => isIn(point.replace(/ \(limit (.*)\)$/, ' is over the limit of $1')))
  );
}

function addressesOf({ ipv4, ipv6 }: Host): string[] {
  return ipv4 === null ? ipv6 : [ipv4, ...ipv6];
}

/** Votes and load of boundary servers alone: of clients the fewest votes of all stand in `clocks.votes`. */
function knownMeasures(judgement: Judgement): HostReport['measures'] {
  const {
    host: { tier },
    findings,
    measures,
    votes,
    packetsPerSecond,
  } = judgement;
  const isInHoldover = findings.includes('holdover');
  const known: HostReport['measures'] = {};
  for (const name of MEASURES) {
    const value = measures[name];
    if (value === null || (!isInHoldover && OF_HOLDOVER.includes(name))) continue;
    if (tier !== 'boundary' && OF_SERVERS.includes(name)) continue;
    known[name] = ROUNDED[name]?.(value) ?? value;
  }
  if (tier !== 'boundary') return known;
  const { liesLeft, lossesLeft } = votes;
  if (liesLeft !== null) known.liesLeft = liesLeft;
  if (lossesLeft !== null) known.lossesLeft = lossesLeft;
  if (packetsPerSecond !== undefined) known.packetsPerSecond = Math.round(packetsPerSecond * 1000) / 1000;
  return known;
}

const MEASURES = Object.keys(NOTHING_MEASURED) as (keyof Measures)[];

/** Of other hosts nobody asks for them; a whole pod is one answer (decision 0063). */
const OF_HOLDOVER: readonly (keyof Measures)[] = ['growthPpm', 'horizonSeconds'];

/**
 * That of thousands of clients would be a quarter of some rows, and no row is judged by it: it has a metric, and a live look has all of a host.
 * Boundary servers are few (decision 0063).
 */
const OF_SERVERS: readonly (keyof Measures)[] = ['frequencyPpm'];

/** No more digits than a number has: of the ratio those of eight polls of some sources; what is left of a time is no more than it is. */
const ROUNDED: Partial<Record<keyof Measures, (value: number) => number>> = {
  reachRatio: (value) => Math.round(value * 1000) / 1000,
  horizonSeconds: Math.floor,
};

/** All that a live look shows of a host. */
export function hostLookOf(judgement: Judgement) {
  const { host, measures, votes, ...rest } = judgement;
  return {
    instanceId: host.instanceId,
    tier: host.tier,
    az: host.az,
    addresses: addressesOf(host),
    ...rest,
    measures: { ...measures, ...votes },
  };
}

/** All that the host showed then is out of date. */
function unreadHostReportOf({ instanceId, tier, az, addresses }: UnreadHost, tables: RowTables): HostReport {
  return {
    instanceId,
    tier,
    az,
    addresses,
    state: 'unknown',
    sentence: UNREAD_SENTENCE,
    cause: tables.whole(UNREAD_CAUSE),
    confident: false,
    measures: {},
  };
}

/** The plan as the report's intentions, nothing of it sent yet. */
export function plannedReport(plan: Plan): Pick<Report, 'changes' | 'cycles' | 'refusals'> {
  return {
    changes: plan.changes.map((change) => changeReportOf(change, 'planned')),
    cycles: plan.cycles.map((command) => cycleReportOf(command, [], 'planned')),
    refusals: refusalReportsOf(plan.refusals),
  };
}

/** A record change and what came of it. The record as Route 53 listed it, and what the change rests on, are for who sends it alone. */
export function changeReportOf(change: RecordChange, outcome: Outcome): Report['changes'][number] {
  const { raw: _, restsOn: __, ...reported } = change;
  return { ...reported, outcome };
}

/** A cycle command, SSM's ids of it, and what came of sending it. */
export function cycleReportOf(command: CycleCommand, commandIds: string[], outcome: Outcome): Report['cycles'][number] {
  return { ...command, commandIds, outcome };
}

/** Refusals of one rule and cause are one entry. */
export function refusalReportsOf(refusals: readonly Refusal[]): RefusalReport[] {
  return gather(refusals, ({ rule }) => rule).map(({ notices, sentence }) => {
    const subjects = [...new Set(notices.map(({ subject }) => subject))];
    return {
      rule: notices[0]?.rule ?? '',
      count: notices.length,
      subjects: subjects.slice(0, SAID_ONE_BY_ONE),
      sentence,
    };
  });
}

/** Of a wave's hosts those that were not cycled, and why; those of one kind and reason are one entry. */
export function verdictReportsOf(
  tier: Tier,
  outcomes: readonly ({ instanceId: string } & CycleOutcome)[],
): HostVerdict[] {
  const undone = outcomes.flatMap(({ instanceId, kind, ...outcome }) => {
    if (kind === 'cycled') return [];
    const sentence = outcomeSentence(instanceId, { kind, ...outcome });
    const cause = `${TIER_PLURALS[tier]} ${outcomeOfSeveral({ kind, ...outcome })}`;
    return [{ subject: instanceId, kind, reason: outcome.reason, sentence, cause }];
  });
  return gather(undone, ({ kind }) => kind).flatMap(({ notices, sentence }) => {
    const [first] = notices;
    if (!first) return [];
    const instanceIds = notices.slice(0, SAID_ONE_BY_ONE).map(({ subject }) => subject);
    return [{ hosts: notices.length, instanceIds, tier, kind: first.kind, reason: first.reason, sentence }];
  });
}
