import type { Pod } from '../fleet/fleet.ts';
import { listed } from '../fleet/sentences.ts';
import { type CyclesPlan, planCycles } from './cycling/cycles.ts';
import { type CycleRequest, planRequestedCycles } from './cycling/on-demand.ts';
import { whyBlind } from './dns/blindness.ts';
import type { RecordChange } from './dns/changes.ts';
import { planRecords } from './dns/records.ts';
import type { PlanInput } from './input.ts';
import type { Memory } from './memory.ts';
import { sortRefusals } from './refusal.ts';
import { rememberSightings, type Sighted, sightingsOf } from './sightings.ts';

export { type CycleCommand, MOST_TURNS } from './cycling/commands.ts';
export {
  isForgotten,
  isSentWave,
  lostRollOut,
  ROLL_OUT_SCHEMA,
  type RollOut,
  WAVE_COMMAND_SCHEMA,
} from './cycling/memory.ts';
export {
  type CountedWave,
  LOOK_SECONDS,
  lookAtWave,
  type NextWave,
  type NextWaveInput,
  planNextWave,
  type WaveLook,
} from './cycling/next-wave.ts';
export type { CycleRequest } from './cycling/on-demand.ts';
export type { HostAnswer, WaveProgress } from './cycling/progress.ts';
export { rememberSent, type SentWave } from './cycling/roll-outs.ts';
export { podRollOutSentence } from './cycling/wave-time.ts';
export { withoutHeld, withoutWaves } from './cycling/without-held.ts';
export { changeGroups, packChanges } from './dns/batches.ts';
export { whyBlind } from './dns/blindness.ts';
export type { Foundation, RecordChange } from './dns/changes.ts';
export { classifyRecords } from './dns/ownership.ts';
export { presumedWithdrawn } from './dns/presumed.ts';
export { planInstanceEvent, planRegistration, type RegistrationPlan } from './dns/registration.ts';
export { planRetirement } from './dns/retirement.ts';
export type { PlanInput } from './input.ts';
export { EMPTY_MEMORY, MEMORY_SCHEMA, type Memory } from './memory.ts';
export { limitedMode, MODES, type Mode, type ModeLimit, stricterOf } from './mode.ts';
export { withoutFuture } from './past.ts';
export type { Refusal } from './refusal.ts';

/** What is to be done, what is not and why, and what the next tick must know. */
export interface Plan extends Omit<CyclesPlan, 'memory'> {
  changes: RecordChange[];
  /** The pod could not be seen: nothing is changed or cycled, and a refusal says why. */
  blind: boolean;
  /** Boundary servers that have been starting for longer than any start takes; instance ids. */
  startingTooLong: string[];
  memory: Memory;
}

/**
 * What one tick is to change in DNS, which daemons it is to cycle, what it will not do and why, and what the next tick must
 * know. Pure, and independent of the order of its input: two ticks that see the same plan the same. Nothing of it is done
 * yet; applied and planned again it has nothing left to change.
 *
 * | current state                                    | desired state                | plan                | refused, with a sentence |
 * | ------------------------------------------------ | ---------------------------- | ------------------- | ------------------------ |
 * | boundary server runs, without its record         | a record under its AZ's name | UPSERT              | tag, VPC, AZ or network do not agree; a foreign record blocks the name; mode `observe`, `hold` |
 * | its record has another address, TTL, name, family | the right one               | UPSERT, DELETE of the wrong one | the same |
 * | EC2 says the owner is dead                       | no record                    | DELETE              | mode `observe` |
 * | EC2 says twice, minutes apart, that there is no such owner | no record          | DELETE              | it said so once; too few confident servers stand (floor); mode `observe` |
 * | EC2 names no instance of the pod, dead or alive  | as it is                     | -                   | always: the pod is blind |
 * | unhealthy for `withdrawAfterSeconds`, or made a client | no record until it is confident again | DELETE | too few confident servers would be left (floor); mode `observe`, `hold` |
 * | a record of somebody else's                      | as it is                     | -                   | always: it is named, never touched |
 * | client polls what DNS no longer says (stale)     | it polls what DNS says       | a wave of `cycle` commands for each tier | `TIER_RULES`: mode, maintenance, leap second, too few answered, floor, DNS changing, wave under way, roll-out stopped |
 * |                                                  |                              |                     | `HOST_RULES`: held, unknown, given up, cool-down, no confident server to go to, … |
 * | too many hosts of the roll-out failed            | no further harm              | roll-out stopped    | until DNS or the mode changes |
 * | all is as it should be                           | the same                     | -                   | -    |
 *
 * Each case in full: `planRecords` (DNS), `TIER_RULES` and `HOST_RULES` (cycling), `assessRollOut` (waves).
 * Decision 0039.
 */
