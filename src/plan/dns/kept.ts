import type { Judgement } from '../../diagnosis/judgement.ts';
import { count, sentence } from '../../fleet/sentences.ts';
import type { PlanInput } from '../input.ts';
import type { Refusal } from '../refusal.ts';
import { isContradicted, PROOF_INTERVALS } from './health.ts';
import type { DnsMemory } from './memory.ts';

/**
 * Whether the floor kept a server that is ill in DNS until lately, and it is to be seen once more before it goes. Where no server was confident what all
 * follow may have been wrong, as a time service that lies, and they hear one after another that it is right again: the last of them
 * would be withdrawn for what is over. One that its witnesses accuse now goes at once.
 * Decision 0111.
 */
export function isKeptLately(
  { pod, nowMs, memory }: Pick<PlanInput, 'pod' | 'nowMs' | 'memory'>,
  id: string,
  judgement: Judgement | undefined,
): boolean {
  const keptMs = memory.unhealthy[id]?.keptMs;
  if (keptMs === undefined || isContradicted(judgement) || judgement?.accused) return false;
  return nowMs - keptMs < PROOF_INTERVALS * pod.intervalSeconds * 1000;
}

/** What is remembered of servers that are unhealthy, once the floor has kept these. */
export function withKept(
  unhealthy: DnsMemory['unhealthy'],
  kept: ReadonlySet<string>,
  nowMs: number,
): DnsMemory['unhealthy'] {
  return Object.fromEntries(
    Object.entries(unhealthy).map(([id, proof]) => [id, kept.has(id) ? { ...proof, keptMs: nowMs } : proof]),
  );
}

/** Why a server stays that is unfit, or a client now: too few confident servers would be left. */
export function belowFloor(id: string, reason: string | undefined, confident: number, floor: number): Refusal {
  const left = count(confident, 'confident boundary server');
  const numbers = `${left} would stand in DNS without it, the floor is ${floor}`;
  const why = sentence(`It is ${reason ?? 'tagged as a client now'}`);
  const cause = `servers to be withdrawn stay in DNS: ${left} would be left there, the floor is ${floor}`;
  return { subject: id, rule: 'floor', sentence: `${id} stays in DNS: ${numbers}. ${why}`, cause };
}

/** Why a server stays that is unfit, though the floor would let it go. */
export function keptLately(id: string, reason = ''): Refusal {
  const over = 'and what was wrong then may be over';
  const why = `the floor kept it until lately, ${over}. ${sentence(`It is ${reason}`)}`;
  const cause = `servers to be withdrawn stay in DNS for now: the floor kept them until lately, ${over}`;
  return { subject: id, rule: 'floor', sentence: `${id} stays in DNS for now: ${why}`, cause };
}
