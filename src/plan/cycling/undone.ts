import type { Judgement } from '../../diagnosis/judgement.ts';
import type { Host } from '../../fleet/fleet.ts';
import type { Mode } from '../mode.ts';
import { SLACK_MS } from './attempts.ts';
import type { CyclingMemory } from './memory.ts';
import { type HostAnswer, isUndone, type WaveProgress } from './progress.ts';

type Undone = CyclingMemory['undone'][string];

/** After so many answers that it did nothing a host that still looks stale is left alone: what did not change in ten minutes wants a person. */
const MOST_ANSWERS = 5;

/**
 * "My resolver does not see the name yet" may be true for as long as a zone lets a missing name be cached, 15 minutes by the SOA
 * record that Route 53 makes. So many answers take more than twice that.
 */
const MOST_NOT_YET_ANSWERS = 12;

/** Until a host that did nothing is asked again: under a minute, so that the next tick may, then twice as long each time. */
const FIRST_PAUSE_SECONDS = 45;
const LONGEST_PAUSE_SECONDS = 300;

/** A host that is stale no more is remembered so long all the same: one that looks stale every second tick begins nothing anew. */
const KEPT_MS = 3600_000;

/** Whether a host has answered often enough that it did nothing. Decision 0051. */
export function isEnough({ answers, reason }: Undone): boolean {
  return answers >= (reason === 'not-yet' ? MOST_NOT_YET_ANSWERS : MOST_ANSWERS);
}

/** Seconds after its last wave began until a host that did nothing is asked again. */
export function pauseSeconds({ answers }: Undone): number {
  return Math.min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (answers - 1));
}

export interface UndoneContext {
  nowMs: number;
  mode: Mode;
  /** What DNS says now. */
  records: string;
  hosts: ReadonlyMap<string, Host>;
  /** Ids that EC2 did not answer about: they may live though `hosts` lacks them. */
  unread: readonly string[];
  judgements: ReadonlyMap<string, Judgement>;
}

/**
 * Which hosts did nothing when they were asked, in the roll-out to what DNS says now. Another DNS state or mode, or a daemon that was
 * started since, begins anew.
 */
export function countUndone(
  { nowMs, mode, records, hosts, unread, judgements }: UndoneContext,
  { undone, rollOuts }: CyclingMemory,
  progress: readonly WaveProgress[],
): CyclingMemory['undone'] {
  const counted: CyclingMemory['undone'] = {};
  const keep = (id: string, entry: Undone) => {
    if (!isOver(judgements.get(id), entry, nowMs)) counted[id] = entry;
  };
  const isCurrent = (tier: Host['tier']) => rollOuts[tier]?.records === records && rollOuts[tier]?.mode === mode;
  const current = { boundary: isCurrent('boundary'), client: isCurrent('client') };
  for (const [id, entry] of Object.entries(undone)) {
    const tier = hosts.get(id)?.tier;
    if (tier === undefined ? unread.includes(id) : current[tier]) keep(id, entry);
  }
  for (const { tier, answers } of progress) {
    const atMs = rollOuts[tier]?.startedAtMs;
    if (atMs === undefined || !current[tier]) continue;
    for (const [id, entry] of undoneIn(counted, answers, atMs)) keep(id, entry);
  }
  return counted;
}

/** Of a wave's hosts those that did nothing, as they are remembered from now on. */
export function undoneIn(
  before: CyclingMemory['undone'],
  answers: readonly HostAnswer[],
  atMs: number,
): [instanceId: string, Undone][] {
  return answers.filter(isUndone).map(({ instanceId, reason }) => {
    const last = before[instanceId];
    // told at every tick until the whole wave is over
    const isNew = last?.atMs !== atMs;
    return [instanceId, { answers: (last?.answers ?? 0) + (isNew ? 1 : 0), atMs, reason }];
  });
}

function isOver(judgement: Judgement | undefined, { atMs }: Undone, nowMs: number): boolean {
  if (!judgement || judgement.state === 'unknown') return false;
  const { ageSeconds } = judgement.measures;
  if (ageSeconds !== null && nowMs - ageSeconds * 1000 > atMs + SLACK_MS) return true;
  return judgement.stale === null && nowMs - atMs >= KEPT_MS;
}
