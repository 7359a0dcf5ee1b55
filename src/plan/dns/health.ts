import type { Judgement, State } from '../../diagnosis/judgement.ts';
import type { Host, Pod } from '../../fleet/fleet.ts';
import { sortedUnique } from '../../fleet/ordering.ts';
import { isServer } from '../../fleet/published-servers.ts';
import { duration } from '../../fleet/sentences.ts';
import { isDead, TRIAL_AFTER_SECONDS } from './desired.ts';
import type { DnsMemory } from './memory.ts';

/** Of the time between two sightings that lie far apart, so many intervals at most count as proved. */
export const PROOF_INTERVALS = 2;

/** A daemon younger than `startingSeconds` is starting. One that is shown so for this many times as long is not: it lies, or restarts in a loop. */
const STARTING_TIMES = 2;

/** A withdrawn server that EC2 no longer lists, neither alive nor dead, is forgotten after this long. */
const FORGET_ABSENT_MS = 24 * 3600 * 1000;

export interface ServerHealth {
  unhealthySinceMs: DnsMemory['unhealthySinceMs'];
  unhealthy: DnsMemory['unhealthy'];
  starting: DnsMemory['starting'];
  unbound: NonNullable<DnsMemory['unbound']>;
  /** Running hosts of either tier that sightings have shown as starting for longer than any start takes: id -> the sentence. */
  startingTooLong: Map<string, string>;
  /** Running boundary servers that are to be out of DNS for their health, floor permitting: id -> the sentence why. Confident is none of them, but for those that their witnesses have not acquitted. */
  unfit: Map<string, string>;
  /** What was withdrawn before and stays so. */
  withdrawn: DnsMemory['withdrawn'];
}

/**
 * Assesses for how long sightings have proved each boundary server bad. Silence is no proof of anything: it stops the
 * clock, and neither sets it back nor moves it on.
 *
 * | sighting                                  | proof |
 * | ----------------------------------------- | ----- |
 * | unsynchronised, no daemon, contradicted, adrift | grows by the time since the last sighting, if that one was bad too; at most two intervals |
 * | holdover, its bound over the limit        | the same |
 * | holdover, its bound not known, for longer than a clock that was right takes to the limit (limit / R) | the same |
 * | starting, for longer than any start takes | the same |
 * | unknown, or a daemon just starting        | stands still; the next bad sighting begins a new stretch |
 * | holdover, its bound within the limit, or not known | the same: its time is good, but no source of its own says that it is well again |
 * | uncertain, degraded, healthy              | gone |
 * | the same, of one contradicted in the proof so far, until three witnesses acquit it | stands still: silence is no acquittal |
 * | EC2 says it does not run                  | gone |
 * | EC2 could not be read there (`unread`)    | stands still |
 *
 * A server is unfit when the proof reaches `withdrawAfterSeconds`, and stays unfit until it is confident again, and
 * acquitted by its witnesses where they contradicted it, or on trial: an hour later, or while it is missed. How long it has been starting is proved the same way, of clients too, and gone with
 * the first uncertain, degraded or healthy sighting; so is, of boundary servers, holdover with a bound that is not known (ntpd-rs tells none
 * then): however right the clock was, it is off by R times that.
 * Decisions 0021, 0048, 0080, 0082 and 0109.
 *
 * @param isMissed every server that stands in DNS is out of service: one that was contradicted and is accused by nobody now returns on trial
 *   at once
 */
