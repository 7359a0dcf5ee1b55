import type { Host, Pod } from '../fleet/fleet.ts';
import type { Hearing } from './convictions.ts';
import type { Facts } from './facts.ts';
import type { Judgement, RememberedBound, Sighting } from './judgement.ts';
import { boundNow, keepsTogether, roundedUp } from './last-bound.ts';

/** Of a server whose clock may become that by which its pod keeps one time: what its bound is should it be convicted. */
export interface KeeperBounds {
  /** By its own word. null: it tells none. */
  now: RememberedBound | null;
  /** As it was remembered, however long its daemon runs: others may follow it all the same. */
  before: RememberedBound | null;
}

/** Of other hosts nothing. `facts` null: no daemon answered. */
export function keeperBounds(
  facts: Facts | null,
  { host, judgedAt }: Sighting,
  pod: Pick<Pod, 'together'>,
  remembered: Readonly<Record<Host['instanceId'], RememberedBound>> = {},
): { keeper?: KeeperBounds } {
  if (!keepsTogether(host, pod)) return {};
  const now = facts === null || judgedAt === undefined ? null : boundNow(facts, judgedAt);
  return { keeper: { now, before: remembered[host.instanceId] ?? null } };
}

/**
 * What the next tick must know of the bound of a boundary server, once its witnesses were heard. Who is contradicted has none that holds.
 * Where a pod keeps one time all may follow him once the true time is lost, and no witness is left then: so what covers him is remembered
 * from the tick that last could tell until he is acquitted, which is his bound and how far off his witnesses saw him at the most.
 * undefined: it is not known. Decision 0095.
 */
export function boundAfterHearing(
  lastBound: RememberedBound | undefined,
  { findings, over, keeper }: Pick<Judgement, 'findings' | 'over'> & { keeper?: KeeperBounds },
  { mostMs }: Hearing,
  wasContradicted: boolean,
): RememberedBound | undefined {
  const isContradicted = findings.includes('contradicted');
  if (keeper === undefined) return isContradicted ? undefined : lastBound;
  if (over?.includes('disagreement') !== true) return lastBound;
  const { now, before } = keeper;
  if (isContradicted && now !== null) return covered(now, mostMs);
  if (wasContradicted) return before ?? undefined;
  return before === null ? undefined : covered(before, mostMs);
}

function covered(bound: RememberedBound, mostMs: number | null): RememberedBound | undefined {
  if (mostMs === null || !Number.isFinite(mostMs)) return undefined;
  return { ...bound, boundMs: roundedUp(bound.boundMs + mostMs) };
}
