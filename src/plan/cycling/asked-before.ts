import { duration } from '../../fleet/sentences.ts';
import type { CyclingContext } from './context.ts';
import type { Candidate, HostRule } from './host-rule.ts';
import { isEnough, pauseSeconds } from './undone.ts';

/* Rules of hosts that were asked before, and of those whose own word holds them off. */

export const givenUp: HostRule = {
  rule: 'given-up',
  liftedByForce: false,
  waits: false,
  refuses: ({ host, judgement }, { pod, attempts }) => {
    const times = attempts[host.instanceId]?.length ?? 0;
    if (!judgement?.stale || times < pod.cycling.attemptsPerDay) return null;
    const limit = `the limit is ${pod.cycling.attemptsPerDay}`;
    return {
      sentence: `${host.instanceId} is left alone: still stale after ${times} cycles in 24 h, ${limit}.`,
      cause: `are left alone: still stale after as many cycles in 24 h as there may be, ${limit}`,
    };
  },
};

/** A host that failed harms nobody else: the others of its roll-out go on without it. Decision 0050. */
export const failedBefore: HostRule = {
  rule: 'failed',
  liftedByForce: false,
  waits: false,
  refuses: ({ host }, { rollOuts }) =>
    rollOuts[host.tier].rollOut?.failed.includes(host.instanceId)
      ? {
          sentence: `${host.instanceId} is left out of the roll-out: it failed when it was cycled. It is asked again when DNS or the mode changes.`,
          cause: 'are left out of the roll-out until DNS or the mode changes: they failed when they were cycled',
        }
      : null,
};

/** "Nothing to do" has an end: a host that still looks stale after many such answers is asked no more. Decision 0051. */
export const nothingDone: HostRule = {
  rule: 'nothing-done',
  liftedByForce: true,
  waits: false,
  refuses: ({ host, judgement }, { undone }) => {
    const entry = undone[host.instanceId];
    if (!judgement?.stale || !entry || !isEnough(entry)) return null;
    return {
      sentence: `${host.instanceId} is left alone: asked ${entry.answers} times, it did nothing (${entry.reason}) and still looks stale. It is asked again when DNS or the mode changes, or its daemon restarts.`,
      cause: `are left alone until DNS or the mode changes, or their daemons restart: asked often, they did nothing (${entry.reason}) and still look stale`,
    };
  },
};

/** Between two such answers it is given some time. */
export const askedLately: HostRule = {
  rule: 'asked-lately',
  liftedByForce: true,
  waits: true,
  refuses: ({ host }, { nowMs, undone }) => {
    const entry = undone[host.instanceId];
    if (!entry) return null;
    const seconds = (nowMs - entry.atMs) / 1000;
    const limit = pauseSeconds(entry);
    if (seconds >= limit) return null;
    return {
      sentence: `${host.instanceId} was asked ${duration(seconds)} ago and did nothing (${entry.reason}); it is asked again after ${duration(limit)}.`,
      cause: `were asked lately and did nothing (${entry.reason}); they are asked again after ${duration(limit)}`,
    };
  },
};

/** A stale host has had the time for three cycles and the waits between them, by default; the alarm on stale hosts waits as long. */
const LONG_STALE_SECONDS = 3600;

/**
 * Whether a host is held off for long by nothing but its own word: at every look its daemon is younger than the cool-down, and podtime
 * did not ask it to restart.
 */
function looksYoungForLong({ host, judgement }: Candidate, context: CyclingContext): boolean {
  const { pod, nowMs, attempts, staleSinceMs } = context;
  const cooling = pod.cycling.coolDownSeconds;
  const sinceMs = staleSinceMs[host.instanceId] ?? nowMs;
  if (nowMs - sinceMs < Math.max(LONG_STALE_SECONDS, 2 * cooling) * 1000) return false;
  const askedAtMs = attempts[host.instanceId]?.at(-1) ?? Number.NEGATIVE_INFINITY;
  return nowMs - askedAtMs >= cooling * 1000 && (judgement?.measures.ageSeconds ?? Infinity) < cooling;
}

const LEFT_ALONE: readonly HostRule[] = [givenUp, failedBefore, nothingDone];

/** Of stale hosts: whether one is left alone, or holds itself off. podtime will not heal it, so an alarm tells somebody. */
export function needsPerson(candidate: Candidate, context: CyclingContext): boolean {
  return (
    LEFT_ALONE.some(({ refuses }) => refuses(candidate, context) !== null) || looksYoungForLong(candidate, context)
  );
}

/** Its own stamp, its daemon's age, or podtime's memory: whichever is youngest. */
export const coolDown: HostRule = {
  rule: 'cool-down',
  liftedByForce: true,
  waits: false,
  refuses: (candidate, context) => {
    const { host, judgement } = candidate;
    const { pod, nowMs, attempts, staleSinceMs } = context;
    const askedAtMs = attempts[host.instanceId]?.at(-1);
    const limit = pod.cycling.coolDownSeconds;
    const young = [
      { seconds: judgement?.cycledSecondsAgo ?? Infinity, what: 'was cycled', many: 'were cycled', ago: 'ago' },
      {
        seconds: judgement?.measures.ageSeconds ?? Infinity,
        what: 'runs a daemon that is',
        many: 'run a daemon that is',
        ago: 'old',
      },
      {
        seconds: askedAtMs === undefined ? Infinity : (nowMs - askedAtMs) / 1000,
        what: 'was asked to cycle',
        many: 'were asked to cycle',
        ago: 'ago',
      },
    ].find(({ seconds }) => seconds < limit);
    if (!young) return null;
    const why = `${host.instanceId} ${young.what} ${duration(young.seconds)} ${young.ago}; the cool-down is ${duration(limit)}.`;
    if (!looksYoungForLong(candidate, context)) {
      return { sentence: why, cause: `${young.many} less than the cool-down of ${duration(limit)} ${young.ago}` };
    }
    const stale = duration((nowMs - (staleSinceMs[host.instanceId] ?? nowMs)) / 1000);
    return {
      sentence: `${why} It has been stale for ${stale} and shows a young daemon at every look: it restarts by itself, or is mistaken.`,
      cause: 'have long been stale and show a young daemon at every look: they restart by themselves, or are mistaken',
    };
  },
};