export function assessHealth(
  pod: Pod,
  nowMs: number,
  hosts: readonly Host[],
  judgements: ReadonlyMap<string, Judgement>,
  memory: DnsMemory,
  unread: readonly string[] = [],
  isMissed = false,
): ServerHealth {
  const health: ServerHealth = {
    unhealthySinceMs: {},
    unhealthy: {},
    starting: {},
    unbound: {},
    startingTooLong: new Map(),
    unfit: new Map(),
    withdrawn: {},
  };
  const limitMs = pod.thresholds.withdrawAfterSeconds * 1000;
  const startingLimitMs = STARTING_TIMES * pod.thresholds.startingSeconds * 1000;
  const running = hosts.filter(({ state }) => state === 'running');
  const longStarts = new Map<string, string>();
  for (const { instanceId } of running) {
    const judgement = judgements.get(instanceId);
    if (evidenceOf(judgement) === 'good') continue;
    const isStarting = judgement?.state === 'starting';
    const start = extendProof(memory.starting[instanceId] ?? null, isStarting ? 'bad' : 'none', nowMs, pod);
    if (start) health.starting[instanceId] = start;
    const longStart = isStarting ? tooLongSentence(start, startingLimitMs) : null;
    if (longStart === null) continue;
    longStarts.set(instanceId, longStart);
    health.startingTooLong.set(instanceId, `${instanceId} keeps ${longStart}.`);
  }
  for (const { instanceId } of running.filter((host) => isServer(pod, host))) {
    const judgement = judgements.get(instanceId);
    const proofBefore = memory.unhealthy[instanceId] ?? null;
    const usual = evidenceSince(proofBefore, judgement);
    const unbound = usual === 'good' ? null : unboundProof(memory.unbound?.[instanceId], judgement, nowMs, pod);
    if (unbound) health.unbound[instanceId] = unbound;
    const tooLong = longStarts.get(instanceId) ?? unboundSentence(unbound, judgement, pod);
    const evidence = tooLong === null ? usual : 'bad';
    if (evidence !== 'good') {
      const proof = withMarks(extendProof(proofBefore, evidence, nowMs, pod), proofBefore, judgement);
      if (proof) {
        health.unhealthy[instanceId] = proof;
        health.unhealthySinceMs[instanceId] = memory.unhealthySinceMs[instanceId] ?? nowMs;
        if (evidence === 'bad' && judgement && proof.provenMs >= limitMs) {
          const forLong = `for ${duration(proof.provenMs / 1000)} of sightings (limit ${duration(limitMs / 1000)})`;
          const what = tooLong === null ? judgement.state : `${tooLong}; unhealthy`;
          health.unfit.set(instanceId, `${what} ${forLong}: ${judgement.sentence}`);
        }
      }
    }
    const before = memory.withdrawn[instanceId];
    if (before && mayReturn(before, judgement, nowMs, isMissed)) health.unfit.delete(instanceId);
    else if (before) health.unfit.set(instanceId, before.sentence);
  }
  for (const id of unread) {
    const [proof, start, sinceMs] = [memory.unhealthy[id], memory.starting[id], memory.unhealthySinceMs[id]];
    const unbound = memory.unbound?.[id];
    if (unbound) health.unbound[id] = { ...unbound, seenMs: null };
    if (proof) health.unhealthy[id] = { ...proof, seenMs: null };
    if (start) health.starting[id] = { ...start, seenMs: null };
    if (sinceMs !== undefined) health.unhealthySinceMs[id] = sinceMs;
  }
  health.withdrawn = stillWithdrawn(pod, hosts, judgements, memory, nowMs, isMissed);
  return health;
}

/** Uncertain and degraded never withdraw: a server that hears a source is better than none. */
const WITHDRAWING: readonly State[] = ['no-daemon', 'unsynchronised', 'contradicted', 'adrift'];

function evidenceOf(judgement: Judgement | undefined): 'bad' | 'good' | 'none' {
  if (judgement === undefined || judgement.state === 'unknown') return 'none';
  if (judgement.confident) return 'good';
  if (judgement.state === 'starting') return 'none';
  if (judgement.state === 'holdover') return judgement.measures.horizonSeconds === 0 ? 'bad' : 'none';
  return WITHDRAWING.includes(judgement.state) ? 'bad' : 'good';
}

/** It serves no good time, as is known: EC2 says that it does not run, or it was seen bad. Of a silent one nothing is. */
export function isOutOfService(host: Host | undefined, judgement: Judgement | undefined): boolean {
  return host !== undefined && (isDead(host) || evidenceOf(judgement) === 'bad');
}

type Proof = DnsMemory['unhealthy'][string];

/** A server lies and says that all is well: what took its witnesses to find, only they take back. */
function evidenceSince(before: Proof | null, judgement: Judgement | undefined): 'bad' | 'good' | 'none' {
  const evidence = evidenceOf(judgement);
  return evidence === 'good' && before?.contradicted && !judgement?.acquitted ? 'none' : evidence;
}

