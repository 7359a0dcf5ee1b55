import type { KeeperBounds } from './convicted-bound.ts';
import type { Descent, FollowedClock } from './descent.ts';
import type { Judgement } from './judgement.ts';

/** As much of a first judgement as chains are followed by. */
export interface Link extends Pick<Judgement, 'host' | 'state'> {
  /** null: no daemon answered. */
  descent: Descent | null;
  /** Missing: its pod keeps no time of its own by it. */
  keeper?: KeeperBounds;
}

type Keeper = Link & { keeper: KeeperBounds };

const NOBODY: ReadonlySet<string> = new Set();

/**
 * Which clocks of a pod that keeps one time follow, by whatever chain, a clock that nobody knows a bound of: one that may have been set to anything, since nothing
 * was ever remembered of it. What is remembered of other servers does not cover it.
 *
 * | at the end of the chain                                                       | uncovered |
 * | ----------------------------------------------------------------------------- | --- |
 * | a server of which something is remembered, on its own clock or on a true one  | no |
 * | a server of which nothing is                                                  | yes |
 * | a clock that is no server of the pod                                          | yes |
 * | nobody knows who, and a server of which nothing is remembered may keep the time | yes |
 * | the same, and there is no such server                                         | no |
 *
 * A server that follows another is not at the end: one that was launched since all true time was lost makes nobody's bound unknown. Who did not answer is seen by
 * the row of who follows it: at the stratum of local clocks it is on its own clock, above that it follows another. Of several that a clock may
 * follow each gives a bound, so one that is covered is enough. Decision 0104.
 *
 * In other pods none has a bound by what is remembered of others, so nothing comes of it there.
 *
 * @param clocks of the first pass
 */
export function uncoveredChains(clocks: readonly Link[]): (clock: Link) => boolean {
  const isKeeper = (clock: Link): clock is Keeper => clock.keeper !== undefined;
  const keepers = new Map(clocks.filter(isKeeper).map((clock) => [clock.host.instanceId, clock]));
  const mayUncoveredLead = [...keepers.values()].some((clock) => !isRemembered(clock) && mayLead(clock));
  const isUncovered = ({ descent }: Link, passed: ReadonlySet<string>): boolean => {
    if (descent === null || isAtEnd(descent)) return false;
    if (descent.localClock === 'foreign') return true;
    if (descent.follows.length === 0) return mayUncoveredLead;
    return descent.follows.every((followed) => endsUncovered(followed, passed));
  };
  const endsUncovered = ({ name, isOnItsOwn }: FollowedClock, passed: ReadonlySet<string>): boolean => {
    const server = keepers.get(name);
    if (server === undefined || passed.has(name)) return mayUncoveredLead;
    if (server.descent === null) return !isRemembered(server) || (!isOnItsOwn && mayUncoveredLead);
    return isAtEnd(server.descent) ? !isRemembered(server) : isUncovered(server, new Set(passed).add(name));
  };
  return (clock) => isUncovered(clock, NOBODY);
}

/** It ends no chain in another's undisciplined clock: it follows a true one, or its own. */
function isAtEnd({ localClock }: Descent): boolean {
  return localClock === null || localClock === 'own';
}

function isRemembered({ keeper }: Keeper): boolean {
  return keeper.before !== null;
}

/** Of one that did not answer nobody knows. */
function mayLead({ state, descent }: Link): boolean {
  return descent === null ? state === 'unknown' : descent.localClock === 'own';
}

/** Neither by what is remembered of others nor by what it was told before: it follows that clock now. */
export function withoutLastBound<C extends Link & Pick<Judgement, 'lastBound'>>(clock: C): C {
  const { lastBound, ...others } = clock;
  const { keeper } = clock;
  return { ...others, ...(keeper && { keeper: { now: null, before: null } }) } as C;
}
