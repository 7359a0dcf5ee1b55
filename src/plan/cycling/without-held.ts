import { TIER_PLURALS, type Tier } from '../../fleet/fleet.ts';
import { type Refusal, sortRefusals } from '../refusal.ts';
import { forgetWave } from './attempts.ts';
import type { CyclesPlan } from './cycles.ts';
import { holds } from './host-rule.ts';

/** As much of a plan as its waves touch. */
type PlannedWaves = Pick<CyclesPlan, 'cycles' | 'refusals' | 'unfinished' | 'memory'>;

/**
 * The plan without the hosts that are held by now: hosts were looked at before others were waited for, and an operator may have tagged one
 * since. Each is refused as by the rule `held`, and nothing of a cycle is remembered of it. A command that has no host left goes away; of the
 * others no more restart at one time than before. Where a tier's whole wave goes away no run follows it: the next minute's does a tick.
 *
 * @param held instance ids, also of hosts that are in no wave
 * @param unsaid ids of which nobody knows whether they are held: they count as held, and that is said
 */
export function withoutHeld<P extends PlannedWaves>(
  planned: P,
  held: readonly string[],
  unsaid: readonly string[] = [],
): P {
  const isUnsaid = new Set(unsaid);
  const isHeld = new Set([...held, ...unsaid]);
  const taken = planned.cycles.flatMap(({ tier, instanceIds }) =>
    instanceIds.filter((id) => isHeld.has(id)).map((instanceId) => ({ tier, instanceId })),
  );
  if (taken.length === 0) return planned;
  const cycles = planned.cycles.flatMap((command) => {
    const instanceIds = command.instanceIds.filter((id) => !isHeld.has(id));
    const maxConcurrency = Math.min(command.maxConcurrency, instanceIds.length);
    return instanceIds.length > 0 ? { ...command, instanceIds, maxConcurrency } : [];
  });
  const memory = { ...planned.memory, rollOuts: { ...planned.memory.rollOuts } };
  let { unfinished } = planned;
  for (const tier of new Set(taken.map((host) => host.tier))) {
    const rollOut = memory.rollOuts[tier];
    if (!rollOut) continue;
    const ids = taken.filter((host) => host.tier === tier).map(({ instanceId }) => instanceId);
    const commands = cycles
      .filter((command) => command.tier === tier)
      .map(({ instanceIds }) => ({ commandId: null, instanceIds }));
    memory.rollOuts[tier] = { ...rollOut, commands };
    memory.cycles = forgetWave(memory.cycles, rollOut.startedAtMs, ids);
    unfinished ||= commands.length === 0;
  }
  const refusals = taken.map(({ tier, instanceId }) =>
    isUnsaid.has(instanceId) ? unsaidRefusal(tier, instanceId) : heldRefusal(tier, instanceId),
  );
  const kept = cycles.length > 0 ? planned.refusals : withoutWaves(planned.refusals);
  return { ...planned, cycles, refusals: sortRefusals([...kept, ...refusals]), unfinished, memory };
}

/** Of a host that was held after the tick that looked at it. */
export function heldRefusal(tier: Tier, instanceId: string): Refusal {
  const { sentence, cause } = holds({ instanceId });
  return { subject: instanceId, rule: 'held', sentence, cause: `${TIER_PLURALS[tier]} ${cause}` };
}

function unsaidRefusal(tier: Tier, instanceId: string): Refusal {
  const why = (them: string) => `EC2 does not say whether ${them} held`;
  return {
    subject: instanceId,
    rule: 'held',
    sentence: `${instanceId} is not cycled: ${why('it is')}.`,
    cause: `${TIER_PLURALS[tier]} are not cycled: ${why('they are')}`,
  };
}

/** Of a plan that cycles nobody after all: what its waves were to be is true no more. */
export function withoutWaves(refusals: readonly Refusal[]): Refusal[] {
  return refusals.filter(({ rule }) => rule !== 'wave');
}