function withMarks(proof: Proof | null, before: Proof | null, judgement: Judgement | undefined): Proof | null {
  if (proof === null) return null;
  const isMarked = before?.contradicted || (proof.seenMs !== null && isContradicted(judgement));
  const keptMs = before?.keptMs;
  return { ...proof, ...(isMarked && { contradicted: true }), ...(keptMs !== undefined && { keptMs }) };
}

/** Whatever state comes before that: its witnesses are heard of one that is silent as well. */
export function isContradicted(judgement: Judgement | undefined): boolean {
  return judgement?.findings.includes('contradicted') ?? false;
}

/** Whether one that was withdrawn is well again. */
function mayReturn(
  before: DnsMemory['withdrawn'][string],
  judgement: Judgement | undefined,
  nowMs: number,
  isMissed: boolean,
): boolean {
  if (!judgement?.confident) return false;
  if (!before.contradicted || judgement.acquitted) return true;
  return !judgement.accused && (isMissed || nowMs - before.sinceMs >= TRIAL_AFTER_SECONDS * 1000);
}

/** `starting for 25 min of sightings (limit 20 min)`; null when that is not so long. */
function tooLongSentence(start: Proof | null, limitMs: number): string | null {
  if (start === null || start.provenMs < limitMs) return null;
  return `starting for ${duration(start.provenMs / 1000)} of sightings (limit ${duration(limitMs / 1000)})`;
}

/** How fast the error of a clock grows that is in holdover by a bound that is not known; null: it is not so. */
function unboundPpm(judgement: Judgement | undefined): number | null {
  if (judgement?.state !== 'holdover' || judgement.measures.horizonSeconds !== null) return null;
  return judgement.measures.growthPpm;
}

function unboundProof(before: Proof | undefined, judgement: Judgement | undefined, nowMs: number, pod: Pod) {
  return extendProof(before ?? null, unboundPpm(judgement) === null ? 'none' : 'bad', nowMs, pod);
}

/** `in holdover with a bound that is not known for 4 h of sightings (limit 3.7 h)`; null where it is not so, or not so long. */
function unboundSentence(proof: Proof | null, judgement: Judgement | undefined, pod: Pod): string | null {
  const growthPpm = unboundPpm(judgement);
  if (proof === null || growthPpm === null) return null;
  const limitSeconds = (pod.thresholds.errorBoundMs / growthPpm) * 1000;
  if (proof.provenMs < limitSeconds * 1000) return null;
  const forLong = `for ${duration(proof.provenMs / 1000)} of sightings (limit ${duration(limitSeconds)})`;
  return `in holdover with a bound that is not known ${forLong}`;
}

function extendProof(before: Proof | null, evidence: 'bad' | 'none', nowMs: number, pod: Pod): Proof | null {
  if (evidence === 'none') return before && { provenMs: before.provenMs, seenMs: null };
  if (before === null) return { provenMs: 0, seenMs: nowMs };
  const betweenMs = before.seenMs === null ? 0 : Math.max(0, nowMs - before.seenMs);
  return {
    provenMs: before.provenMs + Math.min(betweenMs, PROOF_INTERVALS * pod.intervalSeconds * 1000),
    seenMs: nowMs,
  };
}

/**
 * A boot is a new beginning, and so is another tier or pod: clients left at a server that moved are left for good. An id
 * that EC2 leaves out for once is not forgotten at once.
 */
function stillWithdrawn(
  pod: Pod,
  hosts: readonly Host[],
  judgements: ReadonlyMap<string, Judgement>,
  memory: DnsMemory,
  nowMs: number,
  isMissed: boolean,
): DnsMemory['withdrawn'] {
  const byId = new Map(hosts.map((host) => [host.instanceId, host]));
  return Object.fromEntries(
    Object.entries(memory.withdrawn).filter(([instanceId, entry]) => {
      const host = byId.get(instanceId);
      if (!host) return nowMs - entry.sinceMs < FORGET_ABSENT_MS;
      const isOurs = host.pod === pod.name && host.tier === 'boundary';
      return isOurs && !isDead(host) && !mayReturn(entry, judgements.get(instanceId), nowMs, isMissed);
    }),
  );
}

/** By which clients may still poll a server that is withdrawn. */
export function addressesOf({ ipv4, ipv6 }: Host): string[] {
  return sortedUnique([...(ipv4 === null ? [] : [ipv4]), ...ipv6]);
}
