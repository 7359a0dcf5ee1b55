import { count, duration, timeLeft } from '../fleet/sentences.ts';
import { LOCAL_STRATUM } from '../fleet/together.ts';
import type { Source } from '../ntp/source.ts';
import { type HoldoverCause, isHeard } from './contact.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { milliseconds, millisecondsBeside } from './milliseconds.ts';
import type { NearLeap } from './smear-classes.ts';
import { sourceName } from './source-names.ts';
import { isOwnClockTold } from './sources.ts';

/** What several hosts have in common. */
const CAUSES: Readonly<Record<HoldoverCause, string>> = {
  silent: 'they hear nobody (silent)',
  'no majority': 'no majority among their sources',
  'unsynchronised sources': 'their sources are unsynchronised',
  'local clock': 'they follow their own undisciplined clocks (local clock)',
  'followed local clock': `they follow others at stratum ${LOCAL_STRATUM} or more, where undisciplined clocks stand (local clock)`,
  'not known': 'they select none of their sources',
};

const ON_THEIR_OWN = 'they follow others that say that they follow their own undisciplined clocks (local clock)';

export function isPeerOnItsOwn(systemPeer: Facts['systemPeer']): boolean {
  return typeof systemPeer === 'object' && systemPeer !== null && isOwnClockTold(systemPeer);
}

/**
 * A clock that is set and follows nobody runs on by its last frequency: what is so, since when, how wrong it may be by now,
 * how fast that grows, and for how long it can be trusted. Of any daemon: ntpd drops its system peer then, chrony keeps it.
 */
export function holdoverFinding(facts: Facts): Finding | null {
  const { holdover } = facts.contact;
  if (holdover === null) return null;
  const sentence = `${situation(facts, holdover)}; ${prospect(facts)}.`;
  const known =
    isPeerOnItsOwn(facts.systemPeer) && holdover === 'followed local clock' ? ON_THEIR_OWN : CAUSES[holdover];
  const cause = facts.real.length === 0 && holdover === 'silent' ? 'no source' : known;
  return { state: 'holdover', sentence, cause, settles: true };
}

/**
 * A boundary server that none of its own sources sets, and another of its pod does: its time is true, and ends with that one's. So it is
 * not in holdover, and confident as little as any without sources. Decision 0095.
 */
export function followsMate({ contact: { mate }, real }: Facts): Finding | null {
  if (mate === null) return null;
  const isHeardByIt = real.some((source) => isHeard(source) === true);
  const without = isHeardByIt
    ? `selects none of its own ${count(real.length, 'source')}`
    : 'hears none of its own sources';
  return {
    state: 'degraded',
    sentence: `follows ${mate.remote}, a boundary server of its pod, and ${without}.`,
    cause: 'they follow other boundary servers of their pod, and none of their own sources',
    settles: true,
  };
}

function situation(
  { contact: { isHearing, silenceSeconds }, real, daemon, nearLeap, systemPeer }: Facts,
  holdover: HoldoverCause,
): string {
  const since = silenceSeconds === null ? '' : ` for ${duration(silenceSeconds)}`;
  const sources = count(real.length, 'source');
  switch (holdover) {
    case 'silent':
      return real.length === 0 ? `${daemon} has no source (silent)` : `heard nobody${since || SINCE_UNKNOWN} (silent)`;
    case 'no majority':
      return `no majority among ${sources}${differently(real, nearLeap)}`;
    case 'unsynchronised sources':
      return `the sources that ${daemon} hears are unsynchronised (stratum 16), ${sources} in all`;
    case 'local clock': {
      const heard = real.filter((source) => isHeard(source) === true).length;
      // who is heard may be nobody that it could follow: a time service that it watches
      return heard > 0 && (silenceSeconds === null || isHearing === true)
        ? `follows its own undisciplined clock, hears ${count(heard, 'source')} and selects none (local clock)`
        : `follows its own undisciplined clock, heard nobody${since || SINCE_UNKNOWN} (local clock)`;
    }
    case 'followed local clock': {
      const peer = typeof systemPeer === 'object' && systemPeer !== null ? sourceName(systemPeer) : 'a server';
      if (isPeerOnItsOwn(systemPeer))
        return `follows ${peer}, which says that it follows its own undisciplined clock (local clock)`;
      return `follows ${peer} at stratum ${LOCAL_STRATUM} or more, where undisciplined clocks stand (local clock)`;
    }
    case 'not known':
      return `selects none of its ${sources}, whether they are heard is not known`;
  }
}

/** The daemon follows nobody all the same; why it does is another matter. */
function differently(sources: readonly Source[], nearLeap: NearLeap | null): string {
  const classes = nearLeap === null ? new Set() : new Set(sources.map(nearLeap.classOf));
  return classes.size > 1 ? ', which may smear the leap second that is near differently' : '';
}

const SINCE_UNKNOWN = ' for a time that is not known';

/** What is to come of its bound. */
export function prospect({
  measures: { errorBoundMs, growthPpm, horizonSeconds },
  thresholds: { errorBoundMs: limit },
}: Pick<Facts, 'measures' | 'thresholds'>): string {
  if (errorBoundMs === null || growthPpm === null) {
    return horizonSeconds === 0
      ? `no bound on its error, since nobody ever set it (limit ${limit} ms): not trustworthy`
      : `error bound not known (limit ${limit} ms)`;
  }
  return errorBoundMs > limit || horizonSeconds === null
    ? `bound ${millisecondsBeside(errorBoundMs, limit)} is over the limit of ${limit} ms and grows by ${growthPpm} ppm: not trustworthy`
    : `bound ${milliseconds(errorBoundMs)} grows by ${growthPpm} ppm (limit ${limit} ms): trustworthy for ${timeLeft(horizonSeconds)} more`;
}
