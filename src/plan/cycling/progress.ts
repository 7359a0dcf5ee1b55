import { DELIVERY_TIMEOUT_SECONDS } from '../../fleet/aws-limits.ts';
import type { Tier } from '../../fleet/fleet.ts';
import { CYCLE_TIMEOUT_SECONDS } from '../../host/parameters.ts';
import type { CycleOutcome } from '../../host/verdict.ts';
import { MOST_TURNS } from './commands.ts';
import type { RollOut } from './memory.ts';

/** From the plan until its last command is sent: no function that sends runs longer (`timeout` in serverless.yml, which a test holds to this). */
export const SENDING_SECONDS = 300;

/** One host's turn: SSM waits for its agent, which then ends the script at its limit. */
const TURN_SECONDS = DELIVERY_TIMEOUT_SECONDS + CYCLE_TIMEOUT_SECONDS;

/**
 * A host that said nothing for so long after its start has failed: a host asks its resolver, restarts its daemon and gives it 60 s to
 * follow DNS again. Decision 0064.
 */
export const SILENCE_SECONDS = 90;

/** How the last wave's commands stand together, read from SSM at this tick. */
export interface WaveProgress {
  tier: Tier;
  /** SSM says that every command of which it gave an id has ended. */
  ended: boolean;
  /** SSM lists every host of these commands, and as many answers as it counts. False: its lists lag, and who is missing may have answered. */
  isWhole: boolean;
  /** Of the hosts that are through: how it ended there. */
  answers: HostAnswer[];
}

export interface HostAnswer {
  instanceId: string;
  kind: CycleOutcome['kind'];
  /** `not-yet`, or SSM's status where there is no verdict. */
  reason: string;
}

/**
 * For how long after its plan a wave may still be at work on a host, whatever SSM says or does not say: until the last command is
 * sent, and then until every turn of the command with most of them has run into both its limits. Seconds.
 * Decision 0049.
 */
export function longestLifeSeconds(commands: RollOut['commands']): number {
  const turns = commands.map(({ instanceIds }) =>
    // a wave of which it is not even known whom it was sent to
    instanceIds.length === 0 ? MOST_TURNS : Math.min(instanceIds.length, MOST_TURNS),
  );
  return SENDING_SECONDS + Math.max(0, ...turns) * TURN_SECONDS;
}

/** Until when a host may be at work whose turn has begun by now; epoch ms. */
export function endOfTurnMs(begunAtMs: number): number {
  return begunAtMs + TURN_SECONDS * 1000;
}

/**
 * Whether SSM has begun with every host of these commands: it begins with the next when one is through, so no more are unanswered than may
 * run at one time. Where that number is not known, a command has the fewest that any has.
 */
export function haveAllBegun(
  commands: readonly { hosts: number; through: number; maxConcurrency?: number | undefined }[],
): boolean {
  return commands.every(
    ({ hosts, through, maxConcurrency }) => hosts - through <= (maxConcurrency ?? Math.ceil(hosts / MOST_TURNS)),
  );
}

/** How often hosts of these commands took each other's place; null where it is not known how many there were, or how many at one time. */
export function turnsOf(commands: RollOut['commands']): number | null {
  const turns = commands.map(({ instanceIds, maxConcurrency }) =>
    Math.ceil(instanceIds.length / (maxConcurrency ?? NaN)),
  );
  const most = Math.max(0, ...turns);
  // also of a damaged state: without hosts, none at one time
  return most > 0 && most < Infinity ? most : null;
}

/** Whether nothing of a wave can be at work any more, whatever SSM says. */
export function hasOutlived({ startedAtMs, commands }: RollOut, nowMs: number): boolean {
  return nowMs - startedAtMs >= longestLifeSeconds(commands) * 1000;
}

/** The host answered that it did nothing, and is to be asked again. A run that refuses to be the second of one wave tells of the first nothing. */
export function isUndone({ kind, reason }: HostAnswer): boolean {
  return kind === 'nothing' && reason !== 'same-wave';
}
