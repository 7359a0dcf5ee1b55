import { milliseconds } from '../diagnosis/milliseconds.ts';
import type { Thresholds, Tier } from '../fleet/fleet.ts';
import type { HostReport, Report } from './report.ts';

/** As far as a row says how its host stands. */
export type Standing = Pick<HostReport, 'tier' | 'state' | 'confident'> & { stale?: unknown };

/** Of these hosts the clock is known to be wrong, or set by nobody. */
export const WRONG_STATES: readonly HostReport['state'][] = ['contradicted', 'adrift', 'unsynchronised', 'no-daemon'];

export function isWrong({ state }: Pick<Standing, 'state'>): boolean {
  return WRONG_STATES.includes(state);
}

/** Who mends it: people; podtime, by cycling it; time, as it only starts; or there is nothing to mend. Decision 0146. */
export type Need = 'somebody' | 'podtime' | 'time' | 'nothing';

type Row = Omit<Standing, 'tier'> & Pick<HostReport, 'instanceId'>;

/** Of a stale host in these states a cycle mends all that is wrong: a source that is gone is not heard. */
const MENDED_BY_CYCLING: readonly HostReport['state'][] = ['healthy', 'starting', 'degraded'];

/** By these rules podtime leaves a stale host to people; by others it has its turn, or waits for it. */
const LEFT_TO_PEOPLE = ['given-up', 'failed', 'nothing-done', 'unmanaged', 'held'];

/** Of each row of the report who is needed. */
export function needReader(report: Pick<Report, 'mode' | 'dryRun' | 'refusals' | 'cycles'>): (row: Row) => Need {
  const { mode, dryRun, refusals, cycles } = report;
  const left = refusals.filter(({ rule }) => LEFT_TO_PEOPLE.includes(rule));
  const refused = cycles.filter(({ outcome }) => outcome.startsWith('failed'));
  const leftIds = new Set([
    ...left.flatMap(({ subjects }) => subjects),
    ...refused.flatMap((each) => each.instanceIds),
  ]);
  // an entry names some of its hosts: where it has more, nobody knows which, and people look once too often
  const areAllNamed = left.every(({ count, subjects }) => count <= subjects.length);
  const isAtWork = mode === 'act' && !dryRun && areAllNamed && !isStopped(report, 'client');
  return ({ instanceId, state, confident, stale }) => {
    if (stale !== undefined && stale !== null) {
      return isAtWork && !leftIds.has(instanceId) && MENDED_BY_CYCLING.includes(state) ? 'podtime' : 'somebody';
    }
    if (state === 'starting') return 'time';
    return state === 'healthy' && confident ? 'nothing' : 'somebody';
  };
}

/** Hosts failed when they were cycled, so the others of the tier are not. */
export function isStopped({ refusals }: Pick<Report, 'refusals'>, tier: Tier): boolean {
  return refusals.some(({ rule, sentence }) => rule === 'roll-out-stopped' && sentence.includes(` ${tier} tier`));
}

export type OffsetLimits = Pick<Thresholds, 'offsetMs' | 'timeServiceOffsetMs'>;

type Measured = Pick<HostReport, 'measures'>;

/** How far the clock is off, of what is over its limit: `80 ms off (limit 50 ms)`; of several the farthest. null: none is over. */
export function offWords(rows: readonly Measured[], limits: OffsetLimits): string | null {
  const [farthest] = rows.flatMap(({ measures }) => excesses(measures, limits)).toSorted((a, b) => b.times - a.times);
  return farthest?.text ?? null;
}

function excesses({ offsetMs = 0, timeServiceOffsetMs = 0 }: HostReport['measures'], limits: OffsetLimits) {
  return [
    { ms: Math.abs(offsetMs), limitMs: limits.offsetMs, from: '' },
    { ms: Math.abs(timeServiceOffsetMs), limitMs: limits.timeServiceOffsetMs, from: ' the AWS time service' },
  ]
    .filter(({ ms, limitMs }) => ms > limitMs)
    .map(({ ms, limitMs, from }) => ({
      times: ms / limitMs,
      text: `${milliseconds(ms)} off${from} (limit ${limitMs} ms)`,
    }));
}

/** It only starts, and is over a limit meanwhile: alarms wait, people are told. */
export function isOffAtStart(row: Pick<Standing, 'state'> & Measured, limits: OffsetLimits): boolean {
  return row.state === 'starting' && offWords([row], limits) !== null;
}
