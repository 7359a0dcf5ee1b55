import type { Judgement } from '../diagnosis/judgement.ts';
import { byText, sortedUnique } from '../fleet/ordering.ts';
import { planCycles } from './cycling/cycles.ts';
import { planRecords } from './dns/records.ts';
import type { Memory, Plan, PlanInput, Refusal } from './types.ts';

/**
 * What one tick is to change in DNS, which daemons it is to cycle, what it will not do and why, and what the next tick must
 * know. Pure, and independent of the order of its input: two ticks that see the same plan the same. Nothing of it is done
 * yet; applied and planned again it has nothing left to change.
 *
 * The tables stand at `planRecords` (DNS), `TIER_RULES` and `HOST_RULES` (cycling), `reckonRollOut` (waves).
 */
export function plan(input: PlanInput): Plan {
  const records = planRecords(input);
  const cycles = planCycles(input, records);
  return {
    ...cycles,
    changes: records.changes,
    refusals: inOrder([...records.refusals, ...cycles.refusals]),
    memory: { ...records.memory, ...cycles.memory, unjoined: unjoinedOf(input.judgements) },
  };
}

/** The report before, for the next tick's rule of names not joined. A silent host is in no report: it starts again. */
export function unjoinedOf(judgements: readonly Judgement[]): Memory['unjoined'] {
  const entries = judgements
    .filter(({ unjoinedNames }) => unjoinedNames.length > 0)
    .map(({ host, unjoinedNames }) => [host.instanceId, sortedUnique(unjoinedNames)] as const);
  return Object.fromEntries(entries);
}

/** By subject, then rule. */
export function inOrder(refusals: readonly Refusal[]): Refusal[] {
  return [...refusals].sort(
    (a, b) => byText(a.subject, b.subject) || byText(a.rule, b.rule) || byText(a.sentence, b.sentence),
  );
}