export function plan(input: PlanInput): Plan {
  const blind = whyBlind(input);
  if (blind !== null) return unchanged(rememberSightings(input), blindness(input.pod, blind));
  const recordsPlan = planRecords(input);
  const cyclesPlan = planCycles(input, recordsPlan);
  return {
    ...cyclesPlan,
    blind: false,
    startingTooLong: recordsPlan.startingTooLong,
    changes: recordsPlan.changes,
    refusals: sortRefusals([...recordsPlan.refusals, ...cyclesPlan.refusals]),
    memory: { ...recordsPlan.memory, ...cyclesPlan.memory, ...sightingsOf(input) },
  };
}

/**
 * What cycling on demand starts: of the hosts asked for as many as one wave takes, by the same rules as a tick. `force`
 * lifts staleness and cool-down, and nothing else. DNS is not changed; when it is due to change nothing is cycled.
 *
 * Hosts asked for by id are each answered; of a tier or AZ the hosts that are not stale are counted in one sentence. An id
 * that is no host of the pod, or an AZ that it does not have, is said and costs the others nothing. A dry run is the same
 * plan, not carried out.
 *
 * The memory is the tick's: what was cycled and the wave under way are added, and what hosts were seen to be; who is withdrawn is left
 * as it was. The next tick is due at once.
 */
export function planOnDemandCycle(input: PlanInput, request: CycleRequest): Plan {
  const blind = whyBlind(input);
  if (blind !== null) return unchanged(input.memory, blindness(input.pod, blind));
  const recordsPlan = planRecords(input);
  const cyclesPlan = planRequestedCycles(input, recordsPlan, request);
  return {
    ...cyclesPlan,
    blind: false,
    startingTooLong: recordsPlan.startingTooLong,
    changes: [],
    refusals: sortRefusals(cyclesPlan.refusals),
    memory: { ...rememberSightings(input), ...cyclesPlan.memory, seen: undefined },
  };
}

/** Where the current state could not be read, podtime cannot tell right from wrong: it changes nothing, says so, and remembers what it saw. */
export function planBlind(sighted: Sighted, unread: readonly string[], newer: readonly string[] = []): Plan {
  const { pod } = sighted;
  const why = [
    ...(unread.length > 0 ? [`${unread.join(' and ')} could not be read`] : []),
    ...newer.map((part) => `${part} is of a newer podtime`),
  ];
  const sentence = `Nothing is registered, withdrawn or cycled in pod ${pod.name}: ${listed(why)}.`;
  return unchanged(rememberSightings(sighted), blindness(pod, sentence));
}

/** The time of a run by hand was up before it had seen the pod, which the run itself says: it changes nothing, also of what is remembered. */
export function planCutOff(memory: Memory): Plan {
  return unchanged(memory, []);
}

function blindness(pod: Pod, sentence: string): Plan['refusals'] {
  return [{ subject: pod.name, rule: 'blind', sentence }];
}

/** Nothing is done. */
function unchanged(memory: Memory, refusals: Plan['refusals']): Plan {
  return {
    blind: true,
    startingTooLong: [],
    changes: [],
    cycles: [],
    refusals,
    stale: [],
    givenUp: [],
    unfinished: true,
    stoppedRollOuts: [],
    memory,
  };
}
